"""TAXII 2.1 (OASIS Standard): one API root, two collections, four filters, the standard's errors.

`shared` holds what the gate released to the caller, `inbox` what the caller posted. A peer sees its own part of
each and nothing tells it of the rest; this node's people see both whole. What is not there and what is not
theirs get the same 404. Objects are sent as the bytes that were kept, never encoded again.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

import structlog
from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.params import FromPath

from tocsin.app.node import Node
from tocsin.kernel import Caller, NotFound, PeerStatus, Role, TocsinError, Unavailable, micros
from tocsin.kernel.limits import MAX_TAXII_BODY_BYTES
from tocsin.store.interface import ReleaseFilter, TaxiiPage, TaxiiStatus
from tocsin.web.auth import NotAuthenticated, node_of, require
from tocsin.web.taxii_post import object_version, receive
from tocsin.wire import taxii
from tocsin.wire.stix.ids import type_of

DISCOVERY = "/taxii2"
ROOT = "/taxii2/tocsin/"
BODY_SECONDS = 60.0
"""A body that drips more slowly than this ends with 408."""

SHARED = taxii.Collection(
    id="5f8f1c0e-6f0b-5c5e-9f57-2f6f0a4d1a01",
    alias="shared",
    title="Released to you",
    description="Records that this node's gate released to the caller.",
    can_read=True,
    can_write=False,
    media_types=(taxii.STIX_MEDIA_TYPE,),
)
INBOX = taxii.Collection(
    id="5f8f1c0e-6f0b-5c5e-9f57-2f6f0a4d1a02",
    alias="inbox",
    title="Posted by you",
    description="Records that the caller gave to this node.",
    can_read=True,
    can_write=True,
    media_types=(taxii.STIX_MEDIA_TYPE,),
)
COLLECTIONS = {name: one for one in (SHARED, INBOX) for name in (one.id, one.alias)}

_log = structlog.get_logger("tocsin.taxii")
_Ask = Request[Any, Any, Any]
_Answer = Response[bytes]


class SlowBody(TocsinError):
    """The body did not arrive in time."""

    code = "slow-body"
    status = 408


class Party:
    """A caller as this server sees them: whose view of the collections is theirs."""

    def __init__(self, node: Node, caller: Caller) -> None:
        self.node = node
        self.caller = caller
        self.peer = caller.peer
        """The peer whose view it is; None for this node's own people, who see everything."""
        self.owner = f"peer:{caller.peer}" if caller.peer is not None else f"user:{caller.user}"
        """Under whose name posted objects and statuses are kept."""

    def may_enter(self) -> bool:
        """Whether there are collections for this caller: a peer we no longer believe, or that is gone, has none."""
        if self.peer is None:
            return Role.PEER not in self.caller.roles
        known = self.node.store.peers.get(self.peer)
        status = known and known.status_at(micros(self.node.clock()))
        return status in (PeerStatus.ADDED, PeerStatus.TRUSTED)

    def page(self, collection: taxii.Collection, wanted: ReleaseFilter) -> TaxiiPage:
        """One page of a collection, of what this caller may see of it."""
        if collection is SHARED:
            return self.node.store.releases.page(self.peer, wanted)
        return self.node.store.inbox.page(None if self.peer is None else self.owner, wanted)

    def note(self, collection: taxii.Collection, page: TaxiiPage) -> None:
        """Count what a peer fetched."""
        if self.peer is not None and collection is SHARED and page.rows:
            self.node.store.releases.note_fetch(
                self.peer,
                objects=len(page.rows),
                size=sum(len(row.stix) for row in page.rows),
                at=micros(self.node.clock()),
            )


@get("/")
async def discovery(request: _Ask) -> _Answer:
    """Section 4.1."""
    party = await _party(request, "taxii.read")
    return _resource(
        taxii.Discovery(title=f"{party.node.settings.name}: Tocsin", default=ROOT, api_roots=(ROOT,))
    )


@get("/tocsin/")
async def api_root(request: _Ask) -> _Answer:
    """Section 4.2."""
    party = await _party(request, "taxii.read")
    return _resource(
        taxii.ApiRoot(
            title=party.node.settings.name,
            versions=(taxii.MEDIA_TYPE,),
            max_content_length=MAX_TAXII_BODY_BYTES,
        )
    )


