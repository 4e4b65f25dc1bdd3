"""What every test may ask for: a provider on loopback, and what was recorded in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that tests import their neighbours: recording, contract

from recording import Recording, recording  # noqa: E402

from tellmetry import scope  # noqa: E402
from tellmetry.demo.provider import Provider  # noqa: E402


@pytest.fixture(autouse=True)
def _nothing_led_here() -> None:
    """What one test retrieved or checked does not feed the next one's model call."""
    scope.TRAIL.set(None)


@pytest.fixture(scope="session")
def _one_provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture
def provider(_one_provider: Provider) -> Provider:
    """A loopback provider with an empty bill."""
    _one_provider.reset()
    return _one_provider


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recording]:
    """Arm the clients for one test and give what they record; our own errors are raised."""
    with recording(tmp_path) as told:
        yield told
