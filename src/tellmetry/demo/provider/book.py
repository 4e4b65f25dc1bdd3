"""Which directives hold for a request: those in its prompt and header, and the rules a test has set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock

from tellmetry.demo.provider.ask import Ask
from tellmetry.demo.provider.request import Request
from tellmetry.demo.provider.script import Group, Script, bare, groups, script_of

HEADER = "x-provider-script"
_RETRY_COUNT = "x-stainless-retry-count"


@dataclass(slots=True)
class Rule:
    """A directive for every request that matches, for `uses` requests or until it is removed."""

    groups: tuple[Group, ...]
    endpoint: str | None = None
    model: str | None = None
    key: str | None = None
    contains: str | None = None
    uses: int | None = None

    def matches(self, ask: Ask, request: Request) -> bool:
        """Say whether the rule is for this request."""
        return (
            self.uses != 0
            and self.endpoint in (None, ask.endpoint)
            and self.model in (None, ask.model)
            and self.key in (None, request.key)
            and (self.contains is None or self.contains in ask.text)
        )


class Book:
    """The rules, and how often a directive has held already."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rules: list[Rule] = []
        self._attempts: Counter[int] = Counter()
        self._seen: Counter[int] = Counter()

    def add(self, rule: Rule) -> None:
        """Set a rule."""
        with self._lock:
            self._rules.append(rule)

    def remove(self, rule: Rule) -> None:
        """Take a rule away."""
        with self._lock:
            self._rules.remove(rule)

    def reset(self) -> None:
        """Forget the rules and every count."""
        with self._lock:
            self._rules.clear()
            self._attempts.clear()
            self._seen.clear()

    def script(self, ask: Ask, request: Request) -> Script:
        """Merge what holds now: rules first, then the header, then the prompt, which has the last word."""
        with self._lock:
            found = [group for rule in self._rules for group in self._use(rule, ask, request)]
            found += groups(bare(header)) if (header := request.headers.get(HEADER)) else ()
            found += groups(ask.text) if "[[" in ask.text else ()
            return script_of([group for group in found if self._holds(group, request)])

    def _use(self, rule: Rule, ask: Ask, request: Request) -> tuple[Group, ...]:
        if not rule.matches(ask, request):
            return ()
        if rule.uses is not None:
            rule.uses -= 1
        return rule.groups

    def _holds(self, group: Group, request: Request) -> bool:
        if group.first is None and group.times is None:
            return True
        same = hash((request.key, request.path, request.body, group.text))
        if group.first is not None:
            self._seen[same] += 1
            return self._seen[same] <= group.first
        return self._attempt(request, same, group.times or 0)

    def _attempt(self, request: Request, same: int, times: int) -> bool:
        """Count attempts by the client's own header, which is exact among equal calls at once; else by body."""
        retries = request.headers.get(_RETRY_COUNT, "")
        if retries.isdigit():
            return int(retries) < times
        self._attempts[same] += 1
        if self._attempts[same] <= times:
            return True
        del self._attempts[same]
        return False
