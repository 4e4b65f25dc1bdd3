"""The terminal's window on the store: traces to the left, what a span says to the right."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Footer, Tree
from textual.widgets.tree import TreeNode

from tellmetry import names
from tellmetry.report.figures import count, money, seconds
from tellmetry.report.row import length_s
from tellmetry.view.traces import Node

_MOST = 500  # traces shown at once

Read = Callable[[], list[Node]]


class View(App[None]):
    """Shows what `read()` gives, the newest trace first."""

    TITLE = "tellmetry"
    CSS = "Tree { width: 3fr; } DataTable { width: 2fr; border-left: solid $surface-lighten-2; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "quit", "Quit"),
        ("r", "reload", "Read the store again"),
        ("f", "failures", "Failures only"),
    ]

    def __init__(self, read: Read) -> None:
        super().__init__()
        self._read = read
        self._only_failures = False

    def compose(self) -> ComposeResult:
        """Lay out the window."""
        with Horizontal():
            yield Tree[Node]("")
            yield DataTable[Text](show_cursor=False)
        yield Footer()

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(DataTable).add_columns("", "")
        self.query_one(Tree).show_root = False
        self.action_reload()

    def action_reload(self) -> None:
        """Read the store and show it from the start."""
        tree = self.query_one(Tree)
        tree.clear()
        tree.root.expand()
        roots = [node for node in self._read() if node.failed or not self._only_failures]
        for node in roots[:_MOST]:
            _grow(tree.root, node)
        what = "failed traces" if self._only_failures else "traces"
        self.sub_title = f"{min(len(roots), _MOST)} of {len(roots)} {what}"

    def action_failures(self) -> None:
        """Show what failed only, or everything again."""
        self._only_failures = not self._only_failures
        self.action_reload()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Node]) -> None:
        """Say what the span under the cursor says."""
        table = self.query_one(DataTable)
        table.clear()
        if event.node.data is not None:
            for name, value in sorted(event.node.data.span.attributes.items()):
                table.add_row(Text(name, "bold"), Text(_plain(value)))


def _grow(parent: TreeNode[Node], node: Node) -> None:
    label = _label(node, is_root=parent.is_root)
    if not node.children:
        parent.add_leaf(label, node)
        return
    branch = parent.add(label, node, expand=not parent.is_root)
    for child in node.children:
        _grow(branch, child)


def _label(node: Node, *, is_root: bool) -> Text:
    """Name a span, how long it took, what it cost and what it used."""
    span, told = node.span, node.span.attributes
    at = time.strftime("%m-%d %H:%M:%S  ", time.localtime(span.started_ns / 1e9)) if is_root else ""
    says = [f"{at}{span.name}", seconds(length_s(span))]
    if node.cost_usd is not None:
        says.append(money(node.cost_usd))
    if names.OUTPUT_TOKENS in told:
        says.append(f"{count(told.get(names.INPUT_TOKENS, 0))} + {count(told[names.OUTPUT_TOKENS])} tokens")
    outcome = told.get(names.GUARDRAIL_OUTCOME) or told.get(names.RESULT) or told.get(names.ERROR_TYPE)
    return Text("  ".join([*says, *([str(outcome)] if outcome else ())]), "red" if span.failed else "")


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
