"""What is answered, before any wire format."""

import pytest

from tellmetry.demo.provider import ScriptError
from tellmetry.demo.provider.answer import TEXT, compose, split
from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.script import groups, script_of


def answer(text, **more):
    ask = Ask("chat", "gpt-4o", {}, text, 40, **more)
    return compose(ask, script_of(list(groups(text))), "id", 0, cache_inside=True)


@pytest.mark.parametrize("text", [TEXT, "one", "", " leading and  double ", "line\nbreaks\n", "ünïcödé ☃"])
def test_words_put_together_are_the_text(text):
    assert "".join(split(text, None)) == text


def test_pieces_of_nearly_equal_length():
    assert split("abcdefg", 3) == ("ab", "cd", "efg")
    with pytest.raises(ScriptError):
        split("ab", 3)


def test_what_overrides_what():
    assert answer("[[refuse tool=x]]").calls == ()
    assert answer("[[tool=x say=y]]").pieces == ()
    assert answer("[[say=y]]", schema={"const": 1}).text == "y"
    assert answer("[[chunks=2]]", schema={"const": 1234}).pieces == ("12", "34")
    assert answer("", tools={"t": None}, must_call="", rounds=1).text == TEXT


def test_tokens_from_the_text():
    usage = answer("[[say=12345]]", n=3).usage
    assert (usage.input, usage.output) == (10, 4), "three times five characters"
    assert answer("[[tool=abc args={}]]").usage.output == 2


def test_thinking_counts_as_reasoning():
    usage = answer("[[thinking=12345678 say=1234]]").usage
    assert (usage.reasoning, usage.output) == (2, 3)
    assert answer("[[thinking=12345678 reasoning=50 output=60]]").usage.reasoning == 50
