"""What the gate promised of one object, and whether the final bytes keep it.

Filters elsewhere leaked because they looked before the end: a derived field, an export, a reference was made
after the check. So this looks at the bytes themselves, parses them again, and knows nothing of how they came.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import msgspec

from tocsin.kernel import TLP, BadInput, TocsinError
from tocsin.kernel.limits import MAX_STIX_OBJECT_BYTES
from tocsin.share.fields import may_leave
from tocsin.trust.signed_fields import Refused, carries_signature, verify
from tocsin.trust.units import SIGNED_FIELDS
from tocsin.wire.json_bounds import strings_in
from tocsin.wire.stix import canonical, marking_id, parse
from tocsin.wire.stix.ids import UUID_PATTERN

Forbidden = Callable[[frozenset[str]], Collection[str]]
"""Of some strings, those that never leave this node: a pseudonym, an event id."""

_IDS = re.compile(f"[a-z0-9-]{{1,250}}--{UUID_PATTERN}", re.IGNORECASE)
_TOKENS = re.compile(r"[^\s,;()\[\]{}<>\"'`|]+")


class ReleaseStopped(TocsinError):
    """The final bytes are not what was decided. Nothing of the release left; this is a fault of the node."""

    code = "release-stopped"
    status = 500


class Promise(msgspec.Struct, frozen=True):
    """What was decided of one object. `may_name` holds every STIX id that may stand anywhere in it."""

    id: str
    type: str
    version: str
    tlp: TLP
    properties: frozenset[str]
    may_name: frozenset[str]
    sha256: str
    root: bytes | None = None
    """What its author's signature is over; None where there is none."""


def check_final(final: bytes, promise: Promise, forbidden: Forbidden) -> None:
    """Raise ReleaseStopped, naming the object and what is wrong, unless `final` keeps the promise.

    1. It is within the bound, and its hash is the one in the manifest.
    2. It is one JSON object in canonical form: no property twice, nothing before or after.
    3. Type, id and version are those decided on.
    4. It has exactly the properties decided on, and every value at every depth fits its type's table.
    5. It carries one marking, the decided one.
    6. It is a view of what its author signed, under the root decided on: each field with its salt, no salt besides.
       Or it carries no signature, where none was decided on.
    7. It names no STIX id, in any string, but those it may name.
    8. No string in it looks like something that never leaves this node.
    9. It is a sound STIX object.
    """
    wrong = _broken(final, promise, forbidden)
    if wrong is not None:
        raise ReleaseStopped(f"{promise.id}: {wrong}; nothing was released")


def _broken(final: bytes, promise: Promise, forbidden: Forbidden) -> str | None:
    if len(final) > MAX_STIX_OBJECT_BYTES:  # 1
        return f"is larger than {MAX_STIX_OBJECT_BYTES} bytes"
    if hashlib.sha256(final).hexdigest() != promise.sha256:
        return "has another hash than the manifest says"
    try:  # 2
        value = msgspec.json.decode(final)
        same = canonical(value) == final
    except (msgspec.MsgspecError, BadInput, RecursionError):
        return "is not JSON"
    if not isinstance(value, dict) or not same:
        return "is not one object in canonical form"
    if (value.get("type"), value.get("id"), version_of(value)) != (
        promise.type,
        promise.id,
        promise.version,
    ):  # 3
        return "has another type, id or version than was decided"
    if value.keys() != promise.properties:  # 4
        return f"has other properties than were decided: {_names(value.keys() ^ promise.properties)}"
    misfit = may_leave(promise.type, value)
    if misfit is not None:
        return f"{misfit or 'it'} may not leave"
    marked = value.get("object_marking_refs")
    if promise.type != "marking-definition" and marked != [marking_id(promise.tlp)]:  # 5
        return "carries another marking than was decided"
    unsigned = _broken_signature(value, promise)  # 6
    if unsigned is not None:
        return unsigned
    return _broken_strings(final, value, promise, forbidden)


def _broken_signature(value: dict[str, Any], promise: Promise) -> str | None:
    if promise.root is None:
        return "carries a signature that was not decided on" if carries_signature(value) else None
    found = verify(value)
    if isinstance(found, Refused):
        return f"is not what its author signed: {found}"
    return None if found.root == promise.root else "is of another version than its author signed"


def _said(value: dict[str, Any]) -> dict[str, Any]:
    """The object without its signature, which is digests, salts and the names of what is shown, and verified."""
    if not carries_signature(value):
        return value
    extensions = {key: inner for key, inner in value["extensions"].items() if key != SIGNED_FIELDS}
    return {**value, "extensions": extensions}


def _broken_strings(final: bytes, value: Any, promise: Promise, forbidden: Forbidden) -> str | None:
    texts = set(strings_in(_said(value)))
    if any(named not in promise.may_name for text in texts for named in ids_in(text)):  # 7
        return "names an object that was not released"
    if forbidden(frozenset(token for text in texts for token in _tokens_of(text))):  # 8
        return "holds a value that never leaves this node"
    try:  # 9
        parse(final)
    except BadInput as error:
        return f"is not sound STIX: {error.message}"
    return None


def ids_in(text: str) -> Iterator[str]:
    """Everything in a text that looks like a STIX id, in any case of letters."""
    return (found[0] for found in _IDS.finditer(text)) if "--" in text else iter(())


def version_of(value: dict[str, Any]) -> str:
    """The version of a decoded object: `modified`, or for a marking its `created`; empty when it has neither."""
    version = value.get("modified", value.get("created", ""))
    return version if isinstance(version, str) else ""


def _tokens_of(text: str) -> Iterator[str]:
    yield text
    for token in _TOKENS.finditer(text):
        if token[0] != text:
            yield token[0]
            stripped = token[0].strip(".:!?")
            if stripped != token[0]:
                yield stripped


def _names(names: set[str]) -> str:
    return ", ".join(sorted(names))[:200]
