"""Our thread lets others run."""

from __future__ import annotations

import threading

import pytest

from tellmetry.emit import pace

THINGS = list(range(3 * pace.STEPS + 1))


@pytest.fixture
def pauses(monkeypatch):
    made = []
    monkeypatch.setattr(pace.time, "sleep", made.append)
    return made


def test_our_thread_pauses_between_steps_and_loses_nothing(pauses):
    seen = []
    ours = threading.Thread(target=lambda: seen.extend(pace.gently(THINGS)))
    ours.start()
    ours.join()
    assert seen == THINGS
    assert len(pauses) == 3
    assert all(0 < pause <= 0.001 for pause in pauses)


def test_the_app_waits_for_no_pause(pauses):
    assert list(pace.gently(THINGS)) == THINGS
    assert pauses == []
