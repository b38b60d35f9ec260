"""Operating the model over REST."""

import pytest
from django.test import Client

from customerops.models import ApiKey
from modeling import registry, serving
from modeling.models import RetrainRun
from modeling.tests.cast import archived, promoted, the

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_loaded(monkeypatch):
    monkeypatch.setattr(serving, "_serving", serving.Serving(role="none"))


def client_of(*scopes: str) -> Client:
    _, key = ApiKey.objects.create_key(name=f"ci {'-'.join(scopes)}", scopes=list(scopes))
    return Client(headers={"x-api-key": key})


@pytest.fixture
def ops() -> Client:
    return client_of("ops")


ADDRESSES = [
    ("get", "/ops/model-status"),
    ("get", "/ops/runs"),
    ("get", "/ops/runs/1"),
    ("post", "/ops/retrain"),
    ("post", "/ops/rollback"),
    ("post", "/ops/reload-model"),
]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_it_asks_for_a_key_with_the_scope_ops(method, address):
    assert getattr(Client(), method)(address).status_code == 401
    assert getattr(client_of("read", "write"), method)(address).status_code == 403


def test_reloading_answers_with_the_keys_dashboards_use(ops):
    first, second = promoted(base=0.1), promoted(base=0.2)
    answer = ops.post("/ops/reload-model").json()
    assert set(answer) == {
        "ok", "auc", "version", "previous_version", "sha256", "n_train",
        "processes_total", "processes_on_version", "took_ms",
    }  # fmt: skip
    assert (answer["ok"], answer["auc"], answer["version"]) == (True, 0.78, second.version_id)
    assert (answer["previous_version"], answer["n_train"]) == (first.version_id, 523)


def test_reloading_without_a_model_says_so_and_stays_200(ops):
    response = ops.post("/ops/reload-model")
    assert response.status_code == 200
    assert {key: response.json()[key] for key in ("ok", "auc", "version")} == {
        "ok": False, "auc": None, "version": 0
    }  # fmt: skip


def test_reloading_takes_no_threshold_and_no_path_from_the_caller(ops):
    promoted()
    answer = ops.post("/ops/reload-model?path=/etc/passwd&threshold=0", {"version": 1}, "application/json")
    assert answer.json()["version"] == the(registry.champion()).version_id


def test_rolling_back_adds_a_line_with_the_keys_name(ops):
    first, second = promoted(base=0.1), promoted(base=0.2)
    answer = ops.post("/ops/rollback", {"reason": "it scores all alike"}, "application/json").json()
    assert (answer["version"], answer["previous_version"]) == (first.version_id, second.version_id)
    assert (the(registry.champion()).actor, the(registry.champion()).reason) == (
        "key ci ops",
        "it scores all alike",
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"reason": " "}, 400),
        ({"to": "yesterday", "reason": "why"}, 400),
        ({"to": 12, "reason": "why"}, 404),
        ({"reason": "why"}, 409),
    ],
)
def test_it_refuses_a_rollback_that_cannot_be(ops, body, status):
    promoted()
    response = ops.post("/ops/rollback", body, "application/json")
    assert response.status_code == status
    assert response["content-type"] == "application/problem+json"


def test_it_refuses_to_roll_back_to_what_never_served(ops):
    promoted(base=0.1)
    held = archived(base=0.2, verdict="hold")
    body = {"to": held.version, "reason": "hope"}
    response = ops.post("/ops/rollback", body, "application/json")
    assert response.status_code == 409
    assert "never served" in response.json()["detail"]


def test_two_triggers_make_one_run(ops):
    first, second = ops.post("/ops/retrain"), ops.post("/ops/retrain")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert RetrainRun.objects.get().trigger == "key ci ops"


def test_a_run_can_be_watched(ops):
    run = ops.post("/ops/retrain").json()
    RetrainRun.objects.update(status="running", phase="tuning", progress=0.4, report={"rows": {"known": 7}})
    seen = ops.get(f"/ops/runs/{run['id']}").json()
    assert (seen["phase"], seen["progress"], seen["report"]) == ("tuning", 0.4, {"rows": {"known": 7}})
    assert [row["id"] for row in ops.get("/ops/runs").json()["results"]] == [run["id"]]
    assert ops.get("/ops/runs/999999").status_code == 404


def test_the_status_tells_what_serves_and_why(ops):
    empty = ops.get("/ops/model-status").json()
    assert (empty["champion"], empty["last_run"], empty["ledger"]) == (None, None, [])
    deployed = promoted()
    full = ops.get("/ops/model-status").json()
    assert full["champion"]["version"] == deployed.version_id
    assert (full["champion"]["actor"], full["champion"]["reason"]) == ("ada", "it is better")
    assert full["ledger"][0]["kind"] == "promote"
