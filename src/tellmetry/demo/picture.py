"""What a terminal shows, as SVG pictures for the README: rendered, never drawn by hand."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, RenderableType

_WIDTH = 100
# Rich's picture loads its font from a public server; ours asks nobody and takes the reader's own.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code", "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono"
)


def save(path: Path, title: str, *shown: RenderableType) -> None:
    """Save what a terminal would show."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO())
    console.print(*shown, sep="")
    path.parent.mkdir(parents=True, exist_ok=True)
    console.save_svg(str(path), title=title, code_format=_FORMAT)
