"""What one call consumed, in the counts an invoice is made of, and the tokenizer that finds them."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from operator import add

CHARS_PER_TOKEN = 4


def tokens(chars: int) -> int:
    """Count tokens as this provider does: one for every four characters begun."""
    return -(-chars // CHARS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of one call; `input` and `output` are totals, the others are parts of them.

    Anthropic reports the cached and the written part beside `input_tokens`; here they are inside, for every API.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    write_5m: int = 0
    write_1h: int = 0
    audio_in: int = 0
    audio_out: int = 0
    reasoning: int = 0
    web_searches: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*map(add, astuple(self), astuple(other)))

    @property
    def uncached(self) -> int:
        """Input tokens that neither came from a cache nor were written to one."""
        return self.input - self.cached - self.write_5m - self.write_1h

    def with_output(self, output: int) -> Usage:
        """Return the same call as it stood when only `output` tokens had been sent."""
        return replace(
            self,
            output=output,
            reasoning=min(self.reasoning, output),
            audio_out=min(self.audio_out, output),
        )

    def impossible(self) -> str | None:
        """Say what in these counts no provider could report, or None."""
        if self.uncached - self.audio_in < 0:
            return "cached, written and audio input exceed input"
        if self.audio_out > self.output or self.reasoning > self.output:
            return "reasoning or audio output exceeds output"
        return None
