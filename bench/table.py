"""The tables, rendered from the committed summary: the README's short one and the whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.peers import PEERS, Peer
from bench.results import Result, summary

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- bench: rendered by `python -m bench table`, do not edit -->", "<!-- /bench -->"
_DASH = "–"

Summary = dict[str, dict[str, Result]]


def added(told: Summary, peer: Peer, work: str) -> float | None:
    """Give instructions that a peer adds to one piece of work."""
    mine, base = _figure(told, "instructions", peer.name, work), 0.0
    if work not in ("retrieval", "guardrail"):  # which nobody does alone
        base = _figure(told, "instructions", peer.name, f"{work}_alone") or _figure(told, "instructions", peer.against, work)
    return None if mine is None or base is None else mine - base


def _figure(told: Summary, part: str, peer: str, *path: str) -> Any:
    node: Any = told.get(part, {}).get(peer, {}).get("figures")
    for key in path:
        node = node.get(key) if node is not None else None
    return node


def _count(value: float | None, unit: float, digits: int) -> str:
    return _DASH if value is None else f"{value / unit:,.{digits}f}"


def _over(told: Summary, peer: Peer, state: str, key: str) -> float | None:
    """Give a start-up figure over the client alone."""
    mine = _figure(told, "startup", peer.name, state, key)
    base = _figure(told, "startup", peer.against, state, key)
    return None if mine is None or base is None else mine - base


Cell = Callable[[Summary, Peer], str]
_COLUMNS: tuple[tuple[str, Cell], ...] = (
    ("instructions a chat call, M", lambda told, peer: _count(added(told, peer, "chat"), 1e6, 2)),
    ("async chat, M", lambda told, peer: _count(added(told, peer, "achat"), 1e6, 2)),
    ("embeddings, M", lambda told, peer: _count(added(told, peer, "embed"), 1e6, 2)),
    ("streamed chunk, k", lambda told, peer: _count(added(told, peer, "chunk"), 1e3, 1)),
    ("async chunk, k", lambda told, peer: _count(added(told, peer, "achunk"), 1e3, 1)),
    ("retrieval, M", lambda told, peer: _count(added(told, peer, "retrieval"), 1e6, 2)),
    ("guardrail, M", lambda told, peer: _count(added(told, peer, "guardrail"), 1e6, 2)),
    ("idle, CPU ms", lambda told, peer: _count(_over(told, peer, "idle", "cpu_ms"), 1, 0)),
    ("idle, MiB", lambda told, peer: _count(_over(told, peer, "idle", "rss_mib"), 1, 1)),
    ("first call, CPU ms", lambda told, peer: _count(_over(told, peer, "first", "cpu_ms"), 1, 0)),
    ("exit, Collector dead, s", lambda told, peer: _count(_late(told, peer), 1, 1)),
    ("spans lost", lambda told, peer: _lost(_figure(told, "leaving", peer.name, "lost"), peer, told)),
)


def _late(told: Summary, peer: Peer) -> float | None:
    """Give seconds that leaving takes over the client alone."""
    mine, base = (_figure(told, "leaving", name, "exit_s") for name in (peer.name, "plain"))
    return None if mine is None or base is None else mine - base


def _lost(lost: int | None, peer: Peer, told: Summary) -> str:
    calls = _figure(told, "leaving", peer.name, "calls")
    return _DASH if lost is None else f"{lost} of {calls}"


def rows(told: Summary) -> list[str]:
    """Give the table of all peers, one line each; what each adds to the client alone."""
    heads = ["what it adds", *(head for head, _ in _COLUMNS)]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for peer in PEERS:
        if peer.name.startswith("plain") or not any(peer.name in part for part in told.values()):
            continue
        cells = [cell(told, peer) for _, cell in _COLUMNS]
        lines.append("| " + " | ".join([peer.says, *cells]) + " |")
    return lines


def alone(told: Summary) -> list[str]:
    """Give what is measured of us alone, a sentence each."""
    lines = []
    line = _figure(told, "startup", "tellmetry", "pth_line_us")
    if line is not None:
        lines.append(f"- Off, the line that Python reads at its start takes {line:.0f} µs and imports nothing of ours.")
    held = _figure(told, "memory", "tellmetry", "rss_mib")
    if held:
        lines.append(f"- Memory after 20,000 and 100,000 calls: {held[0]:.1f} and {held[-1]:.1f} MiB.")
    ours = _figure(told, "loop", "tellmetry")
    if ours:
        lines.append(
            f"- 1,000 asyncio streams at once: our longest work between two steps takes {ours['streams']['our_longest_ms']:.2f} "
            f"ms of CPU, {ours['large']['our_longest_ms']:.2f} ms with a megabyte in each prompt."
        )
    return [*lines, *_collector(_figure(told, "collector", "tellmetry"))]


def _collector(told: Any) -> list[str]:
    if not told:
        return []
    exact = [one for one in told["rates"] if one["exact"]]
    least = min(one["cpu_s_per_1000_spans"] for one in told["rates"])
    best = max((one["sent_per_s"] for one in exact), default=0)
    return [
        f"- The Collector with our config takes {best:,} spans a second, every one counted, at {least * 1000:.0f} ms of CPU "
        f"for 1,000 spans; {told['users']:,} users make {told['series']} series."
    ]


def conditions(told: Summary) -> str:
    """Say on what the figures were taken; how busy the machine was matters for those that are times."""
    taken = [one for part in told.values() for one in part.values()]
    machine, day = taken[0]["machine"], max(one["on"] for one in taken)
    load = max(one["machine"]["load"] for part, of in told.items() if part != "instructions" for one in of.values())
    chunk_k = told["instructions"]["plain"]["figures"]["chunk"] / 1e3
    busy = "; the machine was busy, so trust the instructions, and times by their order only" if load > machine["cores"] else ""
    return (
        f"Measured {day} with Python {machine['python']}, {machine['system']}, {machine['cores']} cores, load up to "
        f"{load:.0f}{busy}. Instructions are counted with the garbage collector off. A chunk takes the client itself "
        f"{chunk_k:.0f} k, and some thousand more or less from one process to the next: the first three rows compare one "
        "process with and without what is measured, the mean of five starts; the peers' rows compare two processes, good "
        f"to about five thousand. {_DASH}: not measured, or the peer has no such call. Ours that nobody took were counted on "
        "disk; a peer keeps none, so what its dead Collector did not take is gone."
    )


def block(told: Summary | None = None) -> str:
    """Give the README's block."""
    told = summary() if told is None else told
    return "\n".join([BEGIN, *rows(told), "", *alone(told), "", conditions(told), END])


def write() -> None:
    """Put the block into the README."""
    text = README.read_text()
    before, mark, rest = text.partition(BEGIN)
    if not mark:
        raise SystemExit(f"bench: {README} has no {BEGIN}")
    README.write_text(before + block() + rest.partition(END)[2])


def written() -> str:
    """Give the block that the README has."""
    text = README.read_text()
    return BEGIN + text.partition(BEGIN)[2].partition(END)[0] + END


