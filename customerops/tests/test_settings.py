"""Settings: nonsense is refused by name, each variable is told of once, and what is set has its effect."""

import ast
import re
import runpy
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.db.backends.postgresql.base import DatabaseWrapper

from customerops.embedded import sandbox
from customerops.embedded.paths import ROOT, postgres_url
from customerops.env import EnvError

SETTINGS = ROOT / "customerops" / "settings.py"
READERS = {
    "text",
    "secret",
    "sender",
    "flag",
    "mail_server",
    "names",
    "places",
    "whole",
    "real",
    "region",
    "choice",
    "weights",
    "url",
    "postgres",
}
OF_OTHERS = {"DJANGO_SETTINGS_MODULE", "PATH"}
OF_MAKE = {"PYTHON"}
OF_SCRIPTS = {"IN_POSTGRES", "MANAGE"}


def calls_in_settings() -> list[tuple[str, ast.Call]]:
    """Each variable with the call that reads it."""
    tree = ast.parse(SETTINGS.read_text())
    found = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return [(ast.literal_eval(call.args[0]), call) for call in found if ast.unparse(call.func) in READERS]


def numbers() -> dict[str, dict[str | None, str]]:
    """Each number with its default and bounds, as written."""
    found = {}
    for name, call in calls_in_settings():
        if ast.unparse(call.func) in ("whole", "real"):
            terms = {word.arg: word.value for word in call.keywords} | {"default": call.args[1]}
            found[name] = {key: ast.unparse(value).replace("_", "") for key, value in terms.items()}
    return found


def read_elsewhere() -> set[str]:
    """What the rest of the code takes from the environment by itself."""
    pattern = re.compile(r"os\.environ(?:\.get\(|\[)[\"']([A-Z_]+)[\"']")
    sources = [
        path
        for app in ("customerops", "leads", "modeling", "privacy", "benchmarks")
        for path in (ROOT / app).rglob("*.py")
        if "peers" not in path.parts
    ]
    return {name for path in sources for name in pattern.findall(path.read_text())} - OF_OTHERS


def told() -> dict[str, tuple[str, str]]:
    """Each variable in docs/configuration.md with its default and what it does."""
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$",
        (ROOT / "docs" / "configuration.md").read_text(),
        re.MULTILINE,
    )
    assert len({name for name, _, _ in rows}) == len(rows), "a variable is told of twice"
    return {name: (default, does) for name, default, does in rows}


@pytest.fixture
def load(monkeypatch, tmp_path):
    """The settings of an environment that holds these variables alone."""

    def load(**variables: str):
        for name in told():
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("VAR_DIR", str(tmp_path))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return load


def test_every_variable_is_told_of_in_one_place():
    assert set(told()) - OF_MAKE - OF_SCRIPTS == {name for name, _ in calls_in_settings()} | read_elsewhere()


def test_every_variable_is_read_once():
    names = [name for name, _ in calls_in_settings()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", numbers())
def test_the_default_and_the_bounds_told_are_those_that_hold(name):
    default, does = told()[name]
    number = numbers()[name]
    low, high = (eval(number[bound]) for bound in ("at_least", "at_most"))  # noqa: S307 - our own numbers
    assert f"{low} to {high}" in does
    if number["default"].replace(".", "").isdigit():
        assert default == f"`{number['default']}`"


@pytest.mark.parametrize("name", numbers())
@pytest.mark.parametrize("value", ["many", "-1", "1e300", "nan", "999999999999"])
def test_a_number_that_is_none_or_out_of_bounds_is_refused_by_name(load, name, value):
    with pytest.raises(EnvError, match=f"^{name} must be "):
        load(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "maybe", "must be true or false"),
        ("LOG_LEVEL", "loud", "must be one of DEBUG, ERROR, INFO, WARNING"),
        ("OUTCOME_REWARDS", "won=1", "has 'won'; it takes booked"),
        ("OUTCOME_REWARDS", "booked=much", "gives booked the value 'much'"),
        ("OUTCOME_REWARDS", "booked=inf", "gives booked the value 'inf'"),
        ("DATABASE_URL", "mysql://h/x", "must start with postgres://"),
        ("DATABASE_URL", "postgres://", "is no URL"),
        ("DATABASE_URL", "postgres://ada:s3cr#et@h:5432/x", "is no URL"),
        ("DATABASE_URL", "postgres://[::1/x", "is no URL"),
        ("REDIS_URL", "http://h", "must start with redis://"),
        ("REDIS_URL", "redis://h:port/0", "is no URL"),
        ("BROKER_URL", "h:6379", "must start with redis://"),
        ("EMAIL_URL", "imap://h", "must start with smtp://, smtp+tls://, smtps://"),
        ("EMAIL_URL", "smtp://ada:s3cr@h/inbox", "is a scheme, a user, a password, a host and a port"),
        ("EMAIL_URL", "smtp://ada:s3cr@h?tls=1", "is a scheme, a user, a password, a host and a port"),
        ("EMAIL_URL", "smtps://:25", "is a scheme, a user, a password, a host and a port"),
        ("EMAIL_URL", "smtp://ada:s3cr#et@h", "is no URL"),
        ("FOLLOWUP_FROM", "Ada", "must be an address, such as"),
        ("FOLLOWUP_FROM", "Ada <ada@>", "must be an address, such as"),
        ("FOLLOWUP_PRIVATE_RECEIVERS", "10.1.0.0/16,10.1", "has '10.1', which is neither a network"),
        ("PUBLIC_URL", "ops.example", "must start with https://, http://"),
    ],
)
def test_other_nonsense_is_refused_by_name_without_telling_a_password(load, name, value, sentence):
    with pytest.raises(EnvError, match=f"^{name} {re.escape(sentence)}") as refused:
        load(**{name: value})
    assert "s3cr" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example", ("mail.example", 25, "", "", False, False)),
        ("smtp+tls://a%40b:p%40ss@mail.example", ("mail.example", 587, "a@b", "p@ss", True, False)),
        ("smtps://ada:pw@mail.example:2465/", ("mail.example", 2465, "ada", "pw", False, True)),
    ],
)
def test_the_scheme_of_the_mail_server_says_how_it_is_encrypted(load, url, found):
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")
    settings = load(EMAIL_URL=url)
    assert tuple(settings[f"EMAIL_{name}"] for name in names) == found


