"""What every look-up tells: how many results, how good the best one was, and which ones they are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

from tellmetry.privacy import clean
from tellmetry.record import LISTED, Retrieval
from tellmetry.wire.shape import number


def found(retrieval: Retrieval, ids: Collection[object], scores: Iterable[object] = ()) -> None:
    """Add results by their ids, None where one has none, and by their scores, of which a higher one is better.

    A batch of queries adds up: the count is the sum. A distance, of which a lower one is better, is no score: it is
    left out where no exact rule makes a similarity of it.
    """
    retrieval.count = (retrieval.count or 0) + len(ids)
    told = (retrieval.top_score, *map(number, scores))
    retrieval.top_score = max((score for score in told if score is not None and math.isfinite(score)), default=None)
    _list(retrieval, ids)


def falling(scores: Iterable[object]) -> list[float]:
    """Give the scores of one ranked list, best first, if they fall: then a higher one is better.

    A store that ranks by distances gives rising ones under the same name; of a single one nobody knows.
    """
    known = [score for score in map(number, scores) if score is not None]
    return known if len(known) > 1 and known[0] > known[-1] and known == sorted(known, reverse=True) else []


def _list(retrieval: Retrieval, ids: Iterable[object]) -> None:
    """List the first ids. A text may be a person's address and is masked; a long number is no card's."""
    listed = dict.fromkeys(retrieval.sources or ())
    for one in ids:
        if len(listed) == LISTED:
            break
        told = clean(one) if isinstance(one, str) else None if one is None else str(one)
        if told:
            listed[told] = None
    if listed:
        retrieval.sources = tuple(listed)
