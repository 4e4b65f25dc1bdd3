"""What the clients' tests share: a provider that keeps the requests it saw, one event loop, and arming on demand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("contract", "judging", "crowd", "breadth", "frameworks")

from contract import Contract  # noqa: E402
from driving import App  # noqa: E402
from recording import Recording, recording  # noqa: E402
from subject import cases  # noqa: E402

from tellmetry.demo.provider import Provider  # noqa: E402


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread a contract's tests over the modes and cases of its subject."""
    if metafunc.cls is None or not issubclass(metafunc.cls, Contract):
        return
    if "case" in metafunc.fixturenames:
        found = cases(metafunc.cls.subject)
        names = [f"{mode}-{scenario}-{'async' if waits else 'sync'}" for mode, scenario, waits in found]
        metafunc.parametrize("case", found, ids=names)
    if "mode" in metafunc.fixturenames:
        metafunc.parametrize("mode", metafunc.cls.subject.modes)
        metafunc.parametrize("waits", [False, True], ids=["sync", "async"])


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    """An app's event loop, and the provider that it talks to."""
    with Provider(keep_requests=1000) as provider, asyncio.Runner() as loop:
        yield App(provider, loop)


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Callable[[], Recording]]:
    """Arm when it is called, for the rest of the test."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(recording(tmp_path))
