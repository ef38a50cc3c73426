"""A numpy array that grows at its end, doubling, so that appending is cheap and reading needs no copy."""

from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

SPARE = 8
"""One row in so many is spare where it is known how many there are, so that the next one needs no copy of all. Rows
that were never written take no memory."""

MOVED_ROWS = 1 << 16
"""Rows that are moved at once."""

Scalar = TypeVar("Scalar", bound=np.generic)


class Growing(Generic[Scalar]):
    """Rows of one dtype; `width` > 0 makes each row an array of that length."""

    def __init__(self, dtype: type[Scalar], width: int = 0) -> None:
        self._shape: tuple[int, ...] = (width,) if width else ()
        self._array: npt.NDArray[Scalar] = np.empty((0, *self._shape), dtype)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def rows(self) -> npt.NDArray[Scalar]:
        """The rows so far; a view that the next `extend` may leave behind."""
        return self._array[: self._used]

    def reserve(self, rows: int) -> None:
        """Make room for so many in all, so that what comes is not copied again and again."""
        if rows > len(self._array):
            grown = np.empty((rows, *self._shape), self._array.dtype)
            grown[: self._used] = self.rows
            self._array = grown

    def extend(self, rows: npt.NDArray[Any]) -> None:
        needed = self._used + len(rows)
        if needed > len(self._array):
            grown = np.empty((max(needed, len(self._array) * 3 // 2, 1024), *self._shape), self._array.dtype)
            grown[: self._used] = self.rows
            self._array = grown
        self._array[self._used : needed] = rows
        self._used = needed

    def adopt(self, rows: npt.NDArray[Any]) -> None:
        """Keep these rows only, and the array itself: nobody else may change it."""
        if rows.dtype != self._array.dtype or rows.shape[1:] != self._shape:
            raise ValueError(f"rows of {rows.dtype} cannot stand for rows of {self._array.dtype}")
        self._array, self._used = rows, len(rows)

    def keep(self, rows: npt.NDArray[np.integer[Any]]) -> None:
        """Keep some rows only, ascending. They are moved where they lie: who holds a view sees it."""
        for at in range(0, len(rows), MOVED_ROWS):
            part = rows[at : at + MOVED_ROWS]
            self._array[at : at + len(part)] = self._array[part]
        self._used = len(rows)

    def replace(self, rows: npt.NDArray[Any]) -> None:
        """Keep these rows only, and no spare room."""
        self._array = np.array(rows, self._array.dtype).reshape(-1, *self._shape)
        self._used = len(rows)
