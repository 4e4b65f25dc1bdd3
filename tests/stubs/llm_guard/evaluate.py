"""`scan_prompt` and `scan_output` as LLM Guard 0.3.16 documents them: signatures and results, without a scanner of its own."""

from __future__ import annotations

from typing import Any


def scan_prompt(
    scanners: list[Any], prompt: str, fail_fast: bool = False
) -> tuple[str, dict[str, bool], dict[str, float]]:
    """Scan a prompt with each scanner in turn; give the sanitized prompt, who let it through, and the risks."""
    return _scan(scanners, prompt, lambda scanner, text: scanner.scan(text), fail_fast)


def scan_output(
    scanners: list[Any], prompt: str, output: str, fail_fast: bool = False
) -> tuple[str, dict[str, bool], dict[str, float]]:
    """Scan an answer to a prompt, likewise."""
    return _scan(scanners, output, lambda scanner, text: scanner.scan(prompt, text), fail_fast)


def _scan(scanners: list[Any], text: str, scan: Any, fail_fast: bool) -> tuple[str, dict[str, bool], dict[str, float]]:
    valid: dict[str, bool] = {}
    scores: dict[str, float] = {}
    if not scanners or not text.strip():
        return text, valid, scores
    for scanner in scanners:
        text, is_valid, score = scan(scanner, text)
        valid[type(scanner).__name__], scores[type(scanner).__name__] = is_valid, score
        if fail_fast and not is_valid:
            break
    return text, valid, scores
