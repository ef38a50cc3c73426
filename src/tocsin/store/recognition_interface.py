"""What a store promises of recognitions and of the draws behind them. A part of `interface`. Times in microseconds."""

from typing import Protocol

from tocsin.kernel.recognition import Draw, DrawState, Recognition


class RecognitionStore(Protocol):
    """Recognitions, none of which replaces another, and draws, none of which is ever deleted."""

    def add(self, recognition: Recognition) -> None:
        """Keep it; the same again (same statement) is kept already."""
        ...

    def listed(
        self, *, evaluation: str | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[tuple[int, Recognition], ...]:
        """(seq, recognition), newest first; `before` is the seq of the last of the page before."""
        ...

    def begin(self, draw: Draw) -> None:
        """Keep a draw. Raises Conflict unless its number is the next of this challenger, evaluation and sheet."""
        ...

    def advance(self, draw: Draw, *, before: DrawState) -> None:
        """Replace a draw that is in the state `before`. Raises Conflict when it is in another, NotFound."""
        ...

    def draw(self, draw_id: str) -> Draw | None: ...
    def draws(
        self, *, challenger: str | None = None, evaluation: str | None = None, sheet: str | None = None
    ) -> tuple[Draw, ...]:
        """In their order, oldest first."""
        ...


class RecognitionStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def recognitions(self) -> RecognitionStore: ...
