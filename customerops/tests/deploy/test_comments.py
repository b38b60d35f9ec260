"""What comments and messages of the deployment files tell to type or to read is there."""

import re

import pytest

from customerops.embedded.paths import ROOT
from customerops.tests.deploy.files import DEPLOY, services
from customerops.tests.inline import parser_of

TEXTS = (".yml", ".yaml", ".sh", ".conf", ".py", ".example", "Dockerfile")
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.name.endswith(TEXTS))
OURS = re.compile(r"manage\.py ([a-z_]+)((?: --[a-z-]+)*)")
# What somebody makes on the way: folders of secrets and certificates, and what is written with them.
MADE = re.compile(r"deploy/(secrets|certificates|backups|\.env)\b")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_and_pages_that_it_names_are_there(path):
    text = path.read_text()
    for name, flags in OURS.findall(text):
        if name != "are":  # of a sentence
            assert set(flags.split()) <= set(parser_of(name)._option_string_actions), name
    for named in re.findall(r"\b((?:docs|deploy)/[\w./-]*\w)", text):
        assert MADE.match(named) or (ROOT / named).exists(), named


def test_services_that_messages_name_are_there():
    told = (DEPLOY / "restore.sh").read_text()
    [named] = re.findall(r"docker compose stop ([a-z ]+)\)", told)
    assert set(named.split()) <= services().keys()
