"""Our extensions about what nodes agree on: a party's word on a red line, and what an organisation says it does.

What a line binds to is its content: an id and a digest are made of it, so that nobody's word moves to another line.
"""

import hashlib
from typing import Annotated, ClassVar, Literal, get_args

import msgspec
from msgspec import Meta

from tocsin.wire.stix.canonical_form import canonical
from tocsin.wire.stix.extensions import Extension, Statement, Timestamp
from tocsin.wire.stix.ids import own_id
from tocsin.wire.stix.kinds_model import Digest, RedLineExtension
from tocsin.wire.stix.times import exact

MAX_EVIDENCE_CHARS = 300
"""An address that people can read out."""

Area = Literal[
    "risk-organisation",
    "model-testing",
    "data-security",
    "infrastructure-security",
    "transparency",
    "safety-research",
]
AREAS: tuple[str, ...] = get_args(Area)
"""The six areas of commitment. Docs: docs/red-lines.md."""


class RedLineStanceExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On an opinion about a red line: its author stands for exactly this line, or objects, or takes a word back."""

    NAME: ClassVar[str] = "red-line-stance"
    line: Annotated[
        Digest, Meta(description="Of the red line's own extension, in canonical form (RFC 8785).")
    ]
    stance: Literal["endorse", "object", "withdraw"]
    reason: Annotated[
        Statement, Meta(description="Why; for an objection also what would be signed instead. Peers read it.")
    ]


class CommitmentExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a note: what an organisation says it does in one of six areas, and where that can be looked at."""

    NAME: ClassVar[str] = "commitment"
    area: Area
    practice: Annotated[Statement, Meta(description="What is done, not what is meant to be done.")]
    evidence: Annotated[
        str,
        Meta(
            pattern=r"^(?:sha256:[0-9a-f]{64}|https://[a-z0-9.-]{4,100}(?:/[A-Za-z0-9._~/%-]*)?)$",
            max_length=MAX_EVIDENCE_CHARS,
            description="A public address without a query, or the digest of a document that is shown on request.",
        ),
    ]
    since: Timestamp
    review_by: Annotated[Timestamp, Meta(description="From then on it is overdue, and shown as that.")]

    def __post_init__(self) -> None:
        if exact(self.since) >= exact(self.review_by):
            raise ValueError("the review does not come after")


def line_digest(line: RedLineExtension) -> str:
    """What a word on a red line is bound to: "sha256:" and the SHA-256 of the extension's canonical form."""
    return "sha256:" + hashlib.sha256(canonical(msgspec.to_builtins(line))).hexdigest()


def line_id(author: str, line: RedLineExtension) -> str:
    """The id of an author's red line: another content is another line, never a later version of this one."""
    return own_id("course-of-action", author, line_digest(line))
