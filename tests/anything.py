"""Any finished span at all: strategies for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from tellmetry.emit.spans import Finished, Own

_NS = st.integers(0, 2**63 - 1)
_SCALARS = st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.floats(allow_nan=False))
_VALUES = st.one_of(_SCALARS, st.lists(_SCALARS, max_size=4).map(tuple))
_IDENTITIES = st.builds(
    Own, st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.one_of(st.just(0), st.integers(1, 2**64 - 1)), st.booleans()
)
ATTRIBUTES = st.dictionaries(st.text(min_size=1), _VALUES, max_size=6)
SPANS = st.builds(
    Finished, st.text(), st.sampled_from(["internal", "client"]), _IDENTITIES, _NS, _NS, ATTRIBUTES, st.booleans()
)
