"""Messages of joint cases as records, and such records read.

Enters: a message of this node, and who speaks; or a record as it was kept. Leaves: the note that carries it, ready for
the gate; or the message, with whose key signed it. Refuses: what its author did not sign, an id not of its content.

No extension definition goes with it, as with other kinds: every node has it, and to hand it to a peer would tell
that there is a joint case somewhere.
"""

import base64

import msgspec

from tocsin.kernel import TLP, BadInput, Origin, Record
from tocsin.kernel.joint_cases import JointMessage
from tocsin.share.describe_agreed import Speaker
from tocsin.trust.identity import stix_identity
from tocsin.trust.key_history import party_of
from tocsin.wire.stix import (
    JointMessageExtension,
    SignedFieldsExtension,
    canonical,
    extension_id,
    parse,
    read,
)
from tocsin.wire.stix.builders_agreed import make_joint_message
from tocsin.wire.stix.kinds_joint import as_message, message_note

MARKING = TLP.AMBER_STRICT
"""It ends with the organisations that are parties (TLP 2.0): their clients are none."""

_MARK = extension_id(JointMessageExtension).encode()


def describe_message(message: JointMessageExtension, voice: Speaker) -> Record:
    """A message as the note that carries it, not yet signed."""
    item = make_joint_message(message, author=voice.author, tlp=MARKING, created=voice.moment)
    return Record(
        id=item.id,
        type=item.type,
        version=voice.moment,
        stix=canonical(item),
        origin=Origin.OWN,
        author=voice.author,
        tlp=MARKING,
        category="",
        added=voice.moment,
    )


def message_in(record: Record) -> JointMessage | None:
    """The message that a record carries; None for another record. Raises BadInput for one that proves nothing.

    1. Its author signed it, by a key that follows from the first. 2. Its id is made of what it says.
    """
    if record.type != "note" or _MARK not in record.stix:
        return None
    said = read(parse(record.stix), JointMessageExtension)
    if said is None:
        return None
    signer = _signer(record)
    if not signer:  # 1
        raise BadInput("its author did not sign it, or by a key of somebody else: it proves nothing")
    if record.id != message_note(record.author, said):  # 2
        raise BadInput("its id is not made of what it says: ask its author for the whole record")
    return as_message(said, signer, record.version)


def _signer(record: Record) -> str:
    """The party whose first key makes the author's identity; empty where there is no such key."""
    if record.root is None:
        return ""
    try:
        signed = read(parse(record.stix), SignedFieldsExtension)
        if signed is None:
            return ""
        if isinstance(signed.chain, msgspec.UnsetType):
            first = base64.urlsafe_b64decode(signed.key + "=" * (-len(signed.key) % 4))
        else:
            first = bytes.fromhex(signed.chain[0].old)
    except (BadInput, ValueError):
        return ""
    return party_of(first) if stix_identity(first) == record.author else ""
