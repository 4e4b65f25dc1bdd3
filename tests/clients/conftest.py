"""What the clients' tests share: a provider that keeps the requests it saw, one event loop, and arming on demand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("contract", "judging", "crowd", "stores", "guards", "frameworks", "places")

from contract import Contract  # noqa: E402
from driving import App  # noqa: E402
from faults import kinds  # noqa: E402
from providers import Many  # noqa: E402
from recording import Recording, recording  # noqa: E402
from subject import SIDES, cases  # noqa: E402


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread a contract's tests over the modes, sides and cases of its subject."""
    if metafunc.cls is None or not issubclass(metafunc.cls, Contract):
        return
    subject = metafunc.cls.subject
    if "case" in metafunc.fixturenames:
        found = cases(subject)
        metafunc.parametrize("case", found, ids=[f"{mode}-{scenario}-{SIDES[waits]}" for mode, scenario, waits in found])
    if "mode" in metafunc.fixturenames:
        metafunc.parametrize("mode", subject.modes)
    if "waits" in metafunc.fixturenames:
        metafunc.parametrize("waits", subject.sides, ids=map(SIDES.get, subject.sides))
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", kinds(subject))


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    """An app's event loop, and a provider of every format that it talks to."""
    with Many() as provider, asyncio.Runner() as loop:
        yield App(provider, loop)


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Callable[[], Recording]]:
    """Arm when it is called, for the rest of the test."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(recording(tmp_path))
