"""Counts that an invoice is made of."""

import pytest

from tellmetry.demo.provider import Usage, tokens


@pytest.mark.parametrize(("chars", "count"), [(0, 0), (1, 1), (4, 1), (5, 2), (400, 100), (401, 101)])
def test_a_token_for_every_four_characters_begun(chars, count):
    assert tokens(chars) == count


def test_a_part_of_an_answer_keeps_its_prompt_and_no_more_reasoning_than_output():
    usage = Usage(100, 50, cached=40, reasoning=30, audio_out=20)
    assert usage.with_output(25) == Usage(100, 25, cached=40, reasoning=25, audio_out=20)


@pytest.mark.parametrize(
    "usage",
    [Usage(10, 0, cached=11), Usage(10, 0, cached=5, audio_in=6), Usage(0, 5, reasoning=6), Usage(0, 5, audio_out=6)],
)
def test_what_no_provider_could_report(usage):
    assert usage.impossible()


def test_what_a_provider_can_report():
    assert Usage(10, 5, cached=4, write_5m=3, write_1h=2, audio_in=1, reasoning=5).impossible() is None
