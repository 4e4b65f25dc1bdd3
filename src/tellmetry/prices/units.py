"""How billable units contain each other: cached audio is cached input and is audio input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Facets = frozenset[tuple[str, str]]

# Units of ours beside the list's, which prices no image by the piece; a custom file may.
OWN_UNITS: dict[str, Any] = {"images": [1, {"family": "images"}]}

_CACHED = ("cache_read", "cache_write")


class Units:
    """The units of a list: how many of one a price is for, and which are parts of which.

    `around` gives the units that one is a part of, `inside` those that are its parts.
    """

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self.per: dict[str, int] = {key: per for key, (per, _) in definitions.items()}
        self.facets: dict[str, Facets] = {key: frozenset(facets.items()) for key, (_, facets) in definitions.items()}
        self._named = {facets: key for key, facets in self.facets.items()}
        self.around = {
            key: frozenset(other for other, less in self.facets.items() if less < own)
            for key, own in self.facets.items()
        }
        self.inside = {
            key: frozenset(other for other, around in self.around.items() if key in around) for key in self.facets
        }

    def crossings(self, key: str) -> tuple[tuple[str, str], ...]:
        """Give the pairs of units whose overlap is exactly `key`."""
        around, facets = sorted(self.around[key]), self.facets
        pairs = [(one, two) for one in around for two in around if one < two]
        return tuple((a, b) for a, b in pairs if facets[a] | facets[b] == facets[key])

    def uncached(self, key: str) -> str:
        """Give the unit that tokens of `key` would be if there were no cache."""
        facets = dict(self.facets[key])
        if facets.pop("token_type", None) not in _CACHED:
            return key
        facets.pop("cache_ttl", None)
        return self._named[frozenset(facets.items())]

    def gap(self, priced: Collection[str]) -> str | None:
        """Name a unit that must have a price too before counts of the `priced` ones part cleanly."""
        for one in sorted(priced):
            overlaps = (self._overlap(one, two) for two in sorted(priced))
            for needed in (*sorted(self.around[one]), *overlaps):
                if needed is not None and needed not in priced:
                    return needed
        return None

    def _overlap(self, one: str, two: str) -> str | None:
        """Give the unit that is part of both; None if they exclude each other."""
        both = self.facets[one] | self.facets[two]
        if len(dict(both)) < len(both):
            return None
        return self._named.get(both) or f"{one} that are {two}"
