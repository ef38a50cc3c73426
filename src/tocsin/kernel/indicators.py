"""What correlation takes from records: fingerprints to look for, and templates to leave alone."""

from enum import StrEnum

import msgspec

from tocsin.kernel.records import Fingerprint


class EvidenceStatus(StrEnum):
    """How far a claim has come (mission row 8)."""

    THEORETICAL = "theoretical"
    TESTED = "tested"
    OBSERVED = "observed"


class Indicator(msgspec.Struct, frozen=True):
    """A fingerprint that somebody confirmed. Times in microseconds; `peer` None means this node itself."""

    id: str
    author: str
    peer: str | None
    category: str
    status: EvidenceStatus
    basis: str
    fingerprint: Fingerprint
    valid_from: int
    valid_until: int | None = None
    confidence: int | None = None
    """0 to 100 as its author states it."""
    said: int | None = None
    """When its author said it last; None does not fade."""


class Dismissal(msgspec.Struct, frozen=True):
    """A reviewer found a template harmless. Expires, can be revoked, and never silences strong evidence.

    Times in microseconds; `peer` None means this node itself.
    """

    id: str
    author: str
    peer: str | None
    reason: str
    fingerprint: Fingerprint
    expires: int
    made: int
