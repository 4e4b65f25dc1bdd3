"""The programs the tests run for real: what each is built from and where its binaries are kept."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = Path(__file__).resolve().parent / "modules"
MANIFEST = ROOT / "collector" / "build" / "manifest.yaml"


def cache() -> Path:
    """Name the directory that keeps built programs, outside the tree so that every clone shares it."""
    return Path(os.environ.get("TELLMETRY_TOOLS") or "~/.cache/tellmetry/tools").expanduser()


@dataclass(frozen=True, slots=True)
class Tool:
    """One server and the programs that come with it, built from a Go module that pins every dependency."""

    name: str
    version: str
    binaries: tuple[str, ...]
    tags: str = ""
    manifest: Path | None = None

    @property
    def module(self) -> Path:
        """The module that holds the tool, or, with a manifest, the builder that reads it."""
        return MODULES / ("builder" if self.manifest else self.name)

    @property
    def home(self) -> Path:
        """Where its binaries are; another version, pin or flag is another directory."""
        digest = hashlib.sha256(f"{self.tags}\n".encode())
        for source in (self.module / "go.mod", self.module / "go.sum", self.manifest):
            digest.update(source.read_bytes() if source else b"")
        return cache() / f"{self.name}-{self.version}-{digest.hexdigest()[:10]}"

    @property
    def built(self) -> bool:
        """Whether all its binaries are there; the directory appears only when they are."""
        return self.home.is_dir()


TOOLS = (
    # Without service discovery it builds in half the time; static and file targets are always in.
    Tool("prometheus", "3.13.5", ("prometheus", "promtool"), tags="netgo,remove_all_sd"),
    Tool("alertmanager", "0.28.1", ("alertmanager", "amtool")),
    Tool("tempo", "2.8.0-rc.0", ("tempo",)),
    Tool("otelcol", "0.161.0", ("otelcol",), manifest=MANIFEST),
)
OWNER = {binary: tool for tool in TOOLS for binary in tool.binaries}
