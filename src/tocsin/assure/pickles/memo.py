"""The memo, which in a large pickle holds millions of values: within a budget as they are, then by their kind alone."""

from tocsin.assure.pickles.allowed import Entry
from tocsin.assure.pickles.bounds import MAX_MEMO, MAX_MEMO_SPARSE, MEMO_BUDGET_BYTES
from tocsin.assure.pickles.reading import BrokenStream, OverBound
from tocsin.assure.pickles.values import (
    BYTES,
    STR,
    TUPLE,
    Blob,
    Global,
    Made,
    Opaque,
    Stored,
    Tuple,
    Value,
)

_OBJECT_BYTES = 100
"""What one of ours weighs, with what holds it."""


class Memo:
    """Entries in turn in a list, the others in a dictionary."""

    def __init__(self) -> None:
        self._turn: list[Value] = []
        self._sparse: dict[int, Value] = {}
        self._left = MEMO_BUDGET_BYTES
        self._shared: dict[int, Made] = {}

    def add(self, value: Value) -> None:
        """MEMOIZE: at the number of entries there are."""
        if self._sparse:
            self.put(len(self._turn) + len(self._sparse), value)
        elif type(value) is Opaque or type(value) is Global:
            self._turn.append(value)
        else:
            self._turn.append(self._weighed(value))

    def put(self, index: int, value: Value) -> None:
        """PUT. Raises OverBound (MAX_MEMO, MAX_MEMO_SPARSE)."""
        value = self._weighed(value)
        turn = self._turn
        if index == len(turn):
            turn.append(value)
            self._sparse.pop(index, None)
        elif index < len(turn):
            turn[index] = value
        else:
            if index > MAX_MEMO:  # C takes memory for every place up to it
                raise OverBound("MAX_MEMO")
            if len(self._sparse) >= MAX_MEMO_SPARSE:
                raise OverBound("MAX_MEMO_SPARSE")
            self._sparse[index] = value

    def get(self, index: int) -> Value:
        """GET. Raises BrokenStream when there is none."""
        if index < len(self._turn):
            return self._turn[index]
        try:
            return self._sparse[index]
        except KeyError:
            raise BrokenStream("memo") from None

    def check(self) -> None:
        """Once a chunk. Raises OverBound (MAX_MEMO)."""
        if len(self._turn) > MAX_MEMO:
            raise OverBound("MAX_MEMO")

    def _weighed(self, value: Value) -> Value:
        if self._left <= 0:
            return self._kind_of(value)
        if isinstance(value, str | bytes):
            self._left -= _OBJECT_BYTES + len(value)
        elif isinstance(value, Tuple):
            self._left -= _OBJECT_BYTES + 8 * len(value.items)
        elif not isinstance(value, Opaque | Global):
            self._left -= _OBJECT_BYTES
        return value

    def _kind_of(self, value: Value) -> Value:
        if isinstance(value, str):
            return STR
        if isinstance(value, bytes):
            return BYTES
        if isinstance(value, Tuple):
            return TUPLE  # shallow: what is deep is DEEP already
        if isinstance(value, Blob):
            return STR if value.kind in ("str", "raw") else BYTES
        if isinstance(value, Made):
            return self._plain_object(value.entry, value)
        if isinstance(value, Stored):
            raise OverBound("MEMO_BUDGET_BYTES")
        return value

    def _plain_object(self, entry: Entry | None, value: Made) -> Made:
        """One object for all of an entry, without what it holds; one that a rebuilder needs is kept as it is."""
        if value.detail is not None:
            raise OverBound("MEMO_BUDGET_BYTES")
        return self._shared.setdefault(id(entry), Made(entry))
