"""Which fingerprints and patterns are so common that nothing is looked for by them, and which list says so."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from tocsin.correlate.dismissals import SAME_TEMPLATE
from tocsin.taxonomy.exclusions import ExclusionList, Values
from tocsin.wire.fold import fold
from tocsin.wire.sketch import SLOTS, U32, decode, signature_array, similarities, sketch_batch

MAX_PATTERN_CHARS = 64 << 10
MAX_LITERALS = 1_000
"""Literals of one pattern that are held against the lists."""

_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
"""A string in a STIX pattern (2.1, 9.3). Every one counts, wherever it stands: a pattern that names google.com beside
something rare is still not acted upon by a machine, and a person sees why."""


class Exclusions:
    """All lists of one node. They are read when they are first asked: a million domains cost seconds."""

    def __init__(self, load: Callable[[], Sequence[ExclusionList]]) -> None:
        self._load = load

    @cached_property
    def lists(self) -> Sequence[ExclusionList]:
        """The lists. Raises BadInput naming one that cannot be read."""
        return self._load()

    @cached_property
    def _values(self) -> Values:
        return Values(self.lists)

    @cached_property
    def _texts(self) -> tuple[list[str], U32]:
        """List by row, and the signatures of the texts."""
        names: list[str] = []
        rows: list[U32] = []
        for one in self.lists:
            if one.type != "text":
                continue
            for blob in sketch_batch([fold(text) for text in one.entries]):
                if blob is not None:
                    names.append(one.name)
                    rows.append(signature_array(decode(blob).signature_bytes))
        stacked = np.stack(rows) if rows else np.empty((0, SLOTS), np.uint32)
        return names, np.asfortranarray(stacked, dtype=np.uint32)

    def of_fingerprint(self, signature: bytes) -> str | None:
        """The list that holds a text like this one, or None."""
        names, signatures = self._texts
        close = similarities(signatures, signature_array(signature)) >= SAME_TEMPLATE
        return names[int(np.argmax(close))] if close.any() else None

    def of_value(self, value: str) -> str | None:
        """The list that names a raw identifier, or None."""
        return self._values.of(value)

    def of_pattern(self, pattern: str) -> tuple[str, str] | None:
        """(list, value) for the first string of a STIX pattern that a list names, or None."""
        for number, literal in enumerate(_LITERAL.finditer(pattern[:MAX_PATTERN_CHARS])):
            if number >= MAX_LITERALS:
                return None
            value = re.sub(r"\\(.)", r"\1", literal[1])
            found = self._values.of(value)
            if found:
                return found, value
        return None


NONE = Exclusions(tuple)
"""Nothing is excluded."""
