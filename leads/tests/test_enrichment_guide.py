"""The guide to how messages are read gives credit."""

from pathlib import Path

from leads.training.borrowed import CREDITS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "enrichment.md"


def test_it_credits_whose_texts_were_learned_from():
    text = GUIDE.read_text(encoding="utf-8")
    for name, credit in CREDITS.items():
        assert f"| {name}" in text
        assert credit.rsplit(", ", 1)[-1] in text
