"""Provenance labels: what a file says of how it was made, and what a look at it found, scheme by scheme.

A label is a claim of whoever wrote it. That none was found says nothing of how a file was made.
"""

from enum import StrEnum

import msgspec

MAX_NAME_CHARS = 256
"""A producer, a content's number, a propagator: codes of 27 characters and UUIDs in practice."""


class Scheme(StrEnum):
    """In whose form it is said."""

    GB45438 = "gb45438"
    """China's GB 45438-2025: a visible or audible notice, and one field `AIGC` in the metadata."""
    C2PA = "c2pa"
    """A manifest signed over the file's bytes (ISO/CD 22144)."""
    IPTC = "iptc"
    """The digital source type of IPTC's photo metadata."""


class Certainty(StrEnum):
    """Whether it was generated, as GB 45438 grades it: `Label` 1, 2 and 3."""

    CONFIRMED = "confirmed"
    POSSIBLE = "possible"
    SUSPECTED = "suspected"


class ContentLabel(msgspec.Struct, frozen=True):
    """What is said of a content. `content_id` is the producer's own number of it, never of who asked for it.

    `propagator` is who passed it on (a platform), `propagation_id` that platform's number of it: both or neither.
    """

    producer: str
    content_id: str
    certainty: Certainty = Certainty.CONFIRMED
    propagator: str = ""
    propagation_id: str = ""


class Standing(StrEnum):
    """What may be said of one scheme's label in one file."""

    VALID = "valid"
    """It is there, of its form, and a signature of somebody who is trusted here covers it."""
    VALID_UNTRUSTED = "valid-untrusted"
    """It is there and of its form; nobody who is trusted here stands for it."""
    BROKEN = "broken"
    """It is there and cannot be as it was written: changed, malformed, or two that contradict each other."""
    STRIPPED = "stripped"
    """It is not there, and something in the file says that it was."""
    NONE_FOUND = "none-found"
    """Nothing was found. That is not a finding about who or what made it."""


class SchemeFinding(msgspec.Struct, frozen=True):
    """One scheme's label as it was found. `where` is its place in the file: "xmp", "front-matter", "manifest", ...

    `reasons` are stable codes (docs/labels.md); `said` is what the label says, None where it cannot be read.
    `signer` is whose certificate or key it was, as that says; `signed_at` in microseconds, the signer's own word.
    """

    scheme: Scheme
    standing: Standing
    where: str = ""
    reasons: tuple[str, ...] = ()
    said: ContentLabel | None = None
    signer: str = ""
    signed_at: int | None = None


class LabelReport(msgspec.Struct, frozen=True):
    """What one look at one file found, a finding for each scheme. `sha256` is of the bytes that were looked at.

    `notice`: whether a notice that a person sees was found: None where only a person could tell (drawn pictures).
    `notes` are stable codes of what is odd about the file itself: "trailing-bytes", "remote-reference".
    """

    sha256: str
    format: str
    findings: tuple[SchemeFinding, ...]
    notice: bool | None = None
    notes: tuple[str, ...] = ()

    def of(self, scheme: Scheme) -> SchemeFinding:
        """The finding of one scheme."""
        for finding in self.findings:
            if finding.scheme is scheme:
                return finding
        return SchemeFinding(scheme, Standing.NONE_FOUND)
