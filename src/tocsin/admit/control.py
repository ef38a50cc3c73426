"""A person in the loop, as a record that can be checked: who approved, what they saw, how long, that they can stop it.

Enters: a signed record and the act that it should be of. Leaves: "shown", or the word for why it does not count.
Refuses: by default. The times are those of the node that measured them, under its key; nobody's own word counts.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from tocsin.admit.deciding import SHOWN
from tocsin.kernel import TocsinError
from tocsin.kernel.admission import AccessRequest, ControlLook
from tocsin.kernel.limits import MAX_CLOCK_SKEW_SECONDS
from tocsin.trust.signing_keys import PublicKey, signed_by
from tocsin.wire.dsse import IN_TOTO_TYPE, parse_envelope
from tocsin.wire.in_toto import Statement, Subject, parse_statement
from tocsin.wire.stix.canonical_form import canonical

CONTROL_PREDICATE = "urn:tocsin:attestation:human-control:1"

LEAST_LOOK_SECONDS = 10
"""Less is a click. Ours to set: no study that we know fixes one; an operator may ask more of an act, never less."""

MOST_LOOK_SECONDS = 3_600
"""Left open over lunch is no look."""

HOLDS_SECONDS = 3_600
"""An approval is of an act now, not of every one like it to come."""

MAX_RECORD_BYTES = 16 << 10
"""Ours has some 1,200 bytes."""

NONE = "none"
_SECOND = 1_000_000


class ControlShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The predicate. Times in microseconds, by the clock of the node `measured_by`."""

    look: str
    binding: str
    shown: str
    by: str
    opened: int
    approved: int
    least_seconds: int
    measured_by: str


def binding(request: AccessRequest, artefact: str) -> str:
    """sha256, hex, of exactly this act: by whom, with what, for which purpose, on which input."""
    act = [
        request.subject,
        request.act.value,
        artefact,
        request.capability,
        request.purpose,
        request.input,
    ]
    return hashlib.sha256(canonical(act)).hexdigest()


def control_statement(look: ControlLook, node: str) -> Statement:
    """What the node signs of a look that it measured from its opening to its approval."""
    shown = ControlShown(
        look=look.id,
        binding=look.binding,
        shown=look.shown,
        by=look.by,
        opened=look.opened or 0,
        approved=look.approved or 0,
        least_seconds=look.least_seconds,
        measured_by=node,
    )
    return Statement(
        (Subject("shown", {"sha256": look.shown}),), CONTROL_PREDICATE, msgspec.to_builtins(shown)
    )


def too_short(look: ControlLook) -> bool:
    """Whether an approved look took less than was asked."""
    least = max(look.least_seconds, LEAST_LOOK_SECONDS) * _SECOND
    return look.opened is None or look.approved is None or look.approved - look.opened < least


def read_control(record: bytes, keys: Sequence[PublicKey]) -> ControlShown | str:
    """What a record says, by a key that is believed; otherwise "none", "unreadable" or "forged"."""
    if not record:
        return NONE
    if len(record) > MAX_RECORD_BYTES:
        return "unreadable"
    try:
        envelope = parse_envelope(record)
        if not any(signed_by(envelope, key) for key in keys):
            return "forged"
        statement = parse_statement(envelope.payload)
        if envelope.payload_type != IN_TOTO_TYPE or statement.predicate_type != CONTROL_PREDICATE:
            return "unreadable"
        return msgspec.convert(statement.predicate, ControlShown)
    except (TocsinError, msgspec.ValidationError):
        return "unreadable"


def judge(
    shown: ControlShown, request: AccessRequest, artefact: str, *, kept: ControlLook | None, now: int
) -> str:
    """1. It is of this act. 2. They saw what the gateway says was put before them. 3. For long enough, and not as
    somebody who left. 4. It is fresh. 5. They can stop it, here, and did not. 6. Nobody approves for themselves.

    `kept` is the look as the node holds it now: without it nobody could stop anything. Returns "shown", or why not.
    """
    if shown.binding != binding(request, artefact):
        return "another-act"  # 1
    if not request.shown or shown.shown != request.shown:
        return "another-picture"  # 2
    lasted = shown.approved - shown.opened
    if lasted < max(shown.least_seconds, LEAST_LOOK_SECONDS) * _SECOND:
        return "too-short"  # 3
    if lasted > MOST_LOOK_SECONDS * _SECOND:
        return "too-long"
    if not -MAX_CLOCK_SKEW_SECONDS * _SECOND <= now - shown.approved < HOLDS_SECONDS * _SECOND:
        return "too-old"  # 4
    if kept is None or kept.approved != shown.approved or kept.by != shown.by:
        return "not-stoppable"  # 5
    if kept.stopped is not None:
        return "stopped"
    return "own-approval" if shown.by == request.subject else SHOWN  # 6


def ends(shown: ControlShown) -> int:
    """When an approval no longer holds, in microseconds."""
    return shown.approved + HOLDS_SECONDS * _SECOND
