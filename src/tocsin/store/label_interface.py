"""What a store promises of what this node labelled. A part of `interface`."""

from typing import Protocol

import msgspec


class LabelledContent(msgspec.Struct, frozen=True):
    """One content that this node labelled: its bytes' digest, its number, and what it is like (`label.codes`).

    `content_id` is the producer's number of it, never of who asked for it. `bits` is "" where there was too little to
    tell it by. `at` and `until` in microseconds: after `until` it is forgotten.
    """

    sha256: str
    content_id: str
    format: str
    kind: str
    bits: str
    at: int
    until: int


class LabelStore(Protocol):
    """Kept until a stated day, asked for by digest or by kind."""

    def keep(self, content: LabelledContent) -> None:
        """The same bytes again: the later word stands."""
        ...

    def same(self, sha256: str, *, at: int) -> LabelledContent | None:
        """These very bytes, unless their time is over."""
        ...

    def of_kind(self, kind: str, *, at: int, after: str, limit: int) -> tuple[LabelledContent, ...]:
        """Those whose time is not over, by digest, behind `after`: the first page is after ""."""
        ...

    def ask(self, case_id: str, sha256: str, at: int) -> int:
        """Note that a file was asked for in a case; how many different ones were, with it."""
        ...

    def forget(self, *, before: int, questions_before: int) -> int:
        """Delete what was to be kept until before then, and older questions; how many contents."""
        ...


class LabelStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def labels(self) -> LabelStore: ...
