"""How many events each account has, and when its first was: kept up from look to look.

Between two looks few events come and few grow too old, while ten million stay. The end is the same as counting anew.
"""

import numpy as np
import numpy.typing as npt

from tocsin.correlate.narrow import chunks
from tocsin.correlate.stock import Stock

NEVER = np.iinfo(np.int64).max
"""When the first event of an account was that has none."""

MANY = 4
"""Where one event in so many left, counting anew costs less."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]


class Tally:
    """By number of an account. It holds for one numbering of the rows: cut some out, and a new one is needed."""

    def __init__(self) -> None:
        self._events = np.zeros(0, np.int32)
        self._first = np.zeros(0, np.int64)
        self._span = slice(0, 0)

    def of(self, stock: Stock, rows: slice | I64) -> tuple[I32, I64]:
        """(events, time of the first or NEVER) by account, of some rows; the times only until it is asked again."""
        number = len(stock.created)
        if not isinstance(rows, slice):
            anew = Tally()
            anew._room(number)
            for part in chunks(len(rows)):
                anew._add(stock, rows[part])
            return anew._events, anew._first
        self._room(number)
        self._follow(stock, rows)
        return self._events.copy(), self._first

    def _room(self, number: int) -> None:
        more = number - len(self._events)
        if more > 0:
            self._events = np.concatenate((self._events, np.zeros(more, np.int32)))
            self._first = np.concatenate((self._first, np.full(more, NEVER)))

    def _follow(self, stock: Stock, span: slice) -> None:
        old, self._span = self._span, span
        stay = slice(max(old.start, span.start), min(old.stop, span.stop))
        left = old.stop - old.start - (stay.stop - stay.start)
        if stay.stop <= stay.start or left * MANY > stay.stop - stay.start:
            self._events[:], self._first[:] = 0, NEVER
            stay = slice(span.start, span.start)
        else:
            gone = np.concatenate((np.arange(old.start, stay.start), np.arange(stay.stop, old.stop)))
            self._remove(stock, gone, stay)
        for first, last in ((span.start, stay.start), (stay.stop, span.stop)):
            for part in chunks(max(last - first, 0)):
                self._add(stock, np.arange(first + part.start, first + part.stop))

    def _add(self, stock: Stock, rows: I64) -> None:
        actor = stock.actor.rows[rows]
        np.add.at(self._events, actor, np.int32(1))
        np.minimum.at(self._first, actor, stock.time.take(rows))

    def _remove(self, stock: Stock, rows: I64, stay: slice) -> None:
        """Whose first event is among them has another first: it is looked for among the rows that stay."""
        if not len(rows):
            return
        actor = stock.actor.rows[rows]
        np.subtract.at(self._events, actor, np.int32(1))
        lost = np.zeros(len(self._events), np.bool_)
        lost[actor[self._first[actor] == stock.time.take(rows)]] = True
        self._first[lost] = NEVER
        lost &= self._events > 0
        if not lost.any():
            return
        for part in chunks(stay.stop - stay.start):
            own = stock.actor.rows[stay.start + part.start : stay.start + part.stop]
            hit = np.flatnonzero(lost[own])
            np.minimum.at(self._first, own[hit], stock.time.take(hit + (stay.start + part.start)))
