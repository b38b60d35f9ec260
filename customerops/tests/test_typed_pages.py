"""Every command that a page tells to type works as it stands there; a page that is added is typed as well."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError

from customerops.embedded.paths import ROOT
from customerops.tests import inline, world
from customerops.tests.documents import page, pages
from customerops.tests.servers import serving_web
from customerops.tests.terminal import Terminal

PAGES = {str(page): page for page in pages() if page.commands()}
# Pages with a test of their own, which looks at the answers as well: those that name the page to type it.
TYPED = re.compile(r"\.type_page\(page\(\"([\w./-]+)\"\)\)")
OWN = {
    name
    for path in sorted((ROOT / "customerops" / "tests").glob("test_*.py"))
    for name in TYPED.findall(path.read_text())
}


def test_pages_with_a_test_of_their_own_exist():
    assert PAGES.keys() >= OWN


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(PAGES.keys() - OWN))
def test_what_a_page_tells_to_type_works(name, tmp_path: Path, settings, monkeypatch):
    settings.TUNING_SECONDS = 0.0
    monkeypatch.setenv("CUSTOMEROPS_DATA", str(tmp_path))  # corpora by others take minutes
    terminal = Terminal(tmp_path, **world.made(tmp_path))
    if "curl" not in PAGES[name].text:
        terminal.type_page(PAGES[name])
        return
    (metrics := tmp_path / "metrics").mkdir()
    with serving_web(metrics, workers=1) as port:
        terminal.port = port
        terminal.type_page(PAGES[name])


@pytest.mark.parametrize("command", inline.ELSEWHERE)
def test_what_is_not_typed_here_is_told_of_and_tested_elsewhere(command):
    assert any(words.startswith(command) for source in pages() for words in source.quoted())
    assert re.search(r"^def test_", (ROOT / inline.elsewhere(command)).read_text(), re.MULTILINE)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_pages_tell_to_type_between_backticks_works(tmp_path, settings, monkeypatch):
    settings.TUNING_SECONDS = 0.0
    monkeypatch.setenv("CUSTOMEROPS_DATA", str(tmp_path))
    terminal = Terminal(tmp_path, **world.made(tmp_path))
    for name in ("NAME", "Still interested?"):
        world.policy(name)
    readme = inline.told(page("README.md"))  # test_readme.py types them
    told = {
        command for source in pages() if source.path.name != "CHANGELOG.md" for command in inline.told(source)
    }
    failed = {}
    for command in sorted(told - set(readme)):
        if "rollback_model" in command:
            world.tried_out()
        try:
            terminal.type(command)
        except CommandError as error:
            failed[command] = error
    assert failed == {}
    assert len(told) > 30
