"""MCP: a tool called and a tool served are one span each, one under the other, and the SDK's own spans stay as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

pytest.importorskip("mcp.server.lowlevel.server")

import anyio  # noqa: E402
from canaries import canary, silence  # noqa: E402
from mcp import ClientSession  # noqa: E402
from mcp.shared.memory import create_client_server_memory_streams  # noqa: E402
from opentelemetry.trace import SpanKind  # noqa: E402
from places import look_as_before  # noqa: E402
from recording import Recording  # noqa: E402
from sighting import see  # noqa: E402
from tracing import app_provider  # noqa: E402

import tellmetry  # noqa: E402
from tellmetry import guard  # noqa: E402

try:
    from mcp.server.mcpserver import MCPServer
except ImportError:  # 1.x
    from mcp.server.fastmcp import FastMCP as MCPServer

CANARY = canary("result")
server = MCPServer("shop")
SENDS = hasattr(server, "_lowlevel_server")  # whether the SDK sends its client's span along: since 2.0


@server.tool()
async def lookup(sku: str) -> str:
    """Look it up."""
    if sku == "broken":
        raise ValueError(CANARY)
    if sku == "slow":
        await anyio.sleep(30)
    with tellmetry.retrieval("stock") as found:
        found.results(1)
    return f"{sku} {CANARY}"


class Wire:
    """A client's stream of messages to the server, and what went through it."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.inner: Any = None

    async def send(self, message: Any) -> None:
        told = getattr(message.message, "root", message.message)
        self.sent.append(told.model_dump(mode="json", exclude_none=True))
        await self.inner.send(message)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def __aenter__(self) -> Any:
        await self.inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.inner.__aexit__(*error)


@asynccontextmanager
async def connected(wire: Wire | None = None) -> AsyncIterator[ClientSession]:
    """Connect a client to the server, over streams of messages as a real transport has them."""
    low = getattr(server, "_lowlevel_server", None) or server._mcp_server
    async with create_client_server_memory_streams() as (client, (read, write)), anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: low.run(read, write, low.create_initialization_options()))
        sending = client[1]
        if wire is not None:
            wire.inner, sending = sending, wire
        async with ClientSession(client[0], sending) as session:
            await session.initialize()
            yield session
        tasks.cancel_scope.cancel()


def run(use: Callable[[ClientSession], Any], wire: Wire | None = None) -> Any:
    async def using() -> Any:
        async with connected(wire) as session:
            return await use(session)

    return asyncio.run(using())


def told(recorded: Recording) -> list[tuple[str, str, str | None]]:
    return [(one.name, one.kind, one.error_type) for one in recorded]


def test_both_sides_are_told_one_under_the_other(recorded: Recording) -> None:
    run(lambda session: session.call_tool("lookup", {"sku": CANARY}))
    assert told(recorded) == [
        ("retrieval stock", "client", None),
        ("tools/call lookup", "server", None),
        ("tools/call lookup", "client", None),
    ]
    found, served, called = recorded
    assert found.span.parent_id == served.span.span_id
    assert served.operation == called.operation == "execute_tool"
    assert called.mcp_method == "tools/call"
    if SENDS:
        assert served.span.parent_id == called.span.span_id
        assert served.span.parent_is_remote
    assert CANARY not in "".join(repr(recorded.attributes(one)) for one in recorded)


def test_a_tool_that_fails_is_an_error_on_both_sides(recorded: Recording) -> None:
    run(lambda session: session.call_tool("lookup", {"sku": "broken"}))
    assert told(recorded) == [
        ("tools/call lookup", "server", "tool_error"),
        ("tools/call lookup", "client", "tool_error"),
    ]


def test_a_refusal_by_the_protocol_has_its_code(recorded: Recording) -> None:
    """A client that is gone gets an error of the protocol's; what it asked for was wrong, so the server has done its part."""
    from tellmetry.record import ToolCall
    from tellmetry.wire import tools_call

    class Refusal(Exception):
        def __init__(self) -> None:
            self.error = type("Data", (), {})()
            self.error.code = -32602

    for kind, error_type in (("client", "-32602"), ("server", None)):
        tool = ToolCall()
        tool.kind, tool.error_type = kind, "Refusal"
        tools_call.failed(tool, Refusal())
        assert (tool.rpc_status, tool.error_type) == ("-32602", error_type)


def test_cancelled(recorded: Recording) -> None:
    async def use(session: ClientSession) -> None:
        task = asyncio.create_task(session.call_tool("lookup", {"sku": "slow"}))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(use)
    assert [one.error_type for one in recorded if one.kind == "client"] == ["cancelled"]


