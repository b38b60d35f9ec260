"""Every page: its links lead somewhere, what it names exists, and each block is of a kind that tests know."""

import re
import shutil
import subprocess
from urllib.parse import urlsplit

import pytest
import yaml

from customerops.embedded.paths import ROOT
from customerops.tests.documents import Page, commands, page, pages, slug

PAGES = pages()
# `sh` is typed by a test, `python` and `json` are run or compared, `mermaid` is drawn.
LANGUAGES = {"sh", "python", "json", "mermaid"}
# A path of this checkout, as guides quote it: anything with a slash inside, or a file at the top.
PATH = re.compile(r"[\w.-]+(?:/[\w.*-]+)+/?|[\w-]+\.(?:py|in|txt|md|toml|ini|yaml)")
# Made when the product is installed or run.
MADE = {".venv/bin/python", "./var", "var/tools", "deploy/secrets", "deploy/certificates", "deploy/.env"}


def dead(link: str, source: Page) -> str:
    """Why a link leads nowhere; empty when it does not."""
    parts = urlsplit(link)
    if parts.scheme:
        return "" if parts.scheme == "https" and "." in parts.netloc else "no address"
    target = (source.path.parent / parts.path).resolve() if parts.path else source.path
    if not target.exists() or not target.is_relative_to(ROOT):
        return "no such file"
    if parts.fragment and parts.fragment not in Page(target).anchors():
        return "no such heading"
    return ""


@pytest.mark.parametrize("source", PAGES, ids=str)
def test_every_link_leads_somewhere(source):
    assert {link: why for link in source.links() if (why := dead(link, source))} == {}


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("api.md", ""),
        ("api.md#a-lead-and-its-conversation", ""),
        ("#what-the-gate-asks", ""),
        ("privacy/data-map.md#leads_lead", ""),
        ("nowhere.md", "no such file"),
        ("../../outside.md", "no such file"),
        ("api.md#nowhere", "no such heading"),
        ("#after-the-day", "no such heading"),
        ("http://example.org", "no address"),
        ("https://nowhere", "no address"),
        ("https://example.org/#x", ""),
    ],
)
def test_it_can_tell_a_link_that_leads_nowhere(link, why):
    assert dead(link, page("docs/learning.md")) == why


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Keys", "keys"),
        ("A lead and its conversation", "a-lead-and-its-conversation"),
        ("HIPAA's 18 identifiers", "hipaas-18-identifiers"),
        ("`leads_lead`, `leads_message`", "leads_lead-leads_message"),
        ("`make up`, `manage.py run` and the web server", "make-up-managepy-run-and-the-web-server"),
        ("What stays, and why?", "what-stays-and-why"),
        ("See [the guide](api.md)", "see-the-guide"),
        ("Postgres: follow-ups", "postgres-follow-ups"),
        ("Restore / the drill", "restore--the-drill"),
    ],
)
def test_headings_are_named_as_github_names_them(heading, name):
    assert slug(heading) == name


def test_a_heading_that_comes_again_has_a_number(tmp_path):
    (tmp_path / "a.md").write_text("# Stop\n```sh\n# Stop\n```\n## Stop\n### Stop #\n")
    assert Page(tmp_path / "a.md").anchors() == {"stop", "stop-1", "stop-2"}


def test_commands_are_told_apart_as_a_shell_does():
    block = """
# what an agent's page shows
curl localhost -d '{"a":
  1}'   # it's open here
export A=b

manage.py backtest a.csv \\
  --every month
"""
    assert commands(block) == [
        "curl localhost -d '{\"a\":\n  1}'   # it's open here",
        "export A=b",
        "manage.py backtest a.csv --every month",
    ]
    with pytest.raises(AssertionError, match="never ends"):
        commands("curl 'x")


@pytest.mark.parametrize("source", PAGES, ids=str)
def test_every_block_says_what_it_is(source):
    assert {block.language for block in source.blocks()} <= LANGUAGES
    assert source.text.count("```") == 2 * len(source.blocks())


@pytest.mark.parametrize("source", PAGES, ids=str)
def test_every_file_it_names_is_there(source):
    named = {words for words in source.quoted() if PATH.fullmatch(words)}
    assert [path for path in named - MADE if not there(path, source)] == []


def there(path: str, source: Page) -> bool:
    """At the top of the checkout, or beside the page."""
    return any(any(place.glob(path.rstrip("/"))) for place in (ROOT, source.path.parent))


def test_it_can_tell_a_file_that_is_missing():
    assert all(PATH.fullmatch(path) for path in ("modeling/gate.py", "docs/nothing.md", "pyproject.toml"))
    assert not PATH.fullmatch("/readyz")
    assert not PATH.fullmatch("outcomes.csv")
    assert there("deploy/prometheus_alerts*.yml", page("README.md"))
    assert there("recall.md", page("docs/privacy/controls.md"))
    assert not there("modeling/gates.py", page("README.md"))


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
@pytest.mark.parametrize("path", sorted(MADE))
def test_what_is_made_later_is_kept_out_of_the_repository(path):
    inside = path if (ROOT / path).is_symlink() else f"{path}/x"  # git looks at nothing behind a link
    asked = subprocess.run(
        ["git", "check-ignore", "--quiet", "--no-index", inside],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    if asked.returncode not in (0, 1):
        pytest.skip("this is no checkout")
    assert asked.returncode == 0


@pytest.mark.parametrize("name", ["prometheus_alerts.yml", "prometheus_alerts_extra.yml"])
def test_every_alert_leads_to_a_heading(name):
    groups = yaml.safe_load((ROOT / "deploy" / name).read_text())["groups"]
    books = [
        rule["annotations"]["runbook_url"] for group in groups for rule in group["rules"] if "alert" in rule
    ]
    assert len(books) > 10
    assert {book: why for book in books if (why := dead(book, page("README.md")))} == {}


def test_every_page_can_be_reached_from_the_readme():
    known, waiting = set(), [page("README.md")]
    while waiting:
        source = waiting.pop()
        known.add(source.path)
        for link in source.links():
            target = (source.path.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target not in known:
                waiting.append(Page(target))
    assert {str(one) for one in PAGES if one.path not in known} == set()
