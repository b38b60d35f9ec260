"""What README, CONTRIBUTING and docs/ name exists, and what the README tells to type works as it stands."""

import json
import re
import shlex
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import resolve
from prometheus_client.parser import text_string_to_metric_families

from customerops.embedded.paths import ROOT
from customerops.tests import inline, world
from customerops.tests.cast import key
from customerops.tests.documents import page, pages
from customerops.tests.people import arrived
from customerops.tests.servers import serving_web
from customerops.tests.terminal import Terminal
from customerops.tests.test_settings import told
from modeling.models import Deployment
from modeling.tests.cast import promoted

PAGES = pages()
README = page("README.md")
TYPED = [command for source in PAGES for command in source.commands()]
QUOTED = [words for source in PAGES for words in source.quoted()]
COMMANDS = sorted({words for words in QUOTED if words.startswith("manage.py ")})
CALLS = {words for words in QUOTED if re.fullmatch(r"(GET|POST|DELETE) /\S+", words)}


def targets() -> set[str]:
    """Of make."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_promise_is_shown_by_tests_or_a_benchmark_that_exist():
    table = README.text.partition("| promise | shown by |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", table, re.MULTILINE)
    assert len(rows) > 15
    for promise, shown in rows:
        files = re.findall(r"`([\w/]+\.py)`", shown)
        assert files or shown == "`make bench`", promise
        for file in files:
            assert re.search(r"^\s*def test_", (ROOT / file).read_text(), re.MULTILINE), file


def test_every_make_target_is_there_and_told_of():
    named = set(re.findall(r"\bmake ([a-z-]+)", " ".join([*QUOTED, *TYPED])))
    assert named <= targets()
    assert targets() - {"help", "install-dev", "lint"} <= named


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_and_flag_is_there(line):
    words = [word.strip("…") for word in shlex.split(line.partition(" > ")[0])]
    flags = {word for word in words if word.startswith("--")}
    assert flags <= set(inline.parser_of(words[1])._option_string_actions)


@pytest.mark.parametrize("call", sorted(CALLS))
def test_every_call_has_a_door(call):
    method, _, path = call.partition(" ")
    number = "1" if path.startswith("/v1/policies") else str(UUID(int=0))
    view: Any = resolve(path.replace("{id}", number)).func
    assert method.lower() in view.view_class.http_method_names
    assert hasattr(view.view_class, method.lower())


@pytest.mark.django_db
def test_every_page_named_answers():
    named = {words for words in QUOTED if re.fullmatch(r"/[a-z]+/?", words)}
    assert named == {"/docs", "/admin/", "/metrics", "/healthz", "/readyz"}
    for path in named:
        assert Client().get(path, follow=True).status_code in (200, 503 if path == "/readyz" else 200)


@pytest.mark.django_db
def test_every_series_named_is_exported_and_every_event_logged():
    families = text_string_to_metric_families(Client().get("/metrics").content.decode())
    exported = {name for family in families for name in (family.name, f"{family.name}_total")}
    kinds = r"(?:lead_(?:model|prediction|predictions|outcomes|enrichments)|pii|followup|customerops)_[a-z_]+"
    named = {words.partition("{")[0] for words in QUOTED if re.fullmatch(kinds + r"(\{.*\})?", words)}
    assert named - {"customerops_apikey"} <= exported
    assert len(named) > 10
    events = set(re.findall(r"events? `([a-z_]+)`", "\n".join(source.text for source in PAGES)))
    apps = [path.parent for path in ROOT.glob("*/apps.py")]
    sources = [path for app in apps for path in app.rglob("*.py") if "tests" not in path.parts]
    code = "\n".join(path.read_text() for path in sources)
    assert [event for event in events if f'"{event}"' not in code] == []
    assert len(events) > 2


def test_every_variable_named_is_a_setting():
    shouted = {words.partition("=")[0] for words in README.quoted() if re.match(r"[A-Z_]{4,}(=|$)", words)}
    known = set(told())
    assert (
        {"PORT", "DATABASE_URL", "SECRET_KEY_FILE"} <= shouted <= known | {f"{name}_FILE" for name in known}
    )


def test_every_variable_that_a_guide_names_is_a_setting():
    others = {"API_BASE", "API_KEY", "DETECTOR_VERSION"}  # of the release note, and of a module
    shouted = {words.partition("=")[0] for words in QUOTED if re.match(r"[A-Z]+_[A-Z_]+(=|$)", words)}
    assert {name.removesuffix("_FILE") for name in shouted - others} <= set(told())
    assert len(shouted) > 40


def test_the_apps_and_layers_are_those_that_exist():
    [places] = re.findall(r"## Where things are\n\n(.+?)\n\n", README.text, re.DOTALL)
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps == set(re.findall(r"`(\w+)` \w", places)) & apps
    assert re.search(r"layers = \[\"customerops\", .*\"privacy\"\]", (ROOT / "pyproject.toml").read_text())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_calls_work_as_they_stand_here(tmp_path):
    version = promoted().version_id
    with serving_web(tmp_path, workers=1) as port:
        terminal = Terminal(tmp_path, port=port, KEY=key("read", "write", "ops"))
        answers = [json.loads(answer) for answer in terminal.type_page(page("README.md")).values()]
    lead, conversed, memory, outcome, question = answers
    assert lead["messages"][0]["text"] == "How much would a kitchen be? I am [PERSON], call me on [PHONE]!"
    assert [message["text"] for message in conversed["messages"]] == [
        "What is your zip code?", "[POSTCODE], and please book me in for May",
    ]  # fmt: skip
    assert len(memory["turns"]) == 3
    assert outcome["state"] == "booked"
    for answer in (lead, question):
        assert answer["model_version"] == version
        assert answer["probability"] > 0
        assert answer.keys() >= shown_keys()
        assert all(reason.keys() == {"feature", "value", "effect", "text"} for reason in answer["reasons"])


def shown_keys() -> set[str]:
    """The keys of the answer that the README shows."""
    [shown] = re.findall(r"An answer reads `(.+?)`;", README.text, re.DOTALL)
    return set(re.findall(r'"(\w+)": ', shown))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_commands_work_as_they_stand_here(tmp_path, settings):
    settings.TUNING_SECONDS = 0.0
    world.files(tmp_path)
    world.policy("NAME")
    arrived()
    terminal, answers = Terminal(tmp_path), {}
    for command in inline.told(README):
        if command.startswith("manage.py rollback_model"):
            first = world.tried_out()
        answers[command] = terminal.type(command)

    def said(begins: str) -> str:
        [found] = [answer for command, answer in answers.items() if command.startswith(f"manage.py {begins}")]
        return found

    assert "800 leads created, 0 changed" in said("import_leads")
    assert "With nightly learning" in said("backtest")
    assert (tmp_path / "backtest-report" / "report.json").is_file()
    assert "promote version" in said("retrain")
    assert "AUC" in said("model_status")
    assert "AUC" in said("train_model")
    assert "Version" in said("register_model")
    assert f"Version {first} serves again" in said("rollback_model")
    assert Deployment.objects.get(kind="rollback").reason == "…"
    assert '"trigger": "request"' in said("erase_subject")
    assert "ada@example.org" in said("export_subject")
    assert re.fullmatch(r"\w{8}\.\w{32}\n", said("create_api_key"))
    assert len(answers) > 15
