"""What README, CONTRIBUTING and docs/ name exists, and what the README tells to type works as it stands."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.core.management import get_commands, load_command_class
from django.test import Client
from django.urls import resolve
from django.utils.timezone import now

from customerops.embedded.paths import ROOT
from customerops.tests.cast import key
from customerops.tests.servers import serving_web
from customerops.tests.test_settings import told
from modeling import registry
from modeling.models import Deployment
from modeling.tests.cast import archived, promoted
from modeling.tests.processes import environment

PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
README = (ROOT / "README.md").read_text()


def quoted(text: str) -> list[str]:
    """What stands between backticks, blocks left out."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


TEXT = "\n".join(page.read_text() for page in PAGES)
BLOCKS = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))
QUOTED = quoted(TEXT)
COMMANDS = [words for words in QUOTED if words.startswith("manage.py ")]
CALLS = {words for words in QUOTED if re.fullmatch(r"(GET|POST|DELETE) /\S+", words)}
MADE_LATER = {".venv/bin/python", "./var", "var/tools"}


def targets() -> set[str]:
    """Of make."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def command_in(row: str) -> str:
    """The one command line of the README's table that begins like this."""
    [found] = [words for words in quoted(README) if words.startswith(f"manage.py {row}")]
    return found


def test_every_path_and_link_is_there():
    named = {words for words in QUOTED if re.fullmatch(r"[\w.-]*/[\w./-]+|\w+\.(?:py|in|txt|md|yaml)", words)}
    named = {words for words in named if not words.startswith("/")} - MADE_LATER
    missing = [path for path in named if not (ROOT / path).exists() and path not in ("model.json",)]
    for page in PAGES:
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        missing += [link for link in links if not (page.parent / link).exists()]
    assert missing == []
    assert len(named) > 20


def test_every_promise_is_shown_by_tests_or_a_benchmark_that_exist():
    table = README.partition("| promise | shown by |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", table, re.MULTILINE)
    assert len(rows) > 15
    for promise, shown in rows:
        files = re.findall(r"`([\w/]+\.py)`", shown)
        assert files or shown == "`make bench`", promise
        for file in files:
            assert re.search(r"^\s*def test_", (ROOT / file).read_text(), re.MULTILINE), file


def test_every_make_target_is_there_and_told_of():
    named = set(re.findall(r"\bmake ([a-z-]+)", " ".join(QUOTED) + BLOCKS))
    assert named <= targets()
    assert targets() - {"help", "install-dev", "lint"} <= named


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_and_flag_is_there(line):
    words = [word.strip("…") for word in shlex.split(line.partition(" > ")[0])]
    name, flags = words[1], [word for word in words if word.startswith("--")]
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    assert set(flags) <= set(parser._option_string_actions)


@pytest.mark.parametrize("call", sorted(CALLS))
def test_every_call_has_a_door(call):
    method, _, path = call.partition(" ")
    view: Any = resolve(path.replace("{id}", str(UUID(int=0)))).func
    assert method.lower() in view.view_class.http_method_names
    assert hasattr(view.view_class, method.lower())


@pytest.mark.django_db
def test_every_page_named_answers():
    pages = {words for words in QUOTED if re.fullmatch(r"/[a-z]+/?", words)}
    assert pages == {"/docs", "/admin/", "/metrics", "/healthz", "/readyz"}
    for page in pages:
        assert Client().get(page, follow=True).status_code in (200, 503 if page == "/readyz" else 200)


def test_every_variable_named_is_a_setting():
    shouted = {words.partition("=")[0] for words in quoted(README) if re.match(r"[A-Z_]{4,}(=|$)", words)}
    known = set(told())
    assert (
        {"PORT", "DATABASE_URL", "SECRET_KEY_FILE"} <= shouted <= known | {f"{name}_FILE" for name in known}
    )


def test_the_apps_and_layers_are_those_that_exist():
    [places] = re.findall(r"## Where things are\n\n(.+?)\n\n", README, re.DOTALL)
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps == set(re.findall(r"`(\w+)` \w", places)) & apps
    assert re.search(r"layers = \[\"customerops\", .*\"privacy\"\]", (ROOT / "pyproject.toml").read_text())


def curls() -> list[str]:
    """The calls of the section "Use", each with its comment."""
    [block] = re.findall(r"## Use\n.*?```sh\n(.*?)```", README, re.DOTALL)
    return str(block).strip().split("\n\n")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.django_db(transaction=True)
def test_the_calls_work_as_they_stand_here(tmp_path):
    variables = {"KEY": key("read", "write", "ops"), "LEAD_ID": "", "PATH": os.environ["PATH"]}
    answers = []
    version = promoted().version_id
    with serving_web(tmp_path, workers=1) as port:
        for call in curls():
            here = call.replace("localhost:8000", f"localhost:{port}").replace("curl ", "curl -sS ")
            answers.append(json.loads(typed(here, env=variables)))
            variables["LEAD_ID"] = variables["LEAD_ID"] or answers[0]["lead_id"]
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


def typed(line: str, **where) -> str:
    """What a shell prints for it."""
    told = subprocess.run(["bash", "-euc", line], capture_output=True, text=True, check=False, **where)
    assert told.returncode == 0, told.stderr
    return told.stdout


def shown_keys() -> set[str]:
    """The keys of the answer that the README shows."""
    [shown] = re.findall(r"An answer reads `(.+?)`;", README, re.DOTALL)
    return set(re.findall(r'"(\w+)": ', shown))


def history(path: Path) -> None:
    """A file with the columns the README's example names: partners and those who visit often win more."""
    lines, random = ["arrived,ended,channel,visits"], Random(7)
    for number in range(800):
        day = now() - timedelta(days=260 - number / 4)
        channel, visits = random.choice(["partner", "web"]), random.randrange(8)
        won = random.random() < 0.1 + 0.4 * (channel == "partner") + 0.04 * visits
        lines.append(f"{day:%Y-%m-%d %H:%M},{'Won' if won else 'Lost'},{channel},{visits}")
    path.write_text("\n".join(lines))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_commands_work_as_they_stand_here(tmp_path):
    history(tmp_path / "leads.csv")
    given = environment(TUNING_SECONDS="0", PYTHONWARNINGS="ignore")
    manage = shlex.join([sys.executable, str(ROOT / "manage.py")])

    def run(begins: str, *, gap: str = "…", fill: str = "") -> str:
        line = command_in(begins).replace(gap, fill).replace("manage.py", manage)
        return typed(line, env=given, cwd=tmp_path)

    flags = command_in("import_leads").partition("leads.csv ")[2]
    assert "800 leads created, 0 changed" in run("import_leads")
    flags += " --tuning-seconds 0"
    assert "With nightly learning" in run("backtest", gap="…the same flags…", fill=flags)
    assert (tmp_path / "backtest-report" / "report.json").is_file()
    assert "promote version" in run("retrain")
    assert "AUC" in run("model_status")
    run("export_outcomes")
    assert "AUC" in run("train_model")
    assert "Version" in run("register_model")
    first = registry.champion().version_id
    registry.force(version=archived().version, actor="ada", reason="a try")
    assert f"Version {first} serves again" in run("rollback_model", fill="'no better'")
    assert Deployment.objects.order_by("-pk")[0].reason == "no better"
    assert re.fullmatch(r"\w{8}\.\w{32}\n", run("create_api_key"))
