"""TAXII 2.1 as values: resources, media types, query filters, page tokens, timestamps. No HTTP in here.

Enters: header and query text, envelope bytes. Leaves: frozen structs. Refuses with the status that the standard
names: `BadInput` 400, `NotAcceptable` 406, `WrongMediaType` 415, `TooLarge` 413.
Source: TAXII Version 2.1, OASIS Standard.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.limits import MAX_TAXII_BODY_BYTES, MAX_TAXII_OBJECTS, TAXII_PAGE_DEFAULT, TAXII_PAGE_MAX
from tocsin.wire.json_bounds import bad_json
from tocsin.wire.media import NotAcceptable, WrongMediaType, is_refused, media_ranges
from tocsin.wire.stix.ids import type_of
from tocsin.wire.stix.times import micros_of, timestamp_micros

MEDIA_TYPE = "application/taxii+json;version=2.1"
"""What every TAXII answer carries as Content-Type."""

STIX_MEDIA_TYPE = "application/stix+json;version=2.1"

MAX_MATCH_VALUES = 100
"""Values of one `match` filter. A list of more ids is a page of objects, asked for as such."""

MAX_NEXT_CHARS = 64


class _Resource(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Optional properties are left out when empty, as the standard's examples do."""


class Discovery(_Resource, frozen=True, kw_only=True):
    """Section 4.1.1."""

    title: str
    description: str | None = None
    contact: str | None = None
    default: str | None = None
    api_roots: tuple[str, ...] = ()


class ApiRoot(_Resource, frozen=True, kw_only=True):
    """Section 4.2.1."""

    title: str
    description: str | None = None
    versions: tuple[str, ...]
    max_content_length: int


class Collection(_Resource, frozen=True, kw_only=True):
    """Section 5.2.1."""

    id: str
    title: str
    description: str | None = None
    alias: str | None = None
    can_read: bool
    can_write: bool
    media_types: tuple[str, ...] = ()


class Collections(_Resource, frozen=True, kw_only=True):
    """Section 5.1.1."""

    collections: tuple[Collection, ...] = ()


class Envelope(_Resource, frozen=True, kw_only=True):
    """Section 3.7. Objects are bytes already, so that what the gate decided on is what is sent."""

    more: bool = False
    next: str | None = None
    objects: tuple[msgspec.Raw, ...] = ()


class ManifestEntry(_Resource, frozen=True, kw_only=True, omit_defaults=False):
    """Section 5.3.1."""

    id: str
    date_added: str
    version: str
    media_type: str = STIX_MEDIA_TYPE


class ManifestPage(_Resource, frozen=True, kw_only=True):
    """Section 5.3.1."""

    more: bool = False
    objects: tuple[ManifestEntry, ...] = ()


class Versions(_Resource, frozen=True, kw_only=True):
    """Section 5.8."""

    more: bool = False
    versions: tuple[str, ...] = ()


class StatusDetail(_Resource, frozen=True, kw_only=True):
    """Section 4.3.1."""

    id: str
    version: str
    message: str | None = None


class Status(_Resource, frozen=True, kw_only=True):
    """Section 4.3.1. Counts are always written."""

    id: str
    status: str
    request_timestamp: str
    total_count: int
    success_count: int
    successes: tuple[StatusDetail, ...] = ()
    failure_count: int
    failures: tuple[StatusDetail, ...] = ()
    pending_count: int
    pendings: tuple[StatusDetail, ...] = ()


class ErrorMessage(_Resource, frozen=True, kw_only=True):
    """Section 3.6."""

    title: str
    description: str | None = None
    error_id: str | None = None
    error_code: str | None = None
    http_status: str | None = None
    external_details: str | None = None
    details: dict[str, str] = {}


