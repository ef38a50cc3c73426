"""Runs one pickle without executing it: the stack machine of pickle, over symbolic values.

Where Python's two unpicklers (C and Python) part, both cannot be followed: a finding "two-readings" says so.
"""

from collections.abc import Callable

from tocsin.assure.pickles.bounds import (
    MAX_KEPT_ITEMS,
    MAX_MARKS,
    MAX_STACK,
    MAX_TUPLE,
    MAX_TUPLE_DEPTH,
)
from tocsin.assure.pickles.judging import Judge
from tocsin.assure.pickles.memo import Memo
from tocsin.assure.pickles.numpy_types import dtype_of
from tocsin.assure.pickles.reading import BrokenStream, OverBound, Reader
from tocsin.assure.pickles.values import DEEP, TUPLE, Made, Opaque, Tuple, Value

_READ = frozenset({"shape", "dtype", "numpy_array_alignment_bytes"})
"""What joblib's array wrappers say of the bytes that follow them."""


class Stopped(Exception):
    """STOP was reached."""


class Machine:
    """One load of one pickle. `after_build` is asked what an object becomes once its state is set (joblib's arrays)."""

    __slots__ = (
        "after_build",
        "judge",
        "kept",
        "marks",
        "memo",
        "protocol",
        "reader",
        "stack",
    )

    def __init__(self, reader: Reader, judge: Judge) -> None:
        self.reader = reader
        self.judge = judge
        self.stack: list[Value] = []
        self.marks: list[list[Value]] = []
        self.memo = Memo()
        self.protocol = 0
        self.kept = 0
        self.after_build: Callable[[Machine, Made], Value] | None = None

    def run(self, table: "Table") -> Value:
        """Up to STOP; the value that a loader would return. Raises BrokenStream, OverBound."""
        reader = self.reader
        try:
            while True:
                at = reader.at
                if at >= reader.limit:
                    if not reader.edge():
                        raise BrokenStream("end")
                    self._check()
                    at = reader.at
                reader.at = at + 1
                table[reader.data[at]](self)
        except Stopped:
            return self.pop()
        except IndexError:
            raise BrokenStream("stack") from None

    def pop(self) -> Value:
        """Raises BrokenStream when the stack (since the last mark) is empty."""
        try:
            return self.stack.pop()
        except IndexError:
            raise BrokenStream("stack") from None

    def pop_mark(self) -> list[Value]:
        """What stands above the last mark. Raises BrokenStream when there is no mark."""
        if not self.marks:
            raise BrokenStream("mark")
        found = self.stack
        self.stack = self.marks.pop()
        return found

    def put_items(self, target: Value, pairs: list[Value]) -> None:
        """SETITEMS into a dictionary: what is kept is objects and dictionaries (a tensor may be in them), and the state
        that says where an array ends. Of keys that would change what an object does, that there are some.
        """
        if not isinstance(target, Made):
            return
        if target.items is None:
            target.items = {}
        items, room = target.items, self.kept < MAX_KEPT_ITEMS
        before = len(items)
        for place in range(0, len(pairs) - 1, 2):
            key, value = pairs[place], pairs[place + 1]
            if type(key) is str:
                if key.startswith("__"):
                    target.special = True
                if room and (type(value) is Made or key in _READ or dtype_of(value) is not None):
                    items[key] = value
            elif type(key) is Opaque or type(key) is Made:
                target.unread = True
                if key is DEEP:
                    self.judge.tell("pickle.endless", self.reader.offset)
        self.kept += len(items) - before
        if target.given and (target.special or target.unread):
            self.judge.state_changed(self.reader.offset)

    def _check(self) -> None:
        """The bounds that are looked at once a chunk."""
        self.memo.check()
        if len(self.marks) > MAX_MARKS:
            raise OverBound("MAX_MARKS")
        if len(self.stack) + sum(map(len, self.marks)) > MAX_STACK:
            raise OverBound("MAX_STACK")


Table = list[Callable[[Machine], None]]


def tupled(items: tuple[Value, ...]) -> Value:
    """A tuple, kept when it is short and shallow."""
    if len(items) > MAX_TUPLE:
        return DEEP if DEEP in items else TUPLE
    depth = 0
    for item in items:
        if item is DEEP:
            return DEEP
        if type(item) is Tuple and item.depth > depth:
            depth = item.depth
    return DEEP if depth >= MAX_TUPLE_DEPTH else Tuple(items, depth + 1)