def test_who_writes_is_a_name_and_an_address(load):
    assert load(FOLLOWUP_FROM="Ada of Shop <ada@Bücher.example>")["FOLLOWUP_FROM"] == (
        "Ada of Shop <ada@xn--bcher-kva.example>"
    )
    assert load(PUBLIC_URL="https://ops.example/")["PUBLIC_URL"] == "https://ops.example"


def test_what_is_empty_counts_as_not_set(load):
    plain = load()
    empty = load(**dict.fromkeys(set(told()) - {"VAR_DIR"}, ""))
    settings = {name for name in plain if name.isupper()} - {"SECRET_KEY"}  # thrown away: new each time
    assert {name: empty[name] for name in settings} == {name: plain[name] for name in settings}


def test_a_list_is_read_with_or_without_spaces(load):
    assert load(ALLOWED_HOSTS="a.example, b.example,")["ALLOWED_HOSTS"] == ["a.example", "b.example"]


def test_rewards_not_named_keep_their_default(load):
    rewards = load(OUTCOME_REWARDS="booked=2, spam=-3")["OUTCOME_REWARDS"]
    assert (rewards["booked"], rewards["spam"], rewards["qualified"]) == (2.0, -3.0, 0.5)


def test_every_secret_that_is_said_to_can_come_from_a_file(load, tmp_path):
    values = {
        "SECRET_KEY": ("SECRET_KEY", "k" * 60),
        "SECRET_KEY_FALLBACKS": ("SECRET_KEY_FALLBACKS", "a,b"),
        "CONTACT_ENCRYPTION_KEYS": ("CONTACT_ENCRYPTION_KEYS", "a,b"),
        "SUBJECT_KEYS": ("SUBJECT_KEYS", "a,b"),
        "DATABASE_URL": ("DATABASES", "postgres://ada@db/crm"),
        "REDIS_URL": ("REDIS_URL", "redis://cache/0"),
        "BROKER_URL": ("BROKER_URL", "redis://cache/5"),
        "EMAIL_URL": ("EMAIL_HOST", "smtps://ada@mail.example"),
    }
    assert set(values) == {name for name, (_, does) in told().items() if "*file*" in does}
    for name, (setting, value) in values.items():
        (tmp_path / name).write_text(f"{value}\n")
        found = load(**{f"{name}_FILE": str(tmp_path / name)})[setting]
        kept = (value, value.split(","), "mail.example")
        assert found in kept or found["default"]["NAME"] == "crm"


def test_a_secret_file_that_cannot_be_read_is_refused_by_name(load, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for path in ("nowhere", "binary"):
        with pytest.raises(EnvError, match=r"^SECRET_KEY_FILE names .*cannot be read"):
            load(SECRET_KEY_FILE=str(tmp_path / path))


def test_a_server_named_in_a_file_is_not_started_here(monkeypatch):
    monkeypatch.setenv("DATABASE_URL_FILE", "/run/secrets/database")
    assert sandbox._ours() == ["valkey"]


def test_a_refusal_at_the_command_line_is_one_sentence(tmp_path):
    refused = subprocess.run(
        [sys.executable, "manage.py", "migrate"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"VAR_DIR": str(tmp_path), "WEB_WORKERS": "many", "DATABASE_URL": "postgres://h/x", "REDIS_URL": "redis://h"},
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr == "customerops: WEB_WORKERS must be a whole number, not 'many'\n"


def parameters(database) -> dict[str, object]:
    """What Django hands to psycopg."""
    return {
        key: value
        for key, value in DatabaseWrapper({"TIME_ZONE": None, **database}).get_connection_params().items()
        if key not in ("cursor_factory", "context", "prepare_threshold")
    }


@pytest.mark.usefixtures("valkey_server")
def test_a_statement_that_takes_too_long_is_cancelled(load, request):
    database = postgres_url()
    found = load(DATABASE_URL=database, DATABASE_STATEMENT_SECONDS="1")["DATABASES"]["default"]
    with psycopg.connect(**parameters(found)) as connection, pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("SELECT pg_sleep(20)")


def test_a_server_that_takes_the_call_and_says_nothing_is_given_up(load):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgres://ada@127.0.0.1:{silent.getsockname()[1]}/x"
        found = load(DATABASE_URL=url, DATABASE_CONNECT_SECONDS="2")["DATABASES"]["default"]
        started = time.monotonic()
        with pytest.raises(psycopg.OperationalError, match="timeout"):
            psycopg.connect(**parameters(found))
        assert time.monotonic() - started < 4


def test_what_the_url_says_goes_before_what_is_said_elsewhere(load):
    url = "postgres://ada@db/x?connect_timeout=30&sslmode=require&keepalives_idle=60"
    options = load(DATABASE_URL=url)["DATABASES"]["default"]["OPTIONS"]
    assert (options["connect_timeout"], options["keepalives_idle"], options["sslmode"]) == (30, 60, "require")
    assert options["keepalives_count"] == 3
    assert Path(load()["VAR_DIR"]).is_dir()