class Query(msgspec.Struct, frozen=True):
    """Filters of one request, checked. Field for field the store's `ReleaseFilter`.

    `added_after` in microseconds, exclusive: a page token says no more than that. `versions` None where a request
    has no `match[version]`, else `first`, `last`, `all` or version timestamps in microseconds.
    """

    added_after: int | None = None
    limit: int = TAXII_PAGE_DEFAULT
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str | int, ...] | None = None
    spec_versions: tuple[str, ...] = ()


_ENCODER = msgspec.json.Encoder()
_TOKEN = b"t2."
_WIDE = ("*/*", "application/*", "application/taxii+json")
"""Ranges that hold our media type, the widest first."""
_TYPE_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def encode(resource: _Resource) -> bytes:
    """The JSON of a resource."""
    return _ENCODER.encode(resource)


def check_accept(header: str | None) -> str:
    """The media type to answer with. Raises NotAcceptable (406) when none of the client's is ours.

    TAXII without a version means the newest; `*/*` and no header at all are taken, as real clients send them. Of
    several ranges that fit, the most exact decides (RFC 9110, 12.5.1): `*/*, application/taxii+json;q=0` refuses.
    """
    if header is None or not header.strip():
        return MEDIA_TYPE
    found = [
        (_WIDE.index(media), "version" in parameters, not is_refused(parameters))
        for media, parameters in media_ranges(header)
        if media in _WIDE and parameters.get("version", "2.1") == "2.1"
    ]
    if found and max(found)[2]:
        return MEDIA_TYPE
    raise NotAcceptable(f"this server answers {MEDIA_TYPE}; send that as Accept")


def check_content_type(header: str | None) -> None:
    """Raise WrongMediaType (415) unless a body is TAXII 2.1."""
    ranges = media_ranges(header or "")
    if len(ranges) == 1:
        media, parameters = ranges[0]
        if media == "application/taxii+json" and parameters.get("version", "2.1") == "2.1":
            return
    raise WrongMediaType(f"this endpoint takes {MEDIA_TYPE}; send that as Content-Type")


def next_token(moment: int) -> str:
    """A token for the page after the row that was added at `moment`.

    It holds what that row shows anyhow (X-TAXII-Date-Added-Last), and a moment belongs to the caller's own view: so
    there is nothing in it to hide.
    """
    return base64.urlsafe_b64encode(_TOKEN + str(moment).encode()).decode().rstrip("=")


def read_next(token: str) -> int:
    """The moment a token continues after. Raises BadInput for anything that `next_token` never made."""
    if 0 < len(token) <= MAX_NEXT_CHARS and token.isascii():
        try:
            text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            text = b""
        digits = text.removeprefix(_TOKEN)
        # the last says that a token has one spelling
        if text != digits and digits.isdigit() and len(digits) < 19 and next_token(int(digits)) == token:
            return int(digits)
    raise BadInput("next is not a token of this server; begin again without it")


_KNOWN = frozenset(
    {"added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]"}
)


def parse_query(pairs: Iterable[tuple[str, str]]) -> Query:
    """The filters of a request from its decoded query pairs.

    Parameters that are not TAXII's are passed over; a TAXII one given twice, or one that is not of its form,
    raises BadInput. `limit` above TAXII_PAGE_MAX is brought down, as section 3.4 allows.
    """
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in _KNOWN:
            if name.startswith("match["):
                raise BadInput("a match field is unknown; use id, type, version or spec_version")
            continue
        if name in given:
            raise BadInput(f"{name} is given twice; separate values with commas")
        given[name] = value
    after = [_moment(given["added_after"], "added_after")] if "added_after" in given else []
    after += [read_next(given["next"])] if "next" in given else []
    return Query(
        added_after=max(after, default=None),
        limit=_limit(given["limit"]) if "limit" in given else TAXII_PAGE_DEFAULT,
        ids=_values(given, "match[id]", lambda text: type_of(text) is not None),
        types=_values(given, "match[type]", lambda text: _TYPE_NAME.fullmatch(text) is not None),
        versions=_versions(given["match[version]"]) if "match[version]" in given else None,
        spec_versions=_values(given, "match[spec_version]", lambda text: text in ("2.0", "2.1")),
    )


