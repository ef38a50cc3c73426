"""What left this node, and the way there: preview, approve, publish, all under one hash."""

import re
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.kernel import BadInput, Manifest, NotFound
from tocsin.web.console import acts
from tocsin.web.console.login import see_other
from tocsin.web.console.render import link, render
from tocsin.web.console.visits import Visit, visit_of

MAX_NAME_CHARS = 128
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Sent(msgspec.Struct, frozen=True):
    """A manifest as logged: when, by whom, and what it let out."""

    at: int
    by: str
    manifest: Manifest

    @property
    def records(self) -> int:
        return len(self.manifest.released)

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.manifest.released)


@get("/left", sync_to_thread=True)
def left_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every manifest, newest first, and the form that begins a preview."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    peers = visit.node.store.peers.list()
    purposes = sorted({purpose for peer in peers for purpose in peer.purposes})
    return render(visit, "left.html", sent=sent_by(visit), peers=peers, known_purposes=purposes)


@get("/left/{peer:str}/{digest:str}", sync_to_thread=True)
def manifest_page(
    request: Request[Any, Any, Any], peer: FromPath[str], digest: FromPath[str]
) -> Response[str]:
    """One manifest that was logged. Raises NotFound."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    sent = next((row for row in sent_by(visit, peer) if row.manifest.digest == digest), None)
    if sent is None:
        raise NotFound("there is no such manifest")
    return render(visit, "manifest.html", manifest=sent.manifest, sent=sent, done="done" in visit.query)


@get("/share", sync_to_thread=True)
def preview_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """What would leave for a peer and a purpose, with the form that publishes exactly this."""
    visit = visit_of(request)
    caller = visit.require(acts.SHARE_PREVIEW)
    peer, purpose = _asked(visit.query)
    if not peer and not purpose:
        return see_other("/left")
    found = visit.node.exchange.publishing.considered(caller, peer, purpose)
    return render(visit, "manifest.html", manifest=found.manifest, sent=None, done=False, found=found)


@post("/approve", sync_to_thread=True)
def approve(request: Request[Any, Any, Any]) -> Response[Any]:
    """Stand for what was previewed, with one's own name. Raises Conflict when it is no longer the same."""
    visit = visit_of(request)
    caller = visit.require(acts.SHARE_APPROVE)
    digest = visit.form.get("digest", "")
    if not _DIGEST.fullmatch(digest):
        raise BadInput("the form holds no digest of a preview: make a preview first")
    manifest = visit.node.exchange.publishing.approve(caller, digest).manifest
    return see_other(link("/share", {"peer": manifest.peer, "purpose": manifest.purpose}))


@post("/share", sync_to_thread=True)
def publish(request: Request[Any, Any, Any]) -> Response[Any]:
    """Publish what was previewed. Raises Conflict when it is no longer the same, so that a person looks again."""
    visit = visit_of(request)
    caller = visit.require(acts.SHARE_PUBLISH)
    peer, purpose = _asked(visit.form)
    digest = visit.form.get("digest", "")
    if not _DIGEST.fullmatch(digest):
        raise BadInput("the form holds no digest of a preview: make a preview first")
    manifest = visit.node.exchange.publishing.publish(caller, peer, purpose, digest)
    return see_other(link(f"/left/{quote(manifest.peer)}/{manifest.digest}", {"done": "1"}))


def sent_by(visit: Visit, peer: str | None = None) -> list[Sent]:
    """Logged manifests, newest first, with the names of those who sent them."""
    store = visit.node.store
    people = {user.id: user.name for user in store.people.users()}
    return [
        Sent(at=at, by=people.get(by, by), manifest=manifest)
        for at, by, manifest in store.releases.manifests(peer=peer)
    ]


def _asked(fields: dict[str, str]) -> tuple[str, str]:
    return fields.get("peer", "")[:MAX_NAME_CHARS], fields.get("purpose", "")[:MAX_NAME_CHARS]
