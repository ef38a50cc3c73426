"""TAXII 2.1 (OASIS Standard): every endpoint, all filters, the standard's errors.

Which roots and collections there are is `taxii_roots`' to say, for each caller. What is not there and what is not
theirs get the same 404. Objects are sent as the bytes that were kept, never encoded again.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from litestar import Router, delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.kernel import BadInput, NotAllowed, TocsinError
from tocsin.kernel.limits import MAX_TAXII_BODY_BYTES, TAXII_PAGE_MAX
from tocsin.store.interface import ReleaseFilter, TaxiiPage, TaxiiStatus
from tocsin.trust.signed_requests import NotSigned, check_body
from tocsin.web.auth import NotAuthenticated, identify, node_of, shown
from tocsin.web.taxii_answers import (
    HANDLERS,
    Answer,
    Ask,
    added,
    envelope,
    nothing_there,
    raw,
    resource,
    status_resource,
)
from tocsin.web.taxii_post import object_version, receive
from tocsin.web.taxii_roots import DISCOVERY, Party, Place, Root, roots_for
from tocsin.wire import taxii
from tocsin.wire.stix.ids import type_of

BODY_SECONDS = 60.0
"""A body that drips more slowly than this ends with 408."""

_DELETE_FILTERS = frozenset({"match[version]", "match[spec_version]"})
"""What section 5.7 allows."""

_T = TypeVar("_T")


class SlowBody(TocsinError):
    """The body did not arrive in time."""

    code = "slow-body"
    status = 408


@get("/")
async def discovery(request: Ask) -> Answer:
    """Section 4.1."""
    title, roots = await _asked(request, lambda party: (party.node.settings.name, roots_for(party)))
    paths = tuple(root.path for root in roots)
    return resource(
        taxii.Discovery(title=f"{title}: Tocsin", default=paths[0] if paths else None, api_roots=paths)
    )


@get("/{root:str}/")
async def api_root(request: Ask, root: FromPath[str]) -> Answer:
    """Section 4.2."""
    found = await _asked(request, lambda party: _root(party, root))
    return resource(
        taxii.ApiRoot(
            title=found.title,
            description=found.description,
            versions=(taxii.MEDIA_TYPE,),
            max_content_length=MAX_TAXII_BODY_BYTES,
        )
    )


@get("/{root:str}/collections/")
async def collections(request: Ask, root: FromPath[str]) -> Answer:
    """Section 5.1."""
    found = await _asked(request, lambda party: _root(party, root))
    return resource(taxii.Collections(collections=tuple(place.collection for place in found.places)))


@get("/{root:str}/collections/{name:str}/")
async def collection(request: Ask, root: FromPath[str], name: FromPath[str]) -> Answer:
    """Section 5.2."""
    found = await _asked(request, lambda party: _place(party, root, name))
    return resource(found.collection)


@get("/{root:str}/collections/{name:str}/manifest/")
async def manifest(request: Ask, root: FromPath[str], name: FromPath[str]) -> Answer:
    """Section 5.3."""
    page = await _asked(request, lambda party: _place(party, root, name).page(_wanted(request)))
    entries = tuple(
        taxii.ManifestEntry(
            id=row.id, date_added=taxii.timestamp_micros(row.added), version=object_version(row.version)
        )
        for row in page.rows
    )
    return resource(taxii.ManifestPage(more=page.more, objects=entries), added(page))


@get("/{root:str}/collections/{name:str}/objects/")
async def objects(request: Ask, root: FromPath[str], name: FromPath[str]) -> Answer:
    """Section 5.4."""

    def work(party: Party) -> Answer:
        place = _place(party, root, name)
        page = place.page(_wanted(request))
        place.note(page)
        return envelope(page)

    return await _asked(request, work)


@get("/{root:str}/collections/{name:str}/objects/{identifier:str}/")
async def one_object(
    request: Ask, root: FromPath[str], name: FromPath[str], identifier: FromPath[str]
) -> Answer:
    """Section 5.6."""

    def work(party: Party) -> Answer:
        place = _place(party, root, name)
        page = _of_one(place, identifier, _wanted(request, identifier))
        place.note(page)
        return envelope(page)

    return await _asked(request, work)


@delete("/{root:str}/collections/{name:str}/objects/{identifier:str}/", status_code=200)
async def delete_object(
    request: Ask, root: FromPath[str], name: FromPath[str], identifier: FromPath[str]
) -> Answer:
    """Section 5.7. Without match[version] the last version that the caller sees, as section 3.4 has it."""

    def work(party: Party) -> None:
        place = _place(party, root, name)
        _delete(party, place, identifier, _wanted(request, identifier))

    if {key for key in request.query_params if key.startswith("match[")} - _DELETE_FILTERS:
        raise BadInput("an object is deleted by version and spec_version only; leave the other filters out")
    await _asked(request, work, act="taxii.delete")
    return raw(b"")


@get("/{root:str}/collections/{name:str}/objects/{identifier:str}/versions/")
async def versions(
    request: Ask, root: FromPath[str], name: FromPath[str], identifier: FromPath[str]
) -> Answer:
    """Section 5.8."""

    def work(party: Party) -> TaxiiPage:
        wanted = _wanted(request, identifier, versions=("all",))
        return _of_one(_place(party, root, name), identifier, wanted)

    page = await _asked(request, work)
    found = tuple(object_version(row.version) for row in page.rows)
    return resource(taxii.Versions(more=page.more, versions=found), added(page))


@get("/{root:str}/status/{identifier:str}/")
async def status(request: Ask, root: FromPath[str], identifier: FromPath[str]) -> Answer:
    """Section 4.3. A poster's own, and everybody's for people from whom nothing is hidden."""

    def work(party: Party) -> TaxiiStatus | None:
        writable = any(place.collection.can_write for place in _root(party, root).places)
        owner = None if party.sees_all else party.owner
        return party.node.store.inbox.status(identifier, owner) if writable else None

    found = await _asked(request, work)
    if found is None:
        raise nothing_there()
    return resource(status_resource(found))


@post(
    "/{root:str}/collections/{name:str}/objects/",
    status_code=202,
    request_max_body_size=MAX_TAXII_BODY_BYTES,
)
async def add_objects(request: Ask, root: FromPath[str], name: FromPath[str]) -> Answer:
    """Section 5.5. Each object is taken or refused by itself; the status says which, and why."""

    def writable(party: Party) -> Party:
        if not _place(party, root, name).collection.can_write:
            raise nothing_there()
        return party

    party = await _asked(request, writable, act="taxii.post")
    taxii.check_content_type(request.headers.get("content-type"))
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise taxii.WrongMediaType("this endpoint takes bodies without compression")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.body()
    except TimeoutError:
        raise SlowBody(f"the body took more than {BODY_SECONDS:.0f} s: send smaller envelopes") from None
    if party.digest is not None:
        try:
            check_body(party.digest, body)
        except NotSigned:
            raise NotAuthenticated from None
    kept = await sync_to_thread(lambda: receive(party, taxii.parse_envelope(body)))
    return resource(status_resource(kept), status_code=202)


async def _asked(request: Ask, work: Callable[[Party], _T], *, act: str = "taxii.read") -> _T:
    """What `work` finds for the caller, if they may do `act` and can read TAXII: one step off the loop for all.

    Raises NotAuthenticated, NotAllowed, NotAcceptable.
    """
    node, given = node_of(request), shown(request)

    def run() -> _T:
        found = identify(node, given)
        node.access.require(found.caller, act)
        taxii.check_accept(given.headers.get("accept"))
        return work(Party(node, found.caller, found.digest))

    return await sync_to_thread(run)


def _root(party: Party, name: str) -> Root:
    for root in roots_for(party):
        if root.name == name:
            return root
    raise nothing_there()


def _place(party: Party, root: str, name: str) -> Place:
    found = _root(party, root).place(name)
    if found is None:
        raise nothing_there()
    return found


def _wanted(
    request: Ask, identifier: str | None = None, *, versions: tuple[str | int, ...] | None = None
) -> ReleaseFilter:
    query = taxii.parse_query(request.query_params.multi_items())
    return ReleaseFilter(
        added_after=query.added_after,
        limit=query.limit,
        ids=query.ids if identifier is None else (identifier,),
        types=query.types if identifier is None else (),
        versions=versions or query.versions,
        spec_versions=query.spec_versions,
    )


def _of_one(place: Place, identifier: str, wanted: ReleaseFilter) -> TaxiiPage:
    """The rows of one object. One of which nothing is visible is not there (404)."""
    if type_of(identifier) is None:
        raise nothing_there()
    page = place.page(wanted)
    if not page.rows and not place.page(ReleaseFilter(ids=(identifier,), limit=1)).rows:
        raise nothing_there()
    return page


def _delete(party: Party, place: Place, identifier: str, wanted: ReleaseFilter) -> None:
    """Delete what the caller names and sees: a version that is hidden from them is not theirs to remove.

    1. What nobody may delete here is refused whatever is named. 2. What is not seen is not there.
    3. What is seen and another's is refused. 4. It is written down who deleted what.
    """
    if not place.collection.can_write:
        place.delete("", ())  # 1
    seen = ReleaseFilter(
        limit=TAXII_PAGE_MAX,
        ids=wanted.ids,
        versions=wanted.versions,
        spec_versions=wanted.spec_versions,
    )
    rows = _of_one(place, identifier, seen).rows
    if not rows:  # 2
        raise nothing_there()
    chosen = tuple(row.version for row in rows)
    if not place.delete(identifier, chosen):  # 3
        raise NotAllowed("only who posted an object, or this node's admin, deletes it")
    party.node.access.audit(  # 4
        party.caller.user,
        "taxii.delete",
        subject=identifier,
        purpose="",
        detail={"collection": place.collection.alias or "", "versions": len(chosen)},
    )


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
        delete_object,
        versions,
        status,
        add_objects,
    ],
    exception_handlers=HANDLERS,
    include_in_schema=False,
)