@get("/tocsin/collections/")
async def collections(request: _Ask) -> _Answer:
    """Section 5.1."""
    party = await _party(request, "taxii.read")
    open_to = await sync_to_thread(party.may_enter)
    return _resource(taxii.Collections(collections=(SHARED, INBOX) if open_to else ()))


@get("/tocsin/collections/{name:str}/")
async def collection(request: _Ask, name: FromPath[str]) -> _Answer:
    """Section 5.2."""
    _, found = await _collection(request, name)
    return _resource(found)


@get("/tocsin/collections/{name:str}/manifest/")
async def manifest(request: _Ask, name: FromPath[str]) -> _Answer:
    """Section 5.3."""
    page = await _page(request, name)
    entries = tuple(
        taxii.ManifestEntry(
            id=row.id, date_added=taxii.timestamp_micros(row.added), version=object_version(row.version)
        )
        for row in page.rows
    )
    return _resource(taxii.ManifestPage(more=page.more, objects=entries), _added(page))


@get("/tocsin/collections/{name:str}/objects/")
async def objects(request: _Ask, name: FromPath[str]) -> _Answer:
    """Section 5.4."""
    return _envelope(await _page(request, name, fetch=True))


@get("/tocsin/collections/{name:str}/objects/{identifier:str}/")
async def one_object(request: _Ask, name: FromPath[str], identifier: FromPath[str]) -> _Answer:
    """Section 5.6."""
    return _envelope(await _page(request, name, identifier=identifier, fetch=True))


@get("/tocsin/collections/{name:str}/objects/{identifier:str}/versions/")
async def versions(request: _Ask, name: FromPath[str], identifier: FromPath[str]) -> _Answer:
    """Section 5.8."""
    page = await _page(request, name, identifier=identifier, every_version=True)
    return _resource(
        taxii.Versions(more=page.more, versions=tuple(object_version(row.version) for row in page.rows)),
        _added(page),
    )


@get("/tocsin/status/{identifier:str}/")
async def status(request: _Ask, identifier: FromPath[str]) -> _Answer:
    """Section 4.3."""
    party = await _party(request, "taxii.read")
    owner = None if party.peer is None else party.owner
    found = await sync_to_thread(party.node.store.inbox.status, identifier, owner)
    if found is None or not await sync_to_thread(party.may_enter):
        _nothing_there()
    return _resource(_status(found))


@post("/tocsin/collections/{name:str}/objects/", status_code=202, request_max_body_size=MAX_TAXII_BODY_BYTES)
async def add_objects(request: _Ask, name: FromPath[str]) -> _Answer:
    """Section 5.5. Each object is taken or refused by itself; the status says which, and why."""
    party, found = await _collection(request, name, act="taxii.post")
    if not found.can_write:
        _nothing_there()
    taxii.check_content_type(request.headers.get("content-type"))
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise taxii.WrongMediaType("this endpoint takes bodies without compression")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.body()
    except TimeoutError:
        raise SlowBody(f"the body took more than {BODY_SECONDS:.0f} s: send smaller envelopes") from None

    def work() -> TaxiiStatus:
        return receive(party.node, party.peer, party.owner, taxii.parse_envelope(body))

    return _resource(_status(await sync_to_thread(work)), status_code=202)


async def _party(request: _Ask, act: str) -> Party:
    """The caller, if they may do `act` and can read TAXII. Raises NotAuthenticated, NotAllowed, NotAcceptable."""
    caller = await require(request, act)
    taxii.check_accept(request.headers.get("accept"))
    return Party(node_of(request), caller)


async def _collection(request: _Ask, name: str, *, act: str = "taxii.read") -> tuple[Party, taxii.Collection]:
    party = await _party(request, act)
    open_to = await sync_to_thread(party.may_enter)
    found = COLLECTIONS.get(name)
    if found is None or not open_to:
        _nothing_there()
    return party, found


