"""Presidio keeps the contract, with recognizers that need no language model."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("presidio_analyzer")

from guards import Check, Guards, Library, kit, loop, pytest_generate_tests  # noqa: E402, F401
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry, RecognizerResult  # noqa: E402
from presidio_analyzer.nlp_engine import NoOpNlpEngine  # noqa: E402
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, EmailRecognizer  # noqa: E402
from presidio_anonymizer import AnonymizerEngine  # noqa: E402


class Kit:
    """An analyzer, one for many texts, and an anonymizer."""

    def __init__(self) -> None:
        registry = RecognizerRegistry(recognizers=[EmailRecognizer(), CreditCardRecognizer()])
        engine = NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}])
        self.analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
        self.batch = BatchAnalyzerEngine(self.analyzer)
        self.anonymizer = AnonymizerEngine()
        self.analyzer.analyze("ann@example.com", "en")  # loads its list of domains


def analyzed(kit: Kit, text: str) -> Any:
    return kit.analyzer.analyze(text, "en")


def in_batch(kit: Kit, text: str) -> Any:
    return kit.batch.analyze_iterator(["Hello.", text], language="en")


def anonymized(kit: Kit, text: str) -> Any:
    start = text.find("ann@")
    found = [] if start < 0 else [RecognizerResult("EMAIL_ADDRESS", start, start + 15, 1.0)]
    return kit.anonymizer.anonymize(text, found)


class TestPresidio(Guards):
    library = Library(
        "presidio",
        Kit,
        {
            "clean": Check(analyzed, "Hello there.", "pass"),
            "an address": Check(analyzed, "Write to ann@example.com", "flag", "email_address"),
            "the surest": Check(analyzed, "x@example.com pays with 4012888888881881", "flag", "email_address"),
            "by keyword": Check(lambda kit, text: kit.analyzer.analyze(text=text, language="en"), "a@b.org", "flag", "email_address"),
            "batch": Check(in_batch, "Write to ann@example.com", "flag", "email_address"),
            "clean batch": Check(in_batch, "Hello there.", "pass"),
            "anonymized": Check(anonymized, "Write to ann@example.com", "modify", "email_address"),
            "nothing to anonymize": Check(anonymized, "Hello there.", "pass"),
            "an error": Check(lambda kit, text: kit.analyzer.analyze(text, "xx"), "Hello", "error", "ValueError", raises=True),
        },
        "presidio",
    )
