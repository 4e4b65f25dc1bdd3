"""The script language."""

import pytest

from tellmetry.demo.provider import ScriptError
from tellmetry.demo.provider.script import EMPTY, HALFWAY, explain, groups, script_of


def _script(text):
    return script_of(list(groups(text)))


def test_words_are_read_by_their_type():
    script = _script("Hi [[status=429 retry_after_ms=5 slow=2.5 tool=a,b say='two words' refuse]] there")
    assert (script.status, script.retry_after_ms, script.slow) == (429, 5.0, 2.5)
    assert (script.tool, script.say, script.refuse) == (("a", "b"), "two words", True)


def test_arguments_are_json():
    assert _script("""[[tool=f args='{"q": ["x", 1]}']]""").args == {"q": ["x", 1]}


def test_usage_reads_well_and_may_be_none():
    told = _script("[[usage cached=256 reasoning=64 audio=10 input=412 output=99]]")
    assert (told.cached, told.reasoning, told.audio_in, told.input, told.output) == (256, 64, 10, 412, 99)
    assert _script("[[usage=none]]").usage == "none"


def test_words_alone_have_their_meaning():
    script = _script("[[error_event]] [[malformed=3]] [[flagged]] [[content_filter]]")
    assert (script.error_event, script.malformed) == (HALFWAY, 3)
    assert (script.flagged, script.content_filter) == ("violence", "answer")


def test_a_later_word_overrides():
    assert _script("[[status=429]] [[status=500 code=x]]").status == 500


@pytest.mark.parametrize("text", ["", "plain", "[1, 2]", '[["a", "b"]]', "[[1, 2], [3, 4]]", "[[]]", "[[ Wiki ]]"])
def test_text_that_is_no_directive(text):
    assert _script(text) is EMPTY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[statsu=429]]", "no such word: statsu"),
        ("[[status=lots]]", "invalid literal"),
        ("[[status]]", "status needs a value"),
        ("[[refuse=yes]]", "takes no value"),
        ("[[say='open]]", "No closing quotation"),
        ("[[args=[1] tool=x]]", "JSON object"),
        ("[[first=some status=500]]", "invalid literal"),
    ],
)
def test_a_directive_that_cannot_be_read_is_an_error(text, why):
    with pytest.raises(ScriptError, match=why):
        groups(text)


def test_every_word_is_explained():
    shown = explain()
    for word in ("status", "hold_after", "times", "first", "cached"):
        assert f"\n  {word} " in f"\n{shown}"
