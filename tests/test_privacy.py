"""Masking: secrets and addresses go, whatever surrounds them; names and reasons stay readable and short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellmetry.privacy import MASK, MOST_CHARS, clean, mask

SECRETS = [
    "sk-proj-abcdefghijklmnop1234567890",
    "sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz",
    "gsk_abcdefghijklmnopqrstuvwx",
    "xai-abcdefghijklmnopqrst1",
    "hf_abcdefghijklmNOPQRSTuvwx",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "ghp_abcdefghijklmnopqrstuvwxyz012345",
    "AIzaSyA1234567890abcdefghijklmnopqrstu",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefghijkl",
    "Bearer abcdefgh.ijklmnop-qrst==",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "password=hunter2",
    "api_key: 12345",
    "API-KEY = abc",
    "token=abc123",
    "jane.doe+test@mail.example.co.uk",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nMIIEow",
]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda text: text[:16])
@pytest.mark.parametrize("around", ["{}", "before {} after", "({})", '"{}",', "x\n{}\ny"])
def test_a_secret_goes_and_its_surroundings_stay(secret, around):
    masked = mask(around.format(secret))
    assert MASK in masked
    for part in secret.replace("=", " ").replace(":", " ").split():
        if len(part) > 5 and not part.startswith(("-----", "password", "api", "API", "token", "Bearer", "PRIVATE")):
            assert part not in masked
    rest = around.partition("{}")
    assert masked.startswith(rest[0])
    assert masked.endswith(rest[2]) or "-----END" not in secret, "a key that is not ended goes on to the end"


@pytest.mark.parametrize(
    "text",
    ["lead_triage", "gpt-4o-mini", "claude-sonnet-4-5-20250929", "ft:gpt-4o-mini-2024-07-18:acme::9xKq", "task-force", "ask me", "rate_limited",
     "2026-11-23", "1,234,567 tokens", "risk-adjusted-scoring-of-leads", "auto:0123456789abcdef", "sketch-recognition", "skill_based_routing_v2x", "hf-dataset-cleanup", "2026-11-23 12:34:56",
     "a@b", "user at example dot com", "token limit", "secret santa"],
)  # fmt: skip
def test_names_and_reasons_stay(text):
    assert mask(text) == text


def test_nothing_is_nothing_and_anything_has_a_text():
    assert clean(None) is None
    assert clean("") == ""
    assert clean(7) == "7"
    assert clean(b"x") == "b'x'"


@given(st.text())
def test_what_is_cleaned_is_one_short_line_and_stays_so(text):
    cleaned = clean(text)
    assert len(cleaned) <= MOST_CHARS
    assert "\n" not in cleaned
    assert "\r" not in cleaned
    assert clean(cleaned) is not None


@pytest.mark.parametrize("secret", SECRETS[:12], ids=lambda text: text[:16])
def test_a_secret_is_not_cut_before_it_is_masked(secret):
    """Half a key is still a secret; it must not escape because the limit falls into it."""
    cleaned = clean("x" * (MOST_CHARS - 10) + " " + secret)
    assert secret[:9] not in cleaned


@given(st.text(max_size=30), st.sampled_from(SECRETS[:10]), st.text(max_size=30))
def test_a_secret_goes_from_any_text(before, secret, after):
    assert secret not in mask(f"{before} {secret} {after}")


@given(st.integers(0, 6), st.text(alphabet="a1-_. @", max_size=400))
def test_masking_takes_no_time_to_speak_of(repeat, text):
    """No pattern may take exponential time on text that almost matches."""
    import time

    began = time.perf_counter()
    mask(text * (repeat + 1))
    assert time.perf_counter() - began < 0.5