async def _page(
    request: _Ask,
    name: str,
    *,
    identifier: str | None = None,
    every_version: bool = False,
    fetch: bool = False,
) -> TaxiiPage:
    """The rows that a request asks for. An object of which nothing is visible is not there (404)."""
    party, found = await _collection(request, name)
    query = taxii.parse_query(request.query_params.multi_items())
    if identifier is not None and type_of(identifier) is None:
        _nothing_there()
    wanted = ReleaseFilter(
        added_after=query.added_after,
        after_seq=query.after_seq,
        limit=query.limit,
        ids=query.ids if identifier is None else (identifier,),
        types=query.types if identifier is None else (),
        versions=("all",) if every_version else query.versions,
        spec_versions=query.spec_versions,
    )

    def work() -> TaxiiPage:
        page = party.page(found, wanted)
        if identifier is not None and not page.rows:
            whole = ReleaseFilter(ids=(identifier,), limit=1)
            if not party.page(found, whole).rows:
                _nothing_there()
        if fetch:
            party.note(found, page)
        return page

    return await sync_to_thread(work)


def _nothing_there() -> NoReturn:
    raise NotFound("there is no such thing here, or not for you")


def _envelope(page: TaxiiPage) -> _Answer:
    """Section 3.7, put together from the kept bytes."""
    head = b'{"more":false'
    if page.more:
        head = b'{"more":true,"next":"' + taxii.next_token(page.rows[-1].seq).encode() + b'"'
    if not page.rows:
        return _bytes(head + b"}")
    body = head + b',"objects":[' + b",".join([row.stix for row in page.rows]) + b"]}"
    return _bytes(body, headers=_added(page))


def _added(page: TaxiiPage) -> dict[str, str]:
    """Section 1.6.1: when the first and the last object of a page were added."""
    if not page.rows:
        return {}
    return {
        "X-TAXII-Date-Added-First": taxii.timestamp_micros(page.rows[0].added),
        "X-TAXII-Date-Added-Last": taxii.timestamp_micros(page.rows[-1].added),
    }


def _status(kept: TaxiiStatus) -> taxii.Status:
    successes = tuple(taxii.StatusDetail(id=name, version=version) for name, version in kept.successes)
    failures = tuple(
        taxii.StatusDetail(id=name, version=version, message=message)
        for name, version, message in kept.failures
    )
    return taxii.Status(
        id=kept.id,
        status="complete",
        request_timestamp=taxii.timestamp_micros(kept.requested_at),
        total_count=len(successes) + len(failures),
        success_count=len(successes),
        successes=successes,
        failure_count=len(failures),
        failures=failures,
        pending_count=0,
    )


def _resource(resource: Any, headers: dict[str, str] | None = None, *, status_code: int = 200) -> _Answer:
    return _bytes(taxii.encode(resource), headers=headers, status_code=status_code)


def _bytes(body: bytes, *, headers: dict[str, str] | None = None, status_code: int = 200) -> _Answer:
    return Response(body, status_code=status_code, media_type=taxii.MEDIA_TYPE, headers=headers or {})


def _error(code: int, title: str, description: str, headers: dict[str, str] | None = None) -> _Answer:
    """Section 3.6."""
    body = taxii.ErrorMessage(title=title, description=description, http_status=str(code))
    return _bytes(taxii.encode(body), headers=headers, status_code=code)


def _on_tocsin_error(_: _Ask, error: TocsinError) -> _Answer:
    headers: dict[str, str] = {}
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="tocsin", Basic realm="tocsin"'
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "5"
    return _error(error.status, error.code, error.message, headers)


def _on_http_error(_: _Ask, error: HTTPException) -> _Answer:
    allowed = {"Allow": error.headers["Allow"]} if error.headers and "Allow" in error.headers else {}
    title = (
        "method-not-allowed" if isinstance(error, MethodNotAllowedException) else f"http-{error.status_code}"
    )
    return _error(error.status_code, title, error.detail if error.status_code < 500 else "", allowed)


def _on_failure(request: _Ask, error: Exception) -> _Answer:
    _log.error("request.failed", path=request.url.path, method=request.method, exc_info=error)
    return _error(500, "failure", "this is a fault of the node, not of the request; its log says more")


_HANDLERS: dict[int | type[Exception], Callable[..., _Answer]] = {
    TocsinError: _on_tocsin_error,
    HTTPException: _on_http_error,
    Exception: _on_failure,
}

taxii_router = Router(
    path=DISCOVERY,
    route_handlers=[
        discovery,
        api_root,
        collections,
        collection,
        manifest,
        objects,
        one_object,
        versions,
        status,
        add_objects,
    ],
    exception_handlers=_HANDLERS,
    include_in_schema=False,
)
