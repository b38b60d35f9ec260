"""The guide's examples are true."""

import ast
from pathlib import Path

from leads.training.borrowed import CREDITS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "enrichment.md"


def test_it_tells_the_truth():
    block = (GUIDE.read_text(encoding="utf-8").split("```python\n")[1]).split("```")[0]
    names: dict[str, object] = {}
    for line in filter(None, block.splitlines()):
        code, _, told = line.partition("  #")
        if told:
            assert eval(code, names) == ast.literal_eval(told.strip()), line  # noqa: S307 - our own guide
        else:
            exec(code, names)  # noqa: S102 - our own guide


def test_it_credits_whose_texts_were_learned_from():
    text = GUIDE.read_text(encoding="utf-8")
    for name, credit in CREDITS.items():
        assert f"| {name}" in text
        assert credit.rsplit(", ", 1)[-1] in text
