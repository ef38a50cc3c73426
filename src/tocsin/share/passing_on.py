"""Records of others that may be passed on: which they are, and of what conduct they speak where they do not say it.

Our own relationships, sightings and reports are kept under the category of their warning. Another's are kept under
none; they speak of the conduct of what they refer to, and so the policies decide on that.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from tocsin.kernel import Peer, Record
from tocsin.share.fields import CLAIMING, SUPPORTING
from tocsin.taxonomy import category


class _Refers(msgspec.Struct):
    source_ref: str = ""
    target_ref: str = ""
    sighting_of_ref: str = ""
    object_refs: list[str] = []


def may_pass_on(record: Record, peer: Peer, trusted: Collection[str]) -> bool:
    """Whether another's record may be offered to a peer at all: signed, from a peer of `trusted`, and not back."""
    return (
        record.root is not None
        and record.peer in trusted
        and record.peer != peer.name
        and record.author != peer.identity
    )


def conduct_by_id(records: Iterable[Record]) -> dict[str, str]:
    """The category of every record that says it itself."""
    return {record.id: record.category for record in records if record.type in CLAIMING}


def with_conduct(record: Record, categories: Mapping[str, str]) -> Record:
    """The record under the category of what it refers to; as it is where it has one, or nothing of it is here.

    Where it refers to several, one that is not on the closed list counts before all others: then it is refused.
    """
    if record.category or record.type in SUPPORTING:
        return record
    refers = msgspec.json.decode(record.stix, type=_Refers)
    named = (refers.source_ref, refers.target_ref, refers.sighting_of_ref, *refers.object_refs)
    found = sorted({categories[one] for one in named if one in categories})
    unlisted = [one for one in found if category(one) is None]
    return msgspec.structs.replace(record, category=next(iter([*unlisted, *found]), ""))
