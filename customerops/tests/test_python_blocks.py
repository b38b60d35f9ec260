"""Python that a page shows runs, and gives what the comment behind it says."""

import ast
from pathlib import Path

import pytest

from customerops.tests.documents import Page, pages

BLOCKS = [(page, text) for page in pages() for text in page.of_language("python")]


def wrong(block: str) -> dict[str, object]:
    """Of its lines with a value behind them, those that give another one."""
    lines, names, found = block.splitlines(), {"__name__": "a_page"}, {}
    for statement in ast.parse(block).body:
        told = lines[statement.end_lineno - 1][statement.end_col_offset :].strip()
        if isinstance(statement, ast.Expr) and told.startswith("# "):
            code = compile(ast.Expression(statement.value), "a page", "eval")
            given = eval(code, names)  # noqa: S307 - our own guide
            if given != ast.literal_eval(told[2:]):
                found[lines[statement.lineno - 1]] = given
        else:
            code = compile(ast.Module([statement], []), "a page", "exec")
            exec(code, names)  # noqa: S102 - our own guide
    return found


@pytest.mark.parametrize(("source", "block"), BLOCKS, ids=[str(page) for page, _ in BLOCKS])
def test_what_a_page_shows_in_python_is_true(source: Page, block: str):
    assert wrong(block) == {}


def test_it_can_tell_a_value_that_is_not_so(tmp_path: Path):
    (tmp_path / "a.md").write_text('```python\nx = 1  # one\nx + 1  # 2\nx + 2  # 4\n"a" * 2  # "aa"\n```\n')
    [block] = Page(tmp_path / "a.md").of_language("python")
    assert wrong(block) == {"x + 2  # 4": 3}
