"""What a newcomer, and one who comes back, is told to do."""

import io
import os
import sys

import pytest

from customerops import welcome
from customerops.console import Console
from customerops.embedded.paths import ROOT


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


def test_it_repeats_the_secrets_where_they_are_needed(out):
    welcome.tour(Console(out=out), password="s3cret", key="abc.def")
    told = out.getvalue()
    assert "admin / s3cret" in told
    assert told.count('-H "x-api-key: abc.def"') == 3
    assert "create_api_key" not in told


def test_it_tells_later_how_to_come_by_a_key_in_a_line_to_paste(out, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "a folder"))
    welcome.tour(Console(out=out), password=None, key=None)
    told = out.getvalue()
    line = next(line for line in told.splitlines() if "create_api_key" in line)
    assert '-H "x-api-key: $KEY"' in told  # in double quotes the shell fills it in
    assert f"VAR_DIR='{tmp_path / 'a folder'}' " in line
    python, manage = line.split("$(")[1].split()[-6:-4]
    assert [os.path.realpath(python), os.path.realpath(manage)] == [
        os.path.realpath(sys.executable),
        str(ROOT / "manage.py"),
    ]


@pytest.mark.parametrize(
    ("leads", "version", "told"),
    [(4187, 17, "4,187 leads; version 17 serves."), (1, None, "1 lead; no version serves yet.")],
)
def test_it_says_what_it_goes_on_with(out, leads, version, told):
    welcome.going_on(Console(out=out), leads=leads, version=version)
    assert told in out.getvalue()