def _moment(text: str, name: str) -> int:
    # A "+" in a query is a space once decoded, so that only Z and negative offsets arrive whole.
    if len(text) > MAX_NEXT_CHARS or _RFC3339.fullmatch(text.strip()) is None:
        raise BadInput(f"{name} is not a timestamp; write 2025-01-31T12:00:00.000000Z")
    text = text.strip()
    if text.endswith("Z"):
        try:
            return micros_of(text)
        except BadInput:
            raise BadInput(f"{name} is not a timestamp; write 2025-01-31T12:00:00.000000Z") from None
    raise BadInput(f"{name} is not in UTC; write it with Z")


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9) or int(text) == 0:
        raise BadInput("limit is not a positive number")
    return min(int(text), TAXII_PAGE_MAX)


def _split(text: str, name: str) -> Sequence[str]:
    values = [part.strip() for part in text.split(",", MAX_MATCH_VALUES)]
    if len(values) > MAX_MATCH_VALUES:
        raise BadInput(f"{name} has more than {MAX_MATCH_VALUES} values; ask in several requests")
    return values


def _values(given: dict[str, str], name: str, is_good: Any) -> tuple[str, ...]:
    if name not in given:
        return ()
    values = _split(given[name], name)
    if not all(is_good(value) for value in values):
        raise BadInput(f"{name} has a value that is not of its form")
    return tuple(dict.fromkeys(values))


def _versions(text: str) -> tuple[str | int, ...]:
    values = _split(text, "match[version]")
    return tuple(
        dict.fromkeys(
            value if value in ("first", "last", "all") else _moment(value, "match[version]")
            for value in values
        )
    )


class _Foreign(msgspec.Struct, frozen=True):
    more: bool = False
    next: str | None = None
    objects: list[msgspec.Raw] = []


_FOREIGN = msgspec.json.Decoder(_Foreign)


def read_envelope(body: bytes, limit: int, what: str = "the answer") -> Envelope:
    """An envelope from outside, at most `limit` bytes and MAX_TAXII_OBJECTS objects. Raises BadInput or TooLarge."""
    if len(body) > limit:
        raise TooLarge(f"{what} is larger than {limit} bytes; send fewer objects at a time")
    try:
        found = _FOREIGN.decode(body)
    except msgspec.ValidationError:
        raise BadInput(f'{what} is not a TAXII envelope; send {{"objects": [...]}}') from None
    except RecursionError:
        raise TooLarge(f"{what} nests too deep; send flatter objects") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad_json(body, what) from None
    if len(found.objects) > MAX_TAXII_OBJECTS:
        raise TooLarge(f"{what} has more than {MAX_TAXII_OBJECTS} objects; send fewer at a time")
    return Envelope(more=found.more, next=found.next, objects=tuple(found.objects))


def parse_envelope(body: bytes) -> tuple[bytes, ...]:
    """The objects of a posted envelope, each still as bytes.

    Raises TooLarge over MAX_TAXII_BODY_BYTES or MAX_TAXII_OBJECTS, BadInput when it is no envelope or empty.
    """
    posted = read_envelope(body, MAX_TAXII_BODY_BYTES, "the body")
    if not posted.objects:
        raise BadInput('the envelope has no objects; send {"objects": [...]}')
    return tuple(bytes(raw) for raw in posted.objects)


__all__ = [
    "MEDIA_TYPE",
    "STIX_MEDIA_TYPE",
    "ApiRoot",
    "Collection",
    "Collections",
    "Discovery",
    "Envelope",
    "ErrorMessage",
    "ManifestEntry",
    "ManifestPage",
    "NotAcceptable",
    "Query",
    "Status",
    "StatusDetail",
    "Versions",
    "WrongMediaType",
    "check_accept",
    "check_content_type",
    "encode",
    "next_token",
    "parse_envelope",
    "parse_query",
    "read_envelope",
    "read_next",
    "timestamp_micros",
]
