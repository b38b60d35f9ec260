"""Presidio's predefined recognizers without named-entity recognition: a blank language model."""

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from benchmarks.peers import redactions


class Blank(SpacyNlpEngine):
    """Cuts text into words, and knows none."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"en": spacy.blank("en")}


def main() -> None:
    """Time it."""
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.recognizers = [each for each in registry.recognizers if not isinstance(each, SpacyRecognizer)]
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    redactions.tell(lambda text: engine.analyze(text=text, language="en"))


if __name__ == "__main__":
    main()
