"""Presidio: the analyzer, which finds personal data, and the anonymizer, which replaces it."""

from __future__ import annotations

from tellmetry.clients.checking import check
from tellmetry.clients.client import Client
from tellmetry.wire import presidio

CLIENT = Client(
    name="presidio",
    package="presidio-analyzer",
    tested=("2.2.366",),
    tells="guardrail checks",
    proof="itself, with a blank language model",
    places=(
        check("presidio", "presidio_analyzer.analyzer_engine:AnalyzerEngine.analyze", presidio),
        check("presidio", "presidio_analyzer.batch_analyzer_engine:BatchAnalyzerEngine.analyze_iterator", presidio),
        check("presidio", "presidio_anonymizer.anonymizer_engine:AnonymizerEngine.anonymize", presidio),
    ),
)
