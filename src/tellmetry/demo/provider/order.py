"""One request while its reply is made: an answer, a stream, or the fault that the script wants instead."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tellmetry.demo.provider import faults
from tellmetry.demo.provider.answer import Answer, compose
from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.bill import Charge
from tellmetry.demo.provider.frames import Frame, dumps
from tellmetry.demo.provider.headers import head, limits
from tellmetry.demo.provider.memory import Memory
from tellmetry.demo.provider.meter import HUNG_UP, Meter
from tellmetry.demo.provider.reply import Drop, Reply, Step, plain_step, stream_steps
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.routes import Endpoint
from tellmetry.demo.provider.script import Script

_JSON = "application/json"
_EVENTS = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Order:
    """A request with its endpoint, its number, and its place on the bill."""

    request: Request
    endpoint: Endpoint
    id: str
    charge: Charge
    memory: Memory

    def fill(self, ask: Ask, script: Script) -> Reply:
        """Make the reply the script wants."""
        if fault := faults.fault_of(script):
            return self.refuse(fault, script.slow or 0.0)
        if script.cut_after == 0:
            return Reply([Step(script.slow or 0.0, b"")], Meter(self.charge, HUNG_UP), _drop(script))
        inside = self.endpoint.family == "openai"
        answer = compose(ask, script, self.id, int(time.time()), cache_inside=inside)
        meter = Meter(self.charge, 200, answer.usage, answer.model, answer.tier)
        if not (answer.told and ask.tells_usage) and ask.counts != "nothing":
            meter.ending = "untold"
        if ask.stream and self.endpoint.frames is not None:
            reply = self._stream(answer, meter, self.endpoint.frames(ask, answer))
        else:
            reply = self._plain(answer, meter, dumps(self.endpoint.plain(ask, answer)).encode())
        self.memory.keep(ask, answer)
        return reply

    def refuse(self, script: Script, wait_s: float = 0.0) -> Reply:
        """Make an error reply."""
        status = script.status or 400
        body = dumps(faults.body(self.endpoint.family, script, f"req_{self.id}")).encode()
        step = plain_step(self._head(status, _JSON, script), body, wait_s)
        return Reply([step], Meter(self.charge, status))

    def _head(self, status: int, kind: str, script: Script, used: int = 0) -> bytes:
        family = self.endpoint.family
        more = limits(family, script, used) | faults.headers(script)
        return head(family, status, kind, f"req_{self.id}", more)

    def _plain(self, answer: Answer, meter: Meter, body: bytes) -> Reply:
        script = answer.script
        if script.malformed is not None or script.cut_after is not None:
            meter.ending = "broken"
        half = body[: len(body) // 2]
        wait_s = (script.slow or 0.0) + (script.first_chunk_delay_ms or 0.0) / 1000
        start = self._head(200, _JSON, script, answer.usage.input)
        step = plain_step(start, body if script.malformed is None else half, wait_s)
        if script.cut_after is not None:
            step = step._replace(data=step.data[: -len(half)])
        return Reply([step], meter, _drop(script))

    def _stream(self, answer: Answer, meter: Meter, whole: list[Frame]) -> Reply:
        script = answer.script
        meter.measure(whole, is_exact=script.output is not None)
        frames = faults.spoil(whole, self.endpoint.name, script)
        if frames is not whole:
            meter.ending = "broken"
        start = self._head(200, _EVENTS, script, answer.usage.input)
        drop = _drop(script)
        return Reply(stream_steps(start, frames, script, ends=drop is None), meter, drop)


def _drop(script: Script) -> Drop | None:
    if script.cut_after is None:
        return None
    return "reset" if script.reset else "close"
