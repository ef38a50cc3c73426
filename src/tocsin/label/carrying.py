"""What a format's carrier takes and gives. One format, one file, one row in `label.carriers`.

A carrier writes the notice and the metadata of one format and reads them back; it signs nothing and judges nothing.
The manifest comes after it (`label.manifests`): what is written behind a signature breaks it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from tocsin.kernel.labels import ContentLabel, Scheme
from tocsin.label.formats import Format

Tongue = Literal["zh", "en", "both"]

NOTICES = {"zh": "人工智能生成", "en": "AI-generated", "both": "人工智能生成 AI-generated"}
"""What a person reads or hears. GB 45438 asks for a word for AI and one for made: any reader of either finds them."""

IPTC_GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


class Ask(msgspec.Struct, frozen=True):
    """What is to be written. `explicit`: the notice; `implicit`: the metadata of `schemes`.

    `guard` goes into GB 45438's ReservedCode1: what the producer keeps to check integrity with ("" for none). In a
    text, which no manifest covers, `seal` makes it of the text as it will be read back (`Carried.body`).
    """

    label: ContentLabel
    schemes: frozenset[Scheme]
    explicit: bool = True
    implicit: bool = True
    tongue: Tongue = "both"
    guard: str = ""
    seal: Callable[[bytes], str] | None = None


class Field(msgspec.Struct, frozen=True):
    """One field as it lies in the file: of which scheme, where, and its text, not yet read."""

    scheme: Scheme
    where: str
    text: str


class Carried(msgspec.Struct, frozen=True):
    """What a carrier read. `notice` as in `kernel.labels.LabelReport`.

    `traces` are signs that a label was there and is gone: the scheme and a code of docs/labels.md.
    `notes` as in `kernel.labels.LabelReport`. `body` is what a guard in the field covers, of a text alone.
    """

    fields: tuple[Field, ...] = ()
    notice: bool | None = None
    body: bytes = b""
    traces: tuple[tuple[Scheme, str], ...] = ()
    notes: tuple[str, ...] = ()


class Carrier(Protocol):
    """Knows one format's places for labels. Raises BadInput for a file that is not of its form, TooLarge.

    Files, not bytes: a video of 2 GB is copied through a small buffer.
    """

    @property
    def format(self) -> Format: ...

    @property
    def schemes(self) -> frozenset[Scheme]:
        """Those that this format can hold; asking for another is refused before anything is written."""
        ...

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """Make `target` of `source` with the notice and the fields that `ask` names. `target` is new.

        A field of another producer is kept where the scheme has room for it; else Conflict, and nothing is written.
        """
        ...

    def read(self, source: Path) -> Carried:
        """What is there, of every scheme but C2PA's manifest."""
        ...
