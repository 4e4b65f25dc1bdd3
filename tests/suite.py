"""Make the test environments and run the whole suite; needs nothing but Python 3.11.

    python tests/suite.py            everything, as CI does
    python tests/suite.py NAME ...   only these steps: lint unit mid old breadth breadth_old crewai faults beside grafana
                                     stack
    python tests/suite.py env NAME   only the environment, and print its interpreter

An environment is a virtual environment in `.envs/`, made anew when its requirements change: with uv, which is fetched
where it is not installed, and with pip where that fails. Real servers are built once and cached outside the tree (see
tests/stack/build.py).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVS = ROOT / ".envs"
REQUIREMENTS = ROOT / "tests" / "envs"


def interpreter(name: str) -> Path:
    """Make the environment if it is missing or out of date; give its interpreter."""
    where = ENVS / name
    python = where / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = where / ".made-from"
    wanted = _fingerprint(name)
    if not stamp.exists() or stamp.read_text() != wanted:
        started = time.monotonic()
        shutil.rmtree(where, ignore_errors=True)
        _install(name, where, python)
        stamp.write_text(wanted)
        print(f"environment {name}: made in {time.monotonic() - started:.0f} s", flush=True)
    return python


def _fingerprint(name: str) -> str:
    parts = [REQUIREMENTS / "base.txt", *sorted(REQUIREMENTS.glob(f"{name}.txt")), ROOT / "pyproject.toml"]
    parts += sorted(REQUIREMENTS.glob(f"{name}-overrides.txt"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()


def _install(name: str, where: Path, python: Path) -> None:
    wanted = ["-r", str(REQUIREMENTS / f"{name}.txt"), "-e", str(ROOT)]
    overrides = REQUIREMENTS / f"{name}-overrides.txt"
    extra = ["--override", str(overrides)] if overrides.exists() else []
    installer = uv()
    if installer is not None:
        _run([installer, "venv", "-q", "--seed", "--python", sys.executable, str(where)])  # with pip: tests install by it
        _run([installer, "pip", "install", "-q", "--python", str(python), *wanted, *extra])
    elif extra:
        sys.exit(f"tests/suite.py: environment {name} needs uv: its authors' pins contradict each other, pip refuses them")
    else:
        venv.create(where, with_pip=True)
        _run([str(python), *_PIP, *wanted])


_PIP = ("-m", "pip", "install", "-q", "--disable-pip-version-check")


def uv() -> str | None:
    """Give uv, which makes an environment in a tenth of pip's time; None where it is missing and cannot be fetched."""
    found = shutil.which("uv")
    where = ENVS / "uv"
    own = where / ("Scripts" if os.name == "nt" else "bin")
    if found is None and not (own / "uv").exists():
        venv.create(where, with_pip=True, clear=True)
        if subprocess.run([str(own / "python"), *_PIP, "uv"], check=False).returncode:
            print("uv cannot be fetched: environments are made with pip", flush=True)
            return None
    return found or str(own / "uv")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(f"tests/suite.py: {' '.join(command)} failed with exit code {done.returncode}")


def _pytest(env: str, *arguments: str) -> None:
    """Run tests; what fails beside others is run once more, alone: on two busy cores a wait for seconds can starve."""
    command = [str(interpreter(env)), "-m", "pytest", "-q", *arguments]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        print("tests/suite.py: what failed is run once more, alone", flush=True)
        _run([*command, "-n", "0", "--last-failed", "--last-failed-no-failures", "none"])


def lint() -> None:
    """Style and types."""
    python = str(interpreter("new"))
    _run([python, "-m", "ruff", "check", "src", "dashboards/source"])
    _run([python, "-m", "mypy"])


# The tests of clients that the other environments hold, or that need none.
_ELSEWHERE = ("openai", "anthropic", "stainless", "arming", "unknown_versions")


def _breadth() -> list[str]:
    """Give the tests of the clients that live in the breadth environments."""
    found = sorted((ROOT / "tests/clients").glob("test_*.py"))
    return [str(one.relative_to(ROOT)) for one in found if one.stem.removeprefix("test_") not in _ELSEWHERE]


def _servers() -> None:
    """Build the real servers that are not in the cache yet, before a test's time limit runs."""
    _run([str(interpreter("new")), "-m", "tests.stack.build"])


def unit() -> None:
    """Everything that needs no running server, with the newest openai and anthropic."""
    _servers()  # their promtool judges the rules
    elsewhere = (*_breadth(), "tests/beside", "tests/grafana")
    _pytest("new", "-n", "2", "-m", "not stack", *(f"--ignore={one}" for one in elsewhere))


_FAULTS = "may_raise or may_fail"  # each of our own functions raises in turn


def breadth() -> None:
    """The contract with every other client, but for the faults in our own code."""
    _pytest("breadth", "-n", "2", "-k", f"not ({_FAULTS})", *_breadth())


def breadth_old() -> None:
    """The same with their oldest majors."""
    _pytest("breadth-old", "-n", "2", "-k", f"not ({_FAULTS})", *_breadth())


def faults() -> None:
    """The faults in our own code with every other client, in its newest version and, for guardrails-ai, its only one."""
    _pytest("breadth", "-n", "2", "-k", _FAULTS, *_breadth())
    _pytest("breadth-old", "-k", _FAULTS, "tests/clients/test_guardrails_ai.py")


def crewai() -> None:
    """The contract with CrewAI, which pins what the others need otherwise."""
    _pytest("crewai", "tests/clients/test_crewai.py")


def beside() -> None:
    """Our account beside other people's instrumentations."""
    _pytest("beside", "tests/beside")


# What depends on the generation of the clients.
_GENERATIONS = ("tests/clients/test_openai.py", "tests/clients/test_anthropic.py", "tests/engine", "tests/demo")


def mid() -> None:
    """The contract and the demo with the majors before."""
    _pytest("mid", "-n", "2", *_GENERATIONS)


def old() -> None:
    """The contract and the demo with the oldest majors, and LlamaIndex over the one anthropic that it works with."""
    _pytest("old", "-n", "2", *_GENERATIONS, "tests/clients/test_stacks.py")


def grafana() -> None:
    """The boards and alerts into a Grafana, by grafana-client, which has an environment of its own."""
    _pytest("grafana", "tests/grafana")


def stack() -> None:
    """The real Collector, Prometheus, Tempo and Alertmanager."""
    _servers()
    _pytest("new", "tests/stack", "--timeout=2400")  # servers start, and alerts wait for their time


_ALL = (lint, unit, mid, old, breadth, breadth_old, crewai, faults, beside, grafana, stack)
STEPS: dict[str, Callable[[], None]] = {step.__name__: step for step in _ALL}


def main(asked: list[str]) -> None:
    if asked[:1] == ["env"]:
        print(interpreter(asked[1]))
        return
    for name in asked or STEPS:
        started = time.monotonic()
        print(f"== {name}: {STEPS[name].__doc__}", flush=True)
        STEPS[name]()
        print(f"== {name}: passed in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
