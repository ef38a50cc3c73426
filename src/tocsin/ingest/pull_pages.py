"""A peer's pages, asked for one after another over TAXII 2.1. Nothing of them is believed here, and nothing kept.

Enters: a line to a peer. Leaves: pages of objects as bytes, each with the place after it. Refuses: what is no TAXII,
moments that run backwards, and pages that do not end.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from tocsin.kernel import BadInput, Peer, PeerFault
from tocsin.kernel.limits import MAX_PEER_RESPONSE_BYTES, MAX_PULL_PAGES, TAXII_PAGE_DEFAULT
from tocsin.net import Answer, AnswerTooLarge, Line
from tocsin.wire import taxii
from tocsin.wire.stix import is_timestamp, micros_of

DISCOVERY = "/taxii2/"
SHARED = "shared"
"""Alias of the collection that holds what a Tocsin node released to the caller."""

MAX_PULL_OBJECTS = 20_000
"""Objects in one pull, all pages together: then it is another peer's turn, and the next pull goes on from there."""

MAX_PULL_BYTES = 64 << 20
"""Bytes in one pull, for the same reason; its new records lie in memory until it ends."""

SMALL_PAGE = 100
"""Asked for when a page was too large to take: as many objects of the largest size fit into one answer."""

_T = TypeVar("_T")


class Page(msgspec.Struct, frozen=True):
    """One page: objects as bytes, in the order they came; `cursor` is where the next pull begins after it.

    `resume` is where it begins when more pages follow and the line is cut: a moment earlier, since other servers
    give several objects one moment, and a page may end between them.
    """

    objects: tuple[bytes, ...]
    cursor: str | None
    resume: str | None
    more: bool
    size: int


class _Discovery(msgspec.Struct):
    default: str | None = None
    api_roots: list[str] = []


class _Collection(msgspec.Struct):
    id: str
    can_read: bool
    alias: str | None = None


class _Collections(msgspec.Struct):
    collections: list[_Collection] = []


def pages(peer: Peer, line: Line) -> Iterator[Page]:
    """Page after page since the peer's cursor, up to the bounds of one pull. Raises PeerFault.

    A page that promises more must have objects and a token that was not given before, and its moments must not
    run backwards: otherwise a peer could keep us asking for ever.
    """
    path = _objects_path(peer, line)
    cursor, token, seen, count, size = peer.cursor, None, set[str](), 0, 0
    for _ in range(MAX_PULL_PAGES):
        query = {} if peer.cursor is None else {"added_after": peer.cursor}
        if token is not None:
            query["next"] = token
        answer = _page_of(peer, line, path, query)
        try:
            envelope = taxii.read_envelope(answer.body, MAX_PEER_RESPONSE_BYTES)
        except BadInput as error:
            raise PeerFault(peer.name, error.message) from error
        if envelope.objects:
            cursor = _moment(peer, answer, cursor)
        if envelope.more and (not envelope.objects or not envelope.next or envelope.next in seen):
            raise PeerFault(peer.name, "it promises more pages and does not give them")
        page = Page(
            objects=tuple(bytes(raw) for raw in envelope.objects),
            cursor=cursor,
            resume=_before(cursor),
            more=envelope.more,
            size=len(answer.body),
        )
        yield page
        count, size = count + len(page.objects), size + page.size
        if not page.more or count >= MAX_PULL_OBJECTS or size >= MAX_PULL_BYTES:
            return
        token = envelope.next or ""
        seen.add(token)


def _page_of(peer: Peer, line: Line, path: str, query: Mapping[str, str]) -> Answer:
    """One page; a smaller one when it was too large to take."""
    try:
        return _ask(peer, line, path, {"limit": str(TAXII_PAGE_DEFAULT), **query})
    except AnswerTooLarge:
        return _ask(peer, line, path, {"limit": str(SMALL_PAGE), **query})


def _before(moment: str | None) -> str | None:
    return None if moment is None else taxii.timestamp_micros(micros_of(moment) - 1)


def _objects_path(peer: Peer, line: Line) -> str:
    """Where the collection's objects are, by discovery: TAXII 2.1 sections 4.1, 5.1."""
    start = line.base_path if line.base_path != "/" else DISCOVERY
    found = _decode(peer, _ask(peer, line, start), _Discovery)
    root = found.default or next(iter(found.api_roots), None)
    if root is None:
        raise PeerFault(peer.name, "it offers no TAXII API root")
    base = line.local_path(root).rstrip("/")
    listed = _decode(peer, _ask(peer, line, f"{base}/collections/"), _Collections).collections
    readable = [one for one in listed if one.can_read]
    chosen = [one for one in readable if one.alias == SHARED] or readable
    if len(chosen) != 1 or not chosen[0].id.replace("-", "").isalnum() or not chosen[0].id.isascii():
        raise PeerFault(peer.name, f"it has no one collection {SHARED} that we may read")
    return f"{base}/collections/{chosen[0].id}/objects/"


def _ask(peer: Peer, line: Line, path: str, query: Mapping[str, str] | None = None) -> Answer:
    answer = line.get(path, accept=taxii.MEDIA_TYPE, query=query)
    if answer.status in (401, 403, 404):
        raise PeerFault(peer.name, f"it does not let us in ({answer.status}): ask its operator for a token")
    if answer.status != 200:
        raise PeerFault(peer.name, f"it answered {answer.status} where 200 was due")
    try:
        taxii.check_content_type(answer.headers.get("content-type"))
    except BadInput as error:
        raise PeerFault(peer.name, "its answer is not TAXII 2.1 by its media type") from error
    return answer


def _decode(peer: Peer, answer: Answer, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PeerFault(peer.name, "its TAXII resource cannot be read") from error


def _moment(peer: Peer, answer: Answer, before: str | None) -> str:
    """When the last object of a page was added, which may not be before the page before."""
    last = answer.headers.get("x-taxii-date-added-last", "")
    if not is_timestamp(last):
        raise PeerFault(peer.name, "it does not say when its last object was added")
    if before is not None and micros_of(last) < micros_of(before):
        raise PeerFault(peer.name, "its pages run backwards in time")
    return last
