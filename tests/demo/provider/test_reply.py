"""Streams laid out in time."""

from tellmetry.demo.provider.frames import Frame
from tellmetry.demo.provider.reply import HOLD_S, stream_steps
from tellmetry.demo.provider.script import Script

FRAMES = [Frame(b"role"), Frame(b"one", 3), Frame(b"two", 3), Frame(b"end")]


def waits(script, *, ends=True):
    return [step.wait_s for step in stream_steps(b"head\r\n", FRAMES, script, ends=ends)]


def test_pauses_are_before_content():
    # head, role, one, two, end, last chunk
    assert waits(Script()) == [0, 0, 0, 0, 0, 0]
    assert waits(Script(slow=1.0, first_chunk_delay_ms=80, delay_ms=5)) == [1.0, 0, 0.08, 0.005, 0, 0]


def test_holding():
    assert waits(Script(hold_after=0)) == [0, HOLD_S, 0, 0, 0, 0]
    assert waits(Script(hold_after=1)) == [0, 0, 0, HOLD_S, 0, 0]
    assert waits(Script(hold_after=2)) == [0, 0, 0, 0, HOLD_S, 0]


def test_progress_is_told_with_each_step():
    steps = stream_steps(b"head\r\n", FRAMES, Script(), ends=False)
    assert [(s.chunks, s.chars) for s in steps] == [(0, 0), (0, 0), (1, 3), (2, 6), (2, 6)]
    assert steps[0].data == b"head\r\ntransfer-encoding: chunked\r\n\r\n"
    assert steps[2].data == b"3\r\none\r\n"
