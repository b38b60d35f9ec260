"""docs/operations.md: what it tells to type works here, or names services, files and commands that exist."""

import io
import os
import re
import shlex
import shutil
from string import Template

import pytest
import yaml
from django.core.management import call_command, get_commands, load_command_class

from customerops.embedded.paths import ROOT
from customerops.models import ApiKey
from customerops.tests.cast import key
from customerops.tests.deploy.files import manifests, services
from customerops.tests.servers import serving_web
from customerops.tests.test_readme import typed
from modeling.tests.cast import past_leads, promoted

PAGE = (ROOT / "docs" / "operations.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
# Of docker compose and kubectl; what follows them is checked word by word.
ACTIONS = {"build", "up", "exec", "run", "stop", "logs"}
VERBS = {"create", "apply", "exec", "delete", "rollout", "scale"}


def lines() -> list[str]:
    """Every command, continued lines joined."""
    return [line for block in BLOCKS for line in re.sub(r"\\\n\s*", "", block).splitlines() if line]


def of(*first: str) -> list[list[str]]:
    """The words of those commands that begin like this."""
    words = [shlex.split(line) for line in lines()]
    return [line[len(first) :] for line in words if tuple(line[: len(first)]) == first]


def manage_commands() -> list[list[str]]:
    """What is told to be run of manage.py, inside of containers and out."""
    inside = [
        line[line.index("manage.py") + 1 :] for line in of("docker") + of("kubectl") if "manage.py" in line
    ]
    return [*of("manage.py"), *inside]


def test_nothing_is_told_that_no_test_knows():
    known = {"docker", "kubectl", "manage.py", "curl", "export", "cp"}
    first = {line.split()[0] for line in lines()}
    assert {word for word in first if not word.startswith("deploy/")} == known
    assert len(lines()) > 30


@pytest.mark.parametrize("words", manage_commands(), ids=" ".join)
def test_every_command_and_flag_of_manage_py_exists(words):
    parser = load_command_class(get_commands()[words[0]], words[0]).create_parser("manage.py", words[0])
    flags = {word for word in words if word.startswith("--")}
    assert flags <= set(parser._option_string_actions)


@pytest.mark.parametrize("words", of("docker", "compose"), ids=" ".join)
def test_compose_is_asked_for_services_that_are_there(words):
    action, *rest = words
    assert action in ACTIONS
    named = [word for word in rest if not word.startswith("-") and word != "1h"]
    scaled = [word.partition("=")[0] for word in named if "=" in word]
    if action in ("exec", "run"):
        named = named[:1]
    assert {word for word in named if "=" not in word} | set(scaled) <= services().keys()


@pytest.mark.parametrize("words", of("kubectl"), ids=" ".join)
def test_kubectl_is_asked_for_objects_that_are_there(words):
    if words[0] == "--namespace":
        [namespace] = [one["metadata"]["name"] for one in manifests() if one["kind"] == "Namespace"]
        assert words[1] == namespace
        words = words[2:]
    assert words[0] in VERBS
    deployments = {f"deploy/{one['metadata']['name']}" for one in manifests() if one["kind"] == "Deployment"}
    assert {word for word in words if word.startswith("deploy/")} <= deployments | {"deploy/kubernetes"}
    jobs = {one["metadata"]["name"] for one in manifests() if one["kind"] == "Job"}
    if "job" in words:
        assert words[words.index("job") + 1] in jobs
    secret = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "examples" / "secret.yaml").read_text())
    if "secret" in words:
        assert words[words.index("generic") + 1] == secret["metadata"]["name"]


def test_scripts_and_files_it_names_are_there_and_take_what_they_are_given():
    for line in lines():
        words = shlex.split(line)
        if words[0].startswith("deploy/"):
            script = ROOT / words[0]
            assert os.access(script, os.X_OK)
            for flag in (word for word in words[1:] if word.startswith("--")):
                assert f"{flag})" in script.read_text()
        elif words[0] == "cp":
            assert (ROOT / words[1]).is_file()
        elif words[0] == "export":
            assert (ROOT / words[1].partition("=")[2]).is_file()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.django_db(transaction=True)
def test_the_calls_work_in_their_order(tmp_path):
    promoted(base=0.1), promoted(base=0.2)
    variables = {"KEY": key("ops"), "PATH": os.environ["PATH"]}
    said = []
    with serving_web(tmp_path, workers=1) as port:
        for block in BLOCKS:
            for call in block.strip().split("\n\n"):
                if call.startswith("curl "):
                    here = call.replace("https://customerops.example", f"http://localhost:{port}")
                    said.append(typed(here.replace("curl ", "curl -sS --fail-with-body ", 1), env=variables))
    status, rolled_back, off, asked, on, ready, metrics = said
    assert "champion" in status
    assert "version" in rolled_back
    assert ('"on":false' in off, '"on":false' in asked, '"on":true' in on) == (True, True, True)
    assert '"status"' in ready
    assert len(metrics.splitlines()) == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_commands_work_in_their_order(tmp_path, settings):
    settings.TUNING_SECONDS = 0.0
    past_leads()
    promoted(base=0.1), promoted(base=0.2)
    (tmp_path / "inventory.json").write_text(call_command("inventory", stdout=io.StringIO()))
    told: dict[str, str] = {}
    for words in of("manage.py"):
        prefix = told.get("create_api_key", "").partition(".")[0]
        here = [Template(word).substitute(BACKUP=tmp_path, OLD_PREFIX=prefix) for word in words]
        said = io.StringIO()
        call_command(*here, stdout=said, stderr=io.StringIO())
        told.setdefault(words[0], said.getvalue())
    assert set(told) == {words[0] for words in of("manage.py")}
    assert "AUC" in told["model_status"]
    assert "serves again" in told["rollback_model"]
    assert not ApiKey.objects.filter(revoked=False).exists()


def test_each_earlier_command_has_one_of_ours():
    table = PAGE.partition("## Coming from the release note's commands")[2]
    rows = re.findall(r"^\| (.+?) (?<!\\)\| (.+) \|$", table, re.MULTILINE)[1:]
    assert len(rows) > 10
    for earlier, ours in rows:
        assert re.search(r"`.+`|the same|row|none|made|there", ours), earlier
