"""in-toto statements v1: something said (the predicate) of things named by their digests (the subjects).

Enters: bytes, whose signature someone else has checked. Leaves: a `Statement`. Refuses: a subject without a digest, a
key twice, more than the bounds. Unknown fields pass, as the specification asks (in-toto attestation v1, "parsing
rules"); they say nothing here.
"""

import re
from typing import Any

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.dsse import MAX_ENVELOPE_BYTES
from tocsin.wire.strict_json import decode

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"

MAX_SUBJECTS = 100_000
"""Files of one artefact: the largest published checkpoints have some thousands."""

MAX_VALUES = 500_000
"""Four to a file, and what a predicate says besides."""

MAX_NAME_CHARS = 4_096
"""As a path on Linux."""

HEX_CHARS = {"sha256": 64, "sha384": 96, "sha512": 128, "blake2b": 128, "blake3": 64}
"""Digests that count here; others (sha1, gitCommit) are carried and prove nothing."""

_HEX = re.compile(r"[0-9a-f]*\Z")


class Subject(msgspec.Struct, frozen=True):
    """What is spoken of: a name and its digests in lower-case hexadecimal, by algorithm."""

    name: str
    digest: dict[str, str]


class Statement(msgspec.Struct, frozen=True):
    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: dict[str, Any]

    def to_bytes(self) -> bytes:
        """JSON, in one order: what is signed."""
        return msgspec.json.encode(
            {
                "_type": STATEMENT_TYPE,
                "subject": self.subjects,
                "predicateType": self.predicate_type,
                "predicate": self.predicate,
            }
        )


class _Wire(msgspec.Struct, frozen=True):
    type: str = msgspec.field(name="_type")
    subject: tuple[Subject, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: dict[str, Any] = {}


def parse_statement(payload: bytes) -> Statement:
    """A statement from the payload of an envelope. Raises BadInput, TooLarge."""
    value = decode(payload, "the statement", limit=MAX_ENVELOPE_BYTES, values=MAX_VALUES)
    try:
        wire = msgspec.convert(value, _Wire)
    except msgspec.ValidationError as error:
        raise BadInput(f"the payload is not an in-toto statement: {error}") from None
    if wire.type != STATEMENT_TYPE:
        raise BadInput(f"the payload is {wire.type[:80]!r}; {STATEMENT_TYPE} is read")
    if not wire.subject:
        raise BadInput("the statement names no subject, so it speaks of nothing")
    if len(wire.subject) > MAX_SUBJECTS:
        raise TooLarge(f"the statement names over {MAX_SUBJECTS} subjects")
    for one in wire.subject:
        _check(one)
    return Statement(wire.subject, wire.predicate_type, wire.predicate)


def _check(subject: Subject) -> None:
    if len(subject.name) > MAX_NAME_CHARS:
        raise TooLarge(f"a subject's name is over {MAX_NAME_CHARS} characters")
    counted = {name: digest for name, digest in subject.digest.items() if name in HEX_CHARS}
    if not counted:
        raise BadInput(f"the subject {subject.name[:80]!r} has no digest by {', '.join(HEX_CHARS)}")
    for name, digest in counted.items():
        check_digest(name, digest, subject.name)


def check_digest(algorithm: str, digest: str, name: str) -> None:
    """Raises BadInput unless `digest` is what `algorithm` gives, in lower-case hexadecimal."""
    if len(digest) != HEX_CHARS.get(algorithm, -1) or not _HEX.match(digest):
        raise BadInput(f"the digest of {name[:80]!r} is not {algorithm[:20]} in lower-case hexadecimal")
