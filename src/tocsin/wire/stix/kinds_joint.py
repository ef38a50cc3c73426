"""Our extension about joint cases: one message of one party, numbered, bound to those before it.

An id is made of what is said: of a case its parties and terms, of a message all of it. So nobody can put other terms
under a case, or another word under a message.
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated, ClassVar, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tocsin.kernel.joint_cases import (
    MAX_JOINT_MESSAGES,
    MAX_JOINT_PARTIES,
    Invitation,
    JointMessage,
    PartyKey,
    Says,
    Seen,
    Sha256,
)
from tocsin.wire.stix.canonical_form import canonical
from tocsin.wire.stix.extensions import Extension
from tocsin.wire.stix.ids import own_id

SAYS: tuple[str, ...] = tuple(str(kind.__struct_config__.tag) for kind in get_args(Says))
"""What a message can be."""


class JointMessageExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a note: one message of one party of a joint case. It goes to the parties that it names, and to nobody else."""

    NAME: ClassVar[str] = "joint-case-message"
    case: Annotated[Sha256, Meta(description="Of parties and terms, in canonical form (RFC 8785).")]
    party: PartyKey
    parties: Annotated[
        list[PartyKey],
        Meta(min_length=2, max_length=MAX_JOINT_PARTIES, description="First keys of all parties, ascending."),
    ]
    told: Annotated[
        list[PartyKey],
        Meta(
            min_length=1,
            max_length=MAX_JOINT_PARTIES,
            description="Parties that neither declined nor left, as far as the author knew; nobody else is given it.",
        ),
    ]
    number: Annotated[
        int, Meta(ge=1, le=MAX_JOINT_MESSAGES, description="Of this party in this case, without gaps.")
    ]
    previous: (
        Annotated[Sha256, Meta(description="The party's message before; absent for its first.")] | UnsetType
    ) = UNSET
    seen: (
        Annotated[
            list[Seen],
            Meta(
                min_length=1,
                max_length=MAX_JOINT_PARTIES,
                description="The last message of each other party that this one had, by party, ascending.",
            ),
        ]
        | UnsetType
    ) = UNSET
    says: Says

    def __post_init__(self) -> None:
        if self.parties != sorted(set(self.parties)):
            raise ValueError("the parties do not ascend")
        if self.told != sorted(set(self.told)) or not set(self.told) <= set(self.parties):
            raise ValueError("it is for parties alone, ascending")
        known = [] if isinstance(self.seen, UnsetType) else [one.party for one in self.seen]
        if known != sorted(set(known)) or self.party in known:
            raise ValueError("what was seen does not ascend by party")
        if (self.number == 1) != (self.previous is UNSET):
            raise ValueError("the first message, and no other, follows none")


def case_digest(terms: Invitation, parties: Sequence[str]) -> str:
    """The id of the case that these terms and parties make."""
    return _digest({"parties": list(parties), "terms": msgspec.to_builtins(terms)})


def message_digest(message: JointMessageExtension) -> str:
    """The id of a message, by which others refer to it."""
    return _digest(msgspec.to_builtins(message))


def message_note(author: str, message: JointMessageExtension) -> str:
    """The STIX id of the note that carries a message."""
    return own_id("note", author, message_digest(message))


def as_message(message: JointMessageExtension, signer: str, at: int = 0) -> JointMessage:
    """A message as the rooms have it; `signer` is the party whose key signed it, `at` in microseconds."""
    return JointMessage(
        id=message_digest(message),
        case=message.case,
        signer=signer,
        party=message.party,
        parties=tuple(message.parties),
        number=message.number,
        previous="" if isinstance(message.previous, UnsetType) else message.previous,
        seen=() if isinstance(message.seen, UnsetType) else tuple(message.seen),
        says=message.says,
        at=at,
    )


def _digest(value: object) -> str:
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()