def test_an_execution_that_is_told_already_takes_the_call(recorded: Recording) -> None:
    """A framework's tool that is the server's, prefixed or not, is no second execution; one that only uses it is."""

    async def use(session: ClientSession) -> None:
        for name in ("lookup", "shop_lookup", "plan"):
            with tellmetry.tool(name):
                await session.call_tool("lookup", {"sku": "broken"})

    run(use)
    clients = [one for one in recorded if one.operation == "execute_tool" and one.kind != "server"]
    assert [(one.name, one.mcp_method, one.error_type) for one in clients] == [
        ("execute_tool lookup", "tools/call", "tool_error"),
        ("execute_tool shop_lookup", "tools/call", "tool_error"),
        ("tools/call lookup", "tools/call", "tool_error"),
        ("execute_tool plan", None, None),
    ]
    assert clients[2].span.parent_id == clients[3].span.span_id


def test_the_app_sees_the_same(tmp_path: Any) -> None:
    """Results and messages are the same, but for the span that the SDK sends along by itself."""
    from recording import recording

    async def use(session: ClientSession) -> list[Any]:
        seen = [see(await session.call_tool("lookup", {"sku": sku})) for sku in ("one", "broken")]
        seen.append(see(await session.list_tools()))
        return [*seen, see(await session.call_tool("none", {}))]

    def both() -> tuple[Any, Any]:
        wire = Wire()
        return run(use, wire), [without_span(one) for one in wire.sent]

    bare = both()
    with recording(tmp_path) as recorded:
        assert both() == bare
        assert len(recorded) > 5
        assert not guard.lost


def without_span(message: Any) -> Any:
    params = message.get("params") or {}
    carried = {name: value for name, value in (params.get("_meta") or {}).items() if name != "traceparent"}
    return {**message, "params": {**params, "_meta": carried}}


def test_inside_a_span_of_the_app(tmp_path: Any) -> None:
    """The app's provider gets one span a side for a tool; for everything else the SDK's own, as before."""
    from recording import recording

    async def use(session: ClientSession) -> None:
        await session.list_tools()
        await session.call_tool("lookup", {"sku": "one"})

    with app_provider() as spans:
        run(use)
        before = sorted(span.name for span in spans.others if "tools/call" not in span.name)
        spans.clear()
        with recording(tmp_path):
            run(use)
        assert sorted(span.name for span in spans.others) == before
        ours = {span.kind: span for span in spans.ours if "tools/call" in span.name}
        assert set(ours) == {SpanKind.CLIENT, SpanKind.SERVER}
        if SENDS:
            assert ours[SpanKind.SERVER].parent.span_id == ours[SpanKind.CLIENT].context.span_id
            assert [span.name for span in spans.others if "tools/list" in span.name] == ["tools/list", "MCP send tools/list"]


@pytest.mark.parametrize("place", ["_called", "_served", "_served_before", "_is_told", "_opened"])
def test_whatever_of_ours_fails_the_app_gets_its_answer(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    from injection import Injector
    from recording import recording

    from tellmetry.clients import mcp

    with recording(tmp_path, strict=False), Injector().fault(getattr(mcp, place).__code__):
        result = run(lambda session: session.call_tool("lookup", {"sku": "one"}))
        assert CANARY in result.content[0].text


def test_nothing_private_leaves(tmp_path: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """No argument, result or error text."""

    async def use(session: ClientSession) -> None:
        for name, sku in (("lookup", CANARY), ("lookup", "broken"), ("none", CANARY)):
            await session.call_tool(name, {"sku": sku})

    told, spans = silence(lambda: run(use), tmp_path, ("mcp",), capfd)
    assert told.count("tools/call lookup") == 4
    assert len([span for span in spans.ours if span.name == "tools/call lookup"]) == 4


def test_forty_at_once_have_their_own(recorded: Recording) -> None:
    async def use(session: ClientSession) -> None:
        async def one(number: int) -> None:
            with tellmetry.tool(f"number {number}"):
                await session.call_tool("lookup", {"sku": str(number)})

        await asyncio.gather(*map(one, range(40)))

    run(use)
    outer = {one.span.span_id for one in recorded if one.operation == "execute_tool" and one.kind == "internal"}
    parents = [one.span.parent_id for one in recorded if one.kind == "client" and one.operation == "execute_tool"]
    assert sorted(parents) == sorted(outer)
    assert len(outer) == 40


def test_patched_places_look_as_before(arm: Any) -> None:
    assert look_as_before(arm, "mcp")
