"""The last good version on disk: whole, or as if it were not there."""

from pathlib import Path

import orjson
import pytest

from modeling import artifact, lastgood, serving
from modeling.lastgood import Stored
from modeling.tests.cast import card_bytes

DATA = card_bytes()
STORED = Stored(version=7, sha256=artifact.digest(DATA), data=DATA)


@pytest.fixture
def file(settings, tmp_path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "models" / "last_good.json"


def loaded_from_disk() -> serving.Loaded | None:
    """What a process starts with while Postgres is away."""
    process = serving.Serving(role="none")
    process._load_from_disk()
    return process.loaded


def test_what_was_written_is_read_and_served(file):
    lastgood.write(Stored(version=6, sha256="", data=b"{}"))
    lastgood.write(STORED)
    assert lastgood.read() == STORED
    assert loaded_from_disk().version == 7
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("text", [b"", b"[]", b"7", b'{"version": 7}', b'{"version": "x"}', b"\xff\xfe"])
def test_what_is_not_a_version_is_as_good_as_nothing(file, text):
    file.parent.mkdir()
    file.write_bytes(text)
    assert lastgood.read() is None
    assert loaded_from_disk() is None


def test_a_file_that_was_cut_or_changed_is_not_served(file):
    lastgood.write(STORED)
    whole = file.read_bytes()
    body = orjson.loads(whole)
    body["artifact"] = body["artifact"].replace("523", "524")
    for text in (whole[:-20], orjson.dumps(body)):
        file.write_bytes(text)
        assert loaded_from_disk() is None


def test_a_folder_that_cannot_be_written_to_costs_a_line_in_the_log(settings, tmp_path, caplog):
    settings.VAR_DIR = tmp_path / "a file"
    settings.VAR_DIR.write_text("")
    lastgood.write(STORED)
    assert "last_good_model_not_written" in caplog.text
    assert lastgood.read() is None
