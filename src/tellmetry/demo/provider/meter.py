"""From what was sent to what is charged: one request, from its first byte to its line on the bill."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus

from tellmetry.demo.provider.bill import DROPPED, GONE, Charge, price
from tellmetry.demo.provider.frames import Frame
from tellmetry.demo.provider.tally import Section
from tellmetry.demo.provider.usage import Usage, tokens

HUNG_UP = 0


@dataclass(slots=True)
class Meter:
    """The account of one reply; the connection tells it how the reply went."""

    charge: Charge
    status: int
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    tier: str = ""
    ending: Section = "complete"
    """The section to which the reply belongs when all of it has been sent."""
    chunks: int = 0
    chars: int = 0
    """Content chunks and characters of the whole answer; none when the reply is sent in one piece."""
    is_exact: bool = False
    """Whether a directive set the output tokens, so that a part of them is a share and not a count."""

    def measure(self, whole: list[Frame], *, is_exact: bool) -> None:
        """Take the measure of a stream before anything happens to it."""
        self.chunks = sum(1 for frame in whole if frame.chars)
        self.chars = sum(frame.chars for frame in whole)
        self.is_exact = is_exact

    def begin(self) -> None:
        """Note that the status line is on its way."""
        if self._is_good:
            self.charge.answer()

    @property
    def _is_good(self) -> bool:
        return self.status == HTTPStatus.OK

    def end(self, chunks: int, chars: int) -> None:
        """Close the account of a reply that was sent as far as it was meant to be."""
        if self._is_good:
            whole = self.ending in ("complete", "untold") or not self.chunks
            self._charge(self.ending, self.usage if whole else self._sent(chunks, chars))
        else:
            self.charge.fail(DROPPED if self.status == HUNG_UP else str(self.status))

    def lost(self, chunks: int, chars: int) -> None:
        """Close the account of a reply that the client did not wait for."""
        if self._is_good:
            self._charge("cut", self._sent(chunks, chars))
        else:
            self.charge.fail(GONE)

    def _charge(self, section: Section, usage: Usage) -> None:
        self.charge.end(section, usage, price(self.model, self.tier, usage))

    def _sent(self, chunks: int, chars: int) -> Usage:
        """Count what a part of the answer consumed: the prompt, the reasoning before it, and the part."""
        if not chunks:
            return self.usage.with_output(0)
        if self.is_exact:
            return self.usage.with_output(-(-self.usage.output * chunks // self.chunks))
        unseen = self.usage.output - tokens(self.chars)
        return self.usage.with_output(unseen + tokens(chars))
