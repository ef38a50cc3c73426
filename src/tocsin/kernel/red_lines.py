"""Red line: a measurable line agreed beforehand, who stands for it, and who does not."""

from enum import StrEnum

import msgspec


class Stance(StrEnum):
    ENDORSE = "endorse"
    OBJECT = "object"
    WITHDRAW = "withdraw"
    """Takes back one's own earlier word."""


class RedLine(msgspec.Struct, frozen=True):
    """`id` is its STIX id (course-of-action--...). Fields in the words of the record (`wire.stix.RedLineExtension`).

    `evidence` says what must be shown for it to count as crossed or clear. `threshold` is a rate of failures whose
    interval decides: crossed when its lower bound is at or over it, clear when its upper bound is under it.
    `supersedes` is the id of an earlier line that this one tightens; it never loosens one. Times in microseconds.
    """

    id: str
    title: str
    text: str
    subject: str
    domain: str
    condition: str
    method: str
    protocol: str
    """Digest of the plan or test set that measures it, "sha256:..."; empty where nobody has a test: never measured."""
    threshold: float
    evidence: str
    by: str
    at: int
    in_force: int
    review_by: int
    scope: str = "open"
    """"bilateral", "group" or "open": for whom it was proposed."""
    parties: tuple[str, ...] = ()
    """Nodes that are asked to sign, by "sha256:..." of their first key; empty for anyone."""
    supersedes: str = ""
    measure: str = "task-success"
    """What the rate is a rate of, in the words of the record."""
    crossed_when: str = "at-least"
    basis: str = ""
    base: bool = False
    """One of the base: it holds at every node, and nothing takes it away. It never travels; its id is no STIX id."""


class Endorsement(msgspec.Struct, frozen=True):
    """One party's word on one red line; the later word of a party replaces its earlier one. Signed by the node.

    `text` gives the reason, and for an objection what the party would sign instead.
    """

    red_line: str
    party: str
    stance: Stance
    text: str
    at: int
    statement: bytes = b""


class Commitment(msgspec.Struct, frozen=True):
    """What an organisation says it does, in one of the six areas, with evidence that can be looked at, and a date."""

    id: str
    area: str
    practice: str
    evidence: str
    at: int
    review_by: int
    by: str
    statement: bytes = b""
