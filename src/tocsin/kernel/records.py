"""Record: what is exchanged, a STIX 2.1 object; and what the gate says of it."""

from enum import StrEnum

import msgspec


class TLP(StrEnum):
    """Traffic Light Protocol 2.0 (FIRST), ordered from most open to least."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(TLP)}


class Origin(StrEnum):
    OWN = "own"
    PEER = "peer"
    IMPORT = "import"


class Fingerprint(msgspec.Struct, frozen=True):
    """A MinHash signature of a folded text, comparable between nodes (see docs/fingerprints.md).

    `signature` holds SLOTS little-endian uint32; `shingles` is how many distinct shingles the text had.
    """

    signature: bytes
    shingles: int


class Record(msgspec.Struct, frozen=True):
    """One version of one STIX object, as bytes (`stix`, canonical JSON). Times in microseconds."""

    id: str
    type: str
    version: int
    """`modified` (or `created`, or for objects with neither the time of receipt)."""
    stix: bytes
    origin: Origin
    author: str
    """STIX identity id of the author."""
    tlp: TLP
    category: str
    added: int
    peer: str | None = None
    """Who gave it to us."""
    warning: str | None = None
    """The local warning it speaks of."""
    root: bytes | None = None
    """Of its author's signature over its fields, verified (docs/signatures.md); None for an unsigned record."""
    original: bytes | None = None
    """The bytes as they were received, where `stix` differs from them."""


class Verdict(StrEnum):
    RELEASE = "release"
    REFUSE = "refuse"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line of a manifest: a record, the verdict, the rule that gave it, each field's fate.

    `fields` maps a property to `kept` or `withheld: reason`. `sha256` is of the final bytes, empty if refused.
    """

    id: str
    type: str
    version: str
    verdict: Verdict
    rule: str
    fields: dict[str, str]
    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """What leaves, byte for byte. Its hash is SHA-256 of its RFC 8785 form without `digest`."""

    peer: str
    purpose: str
    policy: str
    """SHA-256 of the policy files that decided."""
    entries: tuple[Entry, ...]
    digest: str = ""

    @property
    def released(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.verdict is Verdict.RELEASE)


class Release(msgspec.Struct, frozen=True):
    """Final bytes that one peer may fetch.

    `added` is what TAXII calls date_added: it orders and pages, and belongs to the view that was asked. `seq` numbers
    what is kept and is never shown. `tlp` is the marking; what does not say is the most closed.
    """

    seq: int
    peer: str
    id: str
    type: str
    version: int
    added: int
    stix: bytes
    manifest: str
    spec_version: str = "2.1"
    tlp: TLP = TLP.RED
