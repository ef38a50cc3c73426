"""Foreign bytes to a checked STIX object, or to the list of what is wrong with it.

1. Size (MAX_STIX_OBJECT_BYTES), then JSON, decoded straight into the struct of its type.
2. Where that fails, decoded loosely: properties that the standard does not name are set aside and kept.
3. Depth, numbers and characters of the open parts.
4. Ids, references and timestamps (`rules`).
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from tocsin.kernel import BadInput
from tocsin.kernel.limits import MAX_JSON_DEPTH, MAX_STIX_OBJECT_BYTES
from tocsin.wire.json_bounds import MAX_SAFE_INTEGER, deeper_than, has_nul, numbers_in, why_not_json
from tocsin.wire.stix.canonical_form import has_long_number, loose_parts
from tocsin.wire.stix.columns import all_follow
from tocsin.wire.stix.ids import type_of
from tocsin.wire.stix.objects import (
    LOOSE,
    TYPED,
    Extended,
    ExternalReference,
    GranularMarking,
    KillChainPhase,
    Other,
    StixObject,
    Typed,
)
from tocsin.wire.stix.problems import Code, Problem
from tocsin.wire.stix.rules import broken_rules, follows_rules
from tocsin.wire.stix.sco import EmailMimePart, RegistryValue, X509V3Extensions

_DECODE = msgspec.json.Decoder(Typed).decode
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_LOOSELY = msgspec.json.Decoder().decode
_NESTED: dict[str, type[msgspec.Struct]] = {
    "body_multipart": EmailMimePart,
    "external_references": ExternalReference,
    "granular_markings": GranularMarking,
    "kill_chain_phases": KillChainPhase,
    "values": RegistryValue,
    "x509_v3_extensions": X509V3Extensions,
}
_PATH = re.compile(r" - at `\$\.?([^`]*)`\Z")
_MISSING = re.compile(r"Object missing required field `([a-z_]+)`")


class Checked(msgspec.Struct, frozen=True):
    """`item` is None when a problem is fatal."""

    item: StixObject | Extended | None
    problems: tuple[Problem, ...] = ()


def check(data: bytes, index: int = 0) -> Checked:
    """An object from its bytes and what is wrong with it; `index` is its place in a bundle. Raises nothing."""
    return _settle(_decode_typed(data), data, index)


def _settle(item: Typed | None, data: bytes, index: int) -> Checked:
    """The quick yes for a decoded object, else the slow, exact answer."""
    if item is not None and follows_rules(item) and not _is_odd(item, data):
        return Checked(item)
    return _check_loosely(data, index)


def read_many(
    texts: Sequence[bytes | msgspec.Raw],
) -> tuple[list[StixObject | Extended | None], list[Problem]]:
    """What `check` says of each, faster: what nearly always holds is looked at by columns. Raises nothing."""
    items: list[Any] = []
    if max((len(memoryview(data)) for data in texts), default=0) > MAX_STIX_OBJECT_BYTES:
        items += map(_decode_typed, texts)
    else:
        for data in texts:
            try:
                items.append(_DECODE(data))
            except _UNREADABLE:
                items.append(None)
    by_type: defaultdict[type[Any], list[Any]] = defaultdict(list)
    for item in items:
        by_type[item.__class__].append(item)
    by_type.pop(type(None), None)
    sure = {kind for kind, group in by_type.items() if all_follow(group[0].type, group)}
    problems: list[Problem] = []
    for index, item in enumerate(items):
        if item.__class__ not in sure or item.extensions is not UNSET:
            checked = _settle(item, bytes(texts[index]), index)
            items[index] = checked.item
            problems += checked.problems
    return items, problems


def _decode_typed(data: bytes | msgspec.Raw) -> Typed | None:
    """The struct, or None where a closer look is needed."""
    try:
        return _DECODE(data) if len(memoryview(data)) <= MAX_STIX_OBJECT_BYTES else None
    except _UNREADABLE:
        return None


def parse(data: bytes) -> StixObject | Extended:
    """An object from its bytes. Raises BadInput that lists every problem, those that are not fatal included."""
    checked = check(data)
    if checked.item is None or checked.problems:
        raise BadInput("; ".join(str(problem) for problem in checked.problems))
    return checked.item


def check_object(item: StixObject | Extended) -> tuple[Problem, ...]:
    """Problems of an object that is in memory already: what `check` would say of its bytes."""
    data = item.data if isinstance(item, Extended) else item
    return check(msgspec.json.encode(data)).problems


def _is_odd(item: Any, data: bytes) -> bool:
    """Whether the open parts need a closer look; almost never."""
    if b"\\u0000" in data:
        return True
    if item.extensions is UNSET and not LOOSE[item.type]:
        return False
    if data.count(b"{") + data.count(b"[") < MAX_JSON_DEPTH and not has_long_number(data):
        return False
    loose = loose_parts(item)
    return deeper_than(loose, MAX_JSON_DEPTH - 1) or _big_number(loose)


def _big_number(value: Any) -> bool:
    return any(isinstance(number, int) and abs(number) > MAX_SAFE_INTEGER for number in numbers_in(value))


def _check_loosely(data: bytes, index: int) -> Checked:
    identifier = ""
    try:
        value = _decode_loosely(data)
        said = value.get("id")
        identifier = said if isinstance(said, str) and type_of(said) is not None else ""
        _check_open(value, data)
        struct = TYPED.get(value["type"], Other)
        known = _known_part(value, struct)
        typed = _convert(known, struct)
    except _FoundError as found:
        return Checked(None, (Problem(identifier, found.field, found.code, found.reason, index=index),))
    problems = tuple(msgspec.structs.replace(problem, index=index) for problem in broken_rules(typed, value))
    if any(problem.fatal for problem in problems):
        return Checked(None, problems)
    return Checked(typed if known == value and struct is not Other else Extended(typed, value), problems)


class _FoundError(Exception):
    """A fatal problem; stays within this file."""

    def __init__(self, code: Code, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.field = field


def _decode_loosely(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_STIX_OBJECT_BYTES:
        raise _FoundError(Code.SIZE, f"is larger than {MAX_STIX_OBJECT_BYTES} bytes; split it")
    try:
        value = _LOOSELY(data)
    except RecursionError:
        raise _FoundError(Code.DEPTH, f"nests deeper than {MAX_JSON_DEPTH} levels") from None
    except msgspec.ValidationError:
        raise _FoundError(Code.NUMBER, "holds a number out of range; send it as text") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _FoundError(Code.JSON, why_not_json(data)) from None
    if not isinstance(value, dict):
        raise _FoundError(Code.TYPE, "is not a JSON object")
    return value


def _check_open(value: dict[str, Any], data: bytes) -> None:
    for field in ("type", "id"):
        if not isinstance(value.get(field), str):
            code = Code.MISSING if field not in value else Code.TYPE
            raise _FoundError(code, "is needed, as a string", field)
    if deeper_than(value, MAX_JSON_DEPTH):
        raise _FoundError(Code.DEPTH, f"nests deeper than {MAX_JSON_DEPTH} levels")
    if _big_number(value):
        raise _FoundError(Code.NUMBER, "holds an integer beyond 2^53, which would change; send it as text")
    if b"\\u0000" in data and has_nul(value):
        raise _FoundError(Code.CHARACTER, "holds a NUL character")


def _convert(known: dict[str, Any], struct: type[StixObject]) -> StixObject:
    try:
        return msgspec.convert(known, struct)
    except msgspec.ValidationError as error:
        raise _FoundError(*_explain(str(error))) from None


def _known_part(value: dict[str, Any], struct: type[StixObject]) -> dict[str, Any]:
    """Without the properties that the struct does not name, at the top and one level down."""
    known = {name: value[name] for name in ("type", *struct.__struct_fields__) if name in value}
    if struct is Other:
        return known
    for name, nested in _NESTED.items():
        inner = known.get(name)
        if isinstance(inner, list):
            known[name] = [_named(entry, nested) if isinstance(entry, dict) else entry for entry in inner]
        elif isinstance(inner, dict):
            known[name] = _named(inner, nested)
    return known


def _named(value: dict[str, Any], struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {key: value[key] for key in struct.__struct_fields__ if key in value}


def _explain(message: str) -> tuple[Code, str, str]:
    # msgspec's wording may quote a value; only its path and its kind are used.
    path = _PATH.search(message)
    field = path[1] if path else ""
    missing = _MISSING.match(message)
    if missing:
        return Code.MISSING, "is needed", f"{field}.{missing[1]}" if field else missing[1]
    if "enum value" in message or "matching regex" in message:
        return Code.VALUE, "has a value that the standard does not allow here", field
    if "of length" in message:
        return Code.VALUE, "is empty; leave it out", field
    if ">=" in message or "<=" in message:
        return Code.NUMBER, "is out of its range", field
    return Code.TYPE, "has the wrong type", field
