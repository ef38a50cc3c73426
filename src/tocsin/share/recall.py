"""The withdrawn form of what was released: less than its holder has, the same author, and marked as revoked.

A policy that has become stricter since must not hide a recall from those who have the record; so no policy is asked.
In its place stands a rule that needs none: every property and every id in the withdrawn form stands in bytes that this
very peer was given. The final bytes are checked as every release is.
"""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from tocsin.kernel import TLP, BadInput, Entry, Manifest, Release, Verdict
from tocsin.share.candidate import KEPT
from tocsin.share.decision import Draft, manifest_digest
from tocsin.share.fields import TABLES
from tocsin.share.look import version_of
from tocsin.share.mentions import ids_in, strings_of
from tocsin.share.promise import Forbidden, Promise, ReleaseStopped, check_final
from tocsin.trust.signed_fields import narrow, root_of, unsigned
from tocsin.wire.stix import canonical, marking_id, timestamp
from tocsin.wire.stix.labels import WELL_KNOWN

RULE_RECALLED = "share.recalled"
"""Taken back: it goes to who had it, whatever the policies say now."""

PURPOSE = "recall"
NEVER_RECALLED = frozenset({"identity"})
"""Who speaks cannot be taken back without all that they said."""

_MILLISECOND = 1_000


def recallable(kind: str) -> bool:
    """Whether a record of this type can be taken back: what everybody has, and who speaks, cannot."""
    return kind in TABLES and kind not in NEVER_RECALLED


def withdrawn_form(stix: bytes, version: int) -> bytes:
    """What is left of an object that is taken back: what its type needs, `revoked`, and a new `modified`.

    `version` in microseconds, whole milliseconds. Raises BadInput for an object that cannot be taken back.
    """
    value = unsigned(msgspec.json.decode(stix))  # it is a new version, to be signed anew
    if not recallable(value["type"]):
        raise BadInput(f"{value['id']} cannot be taken back: everybody has it, or it says who speaks")
    needed = TABLES[value["type"]].needed
    left = {name: inner for name, inner in value.items() if name in needed and inner != {}}
    return canonical({**left, "modified": timestamp(version), "revoked": True})


def draft_recall(
    peer: str,
    held: Sequence[Release],
    version: int,
    policy: str,
    forbidden: Forbidden,
    signed: Mapping[str, bytes] = MappingProxyType({}),
) -> Draft:
    """The withdrawn form of each record, from the newest bytes that this peer was given of it.

    `held` are its releases of all records to be taken back, in every version. `signed` are withdrawn forms of whole
    records as their author signed them: each peer gets a view of that one, so that all of them are one version.
    Raises ReleaseStopped when the final bytes would show the peer anything that it has not.
    """
    newest: dict[str, Release] = {}
    for row in held:
        if row.peer != peer:
            raise ReleaseStopped("a recall is made of what this very peer was given; nothing was released")
        if row.id not in newest or newest[row.id].version < row.version:
            newest[row.id] = row
    final = {row.id: _view(withdrawn_form(row.stix, version), signed.get(row.id)) for row in newest.values()}
    entries = tuple(_entry(newest[name], content, forbidden) for name, content in sorted(final.items()))
    manifest = Manifest(peer=peer, purpose=PURPOSE, policy=policy, entries=entries)
    manifest = msgspec.structs.replace(manifest, digest=manifest_digest(manifest))
    markings = {name: row.tlp for name, row in newest.items()}
    return Draft(manifest=manifest, final=final, versions=dict.fromkeys(final, version), markings=markings)


def _view(content: bytes, signed: bytes | None) -> bytes:
    if signed is None:
        return content
    return canonical(narrow(msgspec.json.decode(signed), msgspec.json.decode(content)))


def next_version(held: Sequence[int], now: int) -> int:
    """A version after all of these, at the present or as near after it as may be; whole milliseconds."""
    return max(now, *(one + _MILLISECOND for one in held)) // _MILLISECOND * _MILLISECOND


def _entry(row: Release, content: bytes, forbidden: Forbidden) -> Entry:
    had, value = msgspec.json.decode(row.stix), msgspec.json.decode(content)
    said, saying = unsigned(had), unsigned(value)
    shown = {name for name in saying if name not in ("modified", "revoked")}
    if any(said.get(name) != saying[name] for name in shown):
        raise ReleaseStopped(f"{row.id}: the recall would show more than was given; nothing was released")
    digest = hashlib.sha256(content).hexdigest()
    marked = value["object_marking_refs"]
    promise = Promise(
        id=row.id,
        type=row.type,
        version=version_of(value),
        tlp=next(tlp for tlp in TLP if [marking_id(tlp)] == marked),
        properties=frozenset(value),
        may_name=WELL_KNOWN | {named for text in strings_of(said) for named in ids_in(text)},
        sha256=digest,
        root=root_of(value),
    )
    check_final(content, promise, forbidden)
    fields = {name: KEPT if name in value else "withheld: taken back" for name in sorted({*had, *value})}
    return Entry(
        id=row.id,
        type=row.type,
        version=promise.version,
        verdict=Verdict.RELEASE,
        rule=RULE_RECALLED,
        fields=fields,
        sha256=digest,
        size=len(content),
    )
