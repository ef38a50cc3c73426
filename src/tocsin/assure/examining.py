"""What an examiner takes and gives. One examiner, one file, one test; its row stands in `assure.examiners`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import msgspec

from tocsin.assure.names import shown
from tocsin.kernel.artefacts import Fact, Finding, Place
from tocsin.taxonomy.artefact_rules import artefact_rules


class Piece(Protocol):
    """Bytes at an offset, wherever they lie: a file, a member of an archive, a spooled stream."""

    @property
    def path(self) -> str:
        """As in `kernel.artefacts.Place`."""
        ...

    @property
    def size(self) -> int: ...

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes; fewer only at the end. Nothing is kept: ask for small stretches of a large piece."""
        ...


class Nested(msgspec.Struct, frozen=True):
    """Something inside that is a piece of its own: the walker looks at it in its turn, within its bounds.

    `format` forces what it is looked at as, by the examiner that names this format or else by the one that told of it
    (the walker still asks the others); "" lets the magic decide. "tensor-data" is what no loader runs: nobody is asked.
    """

    piece: Piece
    format: str = ""


class Packed(msgspec.Struct, frozen=True):
    """Something inside that must be unpacked first: the walker spools `chunks()` within its bounds and looks at that.

    `packed_size` is what it takes here, in bytes, for the bound on the ratio. `chunks` raises Broken when it ends early
    or wrongly; what came before is looked at all the same.
    """

    path: str
    packed_size: int
    chunks: Callable[[], Iterator[bytes]]
    format: str = ""


class Broken(Exception):
    """What was packed cannot be unpacked whole. Its argument says why in a few words of ours, never in the file's."""


Told = Finding | Fact | Nested | Packed


class Examiner(Protocol):
    """Knows some formats. Pure: no clock, no disk, no network; bounded by named constants of its own.

    Whatever bytes come, it ends, stays in its bounds and raises nothing: what it cannot judge it tells as a finding
    whose rule is INCONCLUSIVE. (An exception is a defect; the walker makes an inconclusive finding of it.)
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int:
        """Raised whenever it may judge the same bytes otherwise: verdicts are bound to it."""
        ...

    def recognises(self, piece: Piece) -> str:
        """The format's name when this examiner must look at it, else "". By magic first; by the name of the file only
        to look at more, never at less. Reads a few kilobytes at most. Several examiners may recognise one piece (a
        polyglot): all look.
        """
        ...

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]: ...


class TreeExaminer(Protocol):
    """Judges what only several files together show: a shard that is missing, code that a configuration names."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    def examine(self, pieces: Mapping[str, Piece], formats: Mapping[str, str]) -> Iterator[Finding | Fact]:
        """`pieces` are the files (not the members of archives) by path, `formats` what each was recognised as."""
        ...


def finding(
    rule: str,
    path: str,
    *,
    offset: int | None = None,
    field: str | None = None,
    **values: str | int | float,
) -> Finding:
    """A finding by its rule's id: verdict and severity are the rule's. Raises KeyError for a rule that is not there.

    A value from the file is cut to MAX_VALUE_CHARS, and what is not to be seen in it is written out: evidence names
    what was seen and carries no payload.
    """
    return finding_at(rule, Place(path, offset, field), values)


def finding_at(rule: str, place: Place, values: Mapping[str, str | int | float]) -> Finding:
    """The same, where the values come as a mapping."""
    known = artefact_rules()[rule]
    short = {
        name: shown(value[:MAX_VALUE_CHARS]) if isinstance(value, str) else value
        for name, value in values.items()
    }
    return Finding(rule, known.verdict, known.severity, place, short)


MAX_VALUE_CHARS = 200
"""As `taxonomy.messages` shows of a value: a name or a number, not a text."""
