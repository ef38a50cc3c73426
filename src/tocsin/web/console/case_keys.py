"""Keys of restricted queues, for their members: make one's own, open it, let others in, hand over.

Whoever is in no restricted queue sees a page that says so, and the name of none. A passphrase is never given back to
the browser, whatever else of a form is.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response, get, post

from tocsin.app.case_member_views import MemberView, members_view
from tocsin.app.member_keys import UNLOCK_MINUTES, fingerprint
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, Unavailable
from tocsin.kernel.cases import Queue
from tocsin.trust.locked_keys import MAX_CHARS, MIN_CHARS
from tocsin.web.console import acts
from tocsin.web.console.cases import queue_name, visible_queues
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

PAGE = "/cases/keys"
DIFFER = N_("The two passphrases differ: type the same one twice.")
WRONG = N_(
    "This did not open your key. After five wrong passphrases in a quarter of an hour, wait that long."
)
DONE = {
    "added": N_("You have a key. Read its fingerprint to another member, who lets it in."),
    "open": N_("Your key is open. It shuts by itself."),
    "shut": N_("Your key is shut."),
    "given": N_("The key is let in, with every case of the queue so far."),
    "handed": N_("What waited is sealed to the members, and the node's copies are destroyed."),
}


class QueueKeys(msgspec.Struct, frozen=True):
    """One restricted queue as its member sees it."""

    queue: Queue
    name: str
    members: tuple[MemberView, ...]
    let_in: bool
    """Whether the key of who looks is among those that open it."""

    @property
    def founded(self) -> bool:
        """Whether keys were let in before: from then on a member gives, and nobody founds."""
        return any(one.since for one in self.members)

    @property
    def to_let_in(self) -> tuple[str, ...]:
        """Members with a key that opens nothing yet."""
        return tuple(one.member for one in self.members if one.fingerprint and not one.since)


@get(PAGE, sync_to_thread=True)
def keys_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One's own key, and who opens the restricted queues that one is in."""
    visit = visit_of(request)
    visit.require(acts.CASES_READ)
    return _page(visit)


@post(f"{PAGE}/add", status_code=200, sync_to_thread=True)
def add_key(request: Request[Any, Any, Any]) -> Response[Any]:
    """A key of one's own, under a passphrase typed twice."""
    visit = visit_of(request)
    if visit.form.get("passphrase", "") != visit.form.get("again", ""):
        return _page(visit, 422, form="add", wrong=visit.language.say(DIFFER))
    return _done(
        visit,
        "add",
        "added",
        lambda: visit.node.member_keys.add(visit.caller, visit.form.get("passphrase", "")),
    )


@post(f"{PAGE}/unlock", status_code=200, sync_to_thread=True)
def unlock(request: Request[Any, Any, Any]) -> Response[Any]:
    """Open one's key for a while, in this process."""
    visit = visit_of(request)
    return _done(
        visit,
        "unlock",
        "open",
        lambda: visit.node.case_keys.unlock(visit.caller, visit.form.get("passphrase", "")),
    )


@post(f"{PAGE}/lock", status_code=200, sync_to_thread=True)
def lock(request: Request[Any, Any, Any]) -> Response[Any]:
    """Shut one's key now."""
    visit = visit_of(request)
    return _done(visit, "lock", "shut", lambda: visit.node.case_keys.lock(visit.caller))


@post(f"{PAGE}/give", status_code=200, sync_to_thread=True)
def give(request: Request[Any, Any, Any]) -> Response[Any]:
    """Let another member's key in, with one's own open key."""
    visit = visit_of(request)
    queue, member = _queue(visit), visit.form.get("member", "")
    return _done(visit, "give", "given", lambda: visit.node.case_keys.give(visit.caller, queue, member))


@post(f"{PAGE}/hand-over", status_code=200, sync_to_thread=True)
def hand_over(request: Request[Any, Any, Any]) -> Response[Any]:
    """Seal what waits at the node to its members, and destroy the node's copies."""
    visit = visit_of(request)
    queue = _queue(visit)
    return _done(visit, "hand-over", "handed", lambda: visit.node.case_keys.hand_over(visit.caller, queue))


def _queue(visit: Visit) -> str:
    """The restricted queue that a form names, if who sent it is in it. Raises NotFound for any other, and for none."""
    visit.require(acts.CASES_READ)
    named = visit.form.get("queue", "")
    if not any(one.id == named and one.restricted for one in visible_queues(visit)):
        raise NotFound("you are in no such queue")
    return named


def _done(visit: Visit, form: str, done: str, act: Callable[[], object]) -> Response[Any]:
    """Do it and go back to the page; why not is said beside the form."""
    visit.require(acts.CASES_READ)
    try:
        act()
    except (BadInput, Conflict, NotAllowed, NotFound, Unavailable) as error:
        said = (
            visit.language.say(WRONG) if form == "unlock" and isinstance(error, NotAllowed) else error.message
        )
        return _page(visit, error.status, form=form, wrong=said)
    return see_other(f"{PAGE}?done={done}")


def _page(visit: Visit, status: int = 200, *, form: str = "", wrong: str = "") -> Response[str]:
    node, caller = visit.node, visit.caller
    queues = [one for one in visible_queues(visit) if one.restricted]
    own = node.store.case_keys.members(caller.user) if queues else ()
    held = node.member_keys.held(caller)
    views = members_view(node.store, queues, node.case_keys)
    let_in = {one.id: {key.id for key in node.case_keys.holders(one)} for one in queues}
    done = DONE.get(visit.query.get("done", ""), "")
    return render(
        visit,
        "case_keys.html",
        status,
        queues=[
            QueueKeys(
                queue=one,
                name=queue_name(one, visit.language),
                members=tuple(view for view in views if view.queue == one.id),
                let_in=bool(own) and own[-1].id in let_in[one.id],
            )
            for one in queues
        ],
        own=fingerprint(own[-1]) if own else "",
        until=held.until if held else None,
        minutes=UNLOCK_MINUTES,
        least=MIN_CHARS,
        most=MAX_CHARS,
        done=visit.language.say(done) if done else "",
        form=form,
        wrong=wrong,
    )
