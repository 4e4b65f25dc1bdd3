"""Headers as the providers write them."""

from tellmetry.demo.provider.headers import limits, start
from tellmetry.demo.provider.script import Script


def test_status_lines():
    assert start(200, {"a": "b"}) == b"HTTP/1.1 200 OK\r\na: b\r\n"
    assert start(529, {}) == b"HTTP/1.1 529 Unknown\r\n"


def test_tokens_left_follow_from_what_was_used():
    assert limits("openai", Script(), 1000)["x-ratelimit-remaining-tokens"] == "1999000"
    assert limits("openai", Script(), 9_000_000)["x-ratelimit-remaining-tokens"] == "0"
    assert limits("anthropic", Script(), 1000)["anthropic-ratelimit-tokens-remaining"] == "1999000"


def test_nothing_is_left_after_too_many_requests():
    told = limits("anthropic", Script(status=429), 0)
    assert told["anthropic-ratelimit-requests-remaining"] == told["anthropic-ratelimit-output-tokens-remaining"] == "0"


def test_processing_time_has_the_pause_in_it():
    assert limits("openai", Script(slow=0.25), 0)["openai-processing-ms"] == "251"
