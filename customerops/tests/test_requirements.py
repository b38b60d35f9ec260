"""What we depend on is what we import; what is checked before a commit is what `make lint` checks."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml

from customerops.embedded.paths import ROOT

APPS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
DISTRIBUTIONS = packages_distributions()
SOURCES = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "peers" not in path.parts]


def declared(file: str) -> dict[str, str]:
    """Each direct dependency with its comment."""
    lines = re.findall(r"^([\w.-]+)(?:\[\w+\])?([^#\n]*)#?(.*)$", (ROOT / file).read_text(), re.MULTILINE)
    return {plain(name): comment.strip() for name, _, comment in lines if not name.startswith("-")}


def plain(name: str) -> str:
    """A name as indexes compare it."""
    return name.lower().replace("_", "-")


def imported(*, tests: bool) -> set[str]:
    """Top-level names of other people's packages."""
    names: set[str] = set()
    for path in SOURCES:
        if tests or not {"tests", "benchmarks"} & set(path.parts):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    names.add(str(node.module).partition(".")[0])
    return names - set(sys.stdlib_module_names) - set(APPS)


def owners(name: str) -> set[str]:
    """The distributions that bring a package."""
    return {plain(owner) for owner in DISTRIBUTIONS.get(name, [])}


def test_whatever_the_product_imports_is_a_direct_dependency():
    direct = set(declared("requirements.in"))
    missing = {name for name in imported(tests=False) if not owners(name) & direct}
    assert missing <= {"pytest"}  # embedded/pytest_plugin.py runs under it alone


def test_every_direct_dependency_is_used_or_says_why_it_is_there():
    read = (path.read_text() for path in SOURCES if "tests" not in path.parts)
    words = {word for text in read for word in re.findall(r"\w+", text)}
    named = {owner for word in words for owner in owners(word)}
    assert [name for name, why in declared("requirements.in").items() if not why and name not in named] == []


def test_every_line_of_the_locks_has_hashes():
    for lock in ("requirements.txt", "requirements-dev.txt"):
        pins = re.split(r"\n(?=[a-z])", (ROOT / lock).read_text())[1:]
        assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_the_hooks_run_what_make_lint_runs():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    tools = [re.search(r"\.venv/bin/([\w-]+ ?\w*)", hook["entry"])[1].strip() for hook in hooks]
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", Path(ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    assert tools == ["ruff format", "ruff check", "mypy", "lint-imports"]
    places = [recipe.index(tool) for tool in tools]
    assert places == sorted(places)
