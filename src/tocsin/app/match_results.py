"""What goes into a session of matching and what comes out, for whoever asks; and how matters stand."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tocsin.app.match_inputs import LOOK_BACK_DAYS, Gathered, found_in
from tocsin.kernel import BadInput
from tocsin.store.match_interface import MatchSession, MatchWish

if TYPE_CHECKING:
    from tocsin.app.match_asking import Talk
    from tocsin.trust.matching import Client, Terms

MIN_PURPOSE_CHARS = 8

E = TypeVar("E", bound=StrEnum)


class Asked(msgspec.Struct, frozen=True):
    """What a person wants matched. Without `lines`, this node's own of the last `days`."""

    kind: str
    purpose: str
    question: str = "which"
    reveal: str = "client"
    lines: Iterable[bytes] | None = None
    days: int = LOOK_BACK_DAYS


class Matched(msgspec.Struct, frozen=True):
    """What was found: by value where it came from, or warnings with their common bands; `found` is how many.

    `inputs` distinct values went in; `refused` lines did not, by reason. `sent` and `received` are bytes.
    """

    session: str
    peer: str
    kind: str
    question: str
    reveal: str
    purpose: str
    inputs: int
    points: int
    refused: dict[str, int]
    found: int
    values: dict[str, tuple[str, ...]]
    warnings: dict[str, int]
    sent: int
    received: int
    again: int


class Standing(msgspec.Struct, frozen=True):
    """Terms, what waits for a yes, the newest sessions, and by (peer, role, kind) what this week has used.

    `pledged` are those of the sessions that both sides pledged.
    """

    terms: "tuple[Terms, ...]"
    wishes: tuple[MatchWish, ...]
    sessions: tuple[MatchSession, ...]
    spent: dict[tuple[str, str, str], int]
    epoch: int
    pledged: frozenset[str]


def one_of(words: type[E], word: str) -> E:
    """The word of a list. Raises BadInput naming all of them."""
    try:
        return words(word)
    except ValueError:
        raise BadInput(f"{word!r} is none of: {', '.join(one.value for one in words)}") from None


def purpose_of(text: str) -> str:
    """What a session is for, in one line. Raises BadInput."""
    from tocsin.trust.matching.messages import MAX_PURPOSE_CHARS

    said = " ".join(text.split())
    if not (MIN_PURPOSE_CHARS <= len(said) <= MAX_PURPOSE_CHARS and said.isprintable()):
        raise BadInput(
            f"say what the session is for in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters: both nodes keep it"
        )
    return said


def matched_by(client: "Client", gathered: Gathered, peer: str, line: "Talk") -> Matched:
    """What a client that came to its end found, by where it came from."""
    from tocsin.trust.matching import MatchKind, Question

    proposal, found = client.proposal, client.found
    named, texts = found_in(proposal.kind, found.values, gathered.sources), proposal.kind is MatchKind.BAND
    return Matched(
        session=proposal.session.hex(),
        peer=peer,
        kind=proposal.kind.value,
        question=proposal.question.value,
        reveal=proposal.reveal.value,
        purpose=proposal.purpose,
        inputs=len(gathered.inputs.values),
        points=proposal.points,
        refused=dict(gathered.refused),
        found=found.number if proposal.question is Question.HOW_MANY else len(named),
        values={} if texts else {value: gathered.sources.get(value.encode(), ()) for value in named},
        warnings=named if texts else {},
        sent=line.sent,
        received=line.received,
        again=line.again,
    )
