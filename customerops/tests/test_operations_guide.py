"""docs/operations.md: what it tells to type works here, or names services, files and commands that exist."""

import io
import os
import pty
import subprocess
import sys

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import call_command

from customerops.embedded.paths import ROOT
from customerops.models import ApiKey
from customerops.tests import world
from customerops.tests.deploy.files import manifests, services
from customerops.tests.documents import page, pages, words
from customerops.tests.servers import serving_web
from customerops.tests.terminal import REFUSED, Terminal, inside, refusal
from modeling.tests.processes import environment

PAGE = page("docs/operations.md")
LINES = PAGE.commands()
# Of docker compose and kubectl; what follows them is checked word by word.
ACTIONS = {"build", "up", "exec", "run", "stop", "logs"}
VERBS = {"create", "apply", "exec", "delete", "rollout", "scale"}


def of(*first: str) -> list[list[str]]:
    """The words of those commands, on whatever page, that begin like this."""
    typed = [words(line) for source in pages() for line in source.commands()]
    return [line[len(first) :] for line in typed if tuple(line[: len(first)]) == first]


def test_nothing_is_told_that_no_test_knows():
    programs = {words(inside(line))[0] for line in LINES}
    assert programs - REFUSED.keys() == {"manage.py", "curl", "export", "cp", "deploy/make_secrets.sh"}
    assert len(LINES) > 30


def test_what_runs_inside_of_a_container_is_typed_outside():
    assert inside("docker compose exec api python manage.py canary") == "manage.py canary"
    assert inside("docker compose run --rm prepare") == "manage.py prepare"
    exec_in = "kubectl --namespace customerops exec deploy/api -- "
    assert inside(f"{exec_in}python manage.py create_api_key crm") == "manage.py create_api_key crm"
    assert refusal("docker compose exec api python manage.py canary") == ""
    assert refusal("docker compose stop") != ""
    assert refusal("kubectl get pods") != ""


@pytest.mark.parametrize("typed", of("docker", "compose"), ids=" ".join)
def test_compose_is_asked_for_services_that_are_there(typed):
    action, *rest = typed
    assert action in ACTIONS
    named = [word for word in rest if not word.startswith("-") and word != "1h"]
    scaled = [word.partition("=")[0] for word in named if "=" in word]
    if action in ("exec", "run"):
        named = named[:1]
    assert {word for word in named if "=" not in word} | set(scaled) <= services().keys()


@pytest.mark.parametrize("typed", of("kubectl"), ids=" ".join)
def test_kubectl_is_asked_for_objects_that_are_there(typed):
    if typed[0] == "--namespace":
        [namespace] = [one["metadata"]["name"] for one in manifests() if one["kind"] == "Namespace"]
        assert typed[1] == namespace
        typed = typed[2:]
    assert typed[0] in VERBS
    deployments = {f"deploy/{one['metadata']['name']}" for one in manifests() if one["kind"] == "Deployment"}
    assert {word for word in typed if word.startswith("deploy/")} <= deployments | {"deploy/kubernetes"}
    jobs = {one["metadata"]["name"] for one in manifests() if one["kind"] == "Job"}
    if "job" in typed:
        assert typed[typed.index("job") + 1] in jobs
    secret = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "examples" / "secret.yaml").read_text())
    if "secret" in typed:
        assert typed[typed.index("generic") + 1] == secret["metadata"]["name"]


def test_scripts_it_names_are_there_and_take_what_they_are_given():
    scripts = [words(line) for line in LINES if line.startswith("deploy/")]
    assert {script for script, *_ in scripts} == {
        f"deploy/{name}.sh" for name in ("backup", "make_secrets", "restore")
    }
    for name, *given in scripts:
        script = ROOT / name
        assert os.access(script, os.X_OK)
        for flag in (word for word in given if word.startswith("--")):
            assert f"{flag})" in script.read_text()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_it_tells_to_type_works_in_its_order(tmp_path, settings):
    settings.TUNING_SECONDS = 0.0
    variables = world.made(tmp_path)
    (tmp_path / "inventory.json").write_text(call_command("inventory", stdout=io.StringIO()))
    (tmp_path / "metrics").mkdir()
    with serving_web(tmp_path / "metrics", workers=1) as port:
        terminal = Terminal(tmp_path, port=port, BACKUP=str(tmp_path), **variables)
        told = terminal.type_page(page("docs/operations.md"))
    curls = [said for line, said in told.items() if line.startswith("curl")]
    status, rolled_back, off, asked, on, ready, metrics = curls
    assert "champion" in status
    assert "version" in rolled_back
    assert ('"on":false' in off, '"on":false' in asked, '"on":true' in on) == (True, True, True)
    assert '"status"' in ready
    assert len(metrics.splitlines()) == 3
    assert "AUC" in told["manage.py model_status"]
    assert "serves again" in told['manage.py rollback_model --reason "worse for partners"']
    assert ApiKey.objects.filter(revoked=True, prefix=terminal.variables["OLD_PREFIX"]).exists()
    assert len((tmp_path / "deploy" / "secrets" / "contact_keys").read_text()) > 40
    assert (tmp_path / "deploy" / ".env").is_file()
    assert (tmp_path / terminal.variables["COMPOSE_FILE"]).is_file()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_first_user_is_made_by_answering_at_a_terminal():
    [line] = [line for line in LINES if "createsuperuser" in line]
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        [sys.executable, *words(inside(line))], cwd=ROOT, env=environment(), start_new_session=True,
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    answers = {
        "Username": "ada",
        "Email": "ada@example.org",
        "Password:": "let 3 me in",
        "again": "let 3 me in",
    }
    said = ""
    for question, answer in answers.items():
        while question not in said:
            said += os.read(ours, 1000).decode()
        os.write(ours, f"{answer}\n".encode())
    assert asked.wait(30) == 0
    os.close(ours)
    assert User.objects.get(username="ada").is_superuser
