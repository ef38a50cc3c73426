"""Acts that wait for a person: put before somebody, looked at, approved, stopped. What is signed is measured here.

The order is kept by the node's own clock: a gateway asks, a person opens what they see, approves when they looked long
enough, and can stop it at any time after. An approval is a line of the audit and an entry of the log.
"""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from tocsin.app.access import Access
from tocsin.app.admission import DECIDE
from tocsin.app.exempting import sealed_statement
from tocsin.kernel import BadInput, Caller, Clock, Conflict, Means, NotAllowed, NotFound, Role, micros
from tocsin.kernel.admission import AccessRequest, ControlLook
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy

READ, CHECK = "access.read", "applicant.check"
"""Whoever looks at who uses what may be the person in the loop."""

APPROVE, STOP = "access.approve", "access.stop"

MAX_LEAST_SECONDS = 1_800
"""A gateway may ask for a longer look than the least, within what counts as one look."""

LISTED_DAYS = 7
"""What nobody looked at in a week the gateway has given up on."""

_DAY = 86_400_000_000
_NO_PERSON = frozenset({Role.PEER, Role.SOURCE})


class ControlLooks:
    """Keeps looks and signs the record of one that was approved."""

    def __init__(
        self,
        store: Store,
        access: Access,
        data: Path,
        clock: Clock,
        *,
        node_id: str,
        artefact_of: Callable[[str], str],
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._data = data
        self._clock = clock
        self._node_id = node_id
        self._artefact_of = artefact_of
        self._entropy = entropy

    def ask(self, by: Caller, request: AccessRequest, *, least_seconds: int = 0) -> ControlLook:
        """A gateway puts an act before people: what they will see is `request.shown`. Raises NotAllowed, BadInput."""
        from tocsin.admit.control import LEAST_LOOK_SECONDS, binding

        self._access.require(by, DECIDE)
        if not request.shown:
            raise BadInput("give the sha256 of what is put before the person: context.shown")
        if not 0 <= least_seconds <= MAX_LEAST_SECONDS:
            raise BadInput(f"a look of at most {MAX_LEAST_SECONDS} seconds can be asked for")
        look = ControlLook(
            id=f"look_{self._entropy(16).hex()}",
            binding=binding(request, self._artefact_of(request.model)),
            subject=request.subject,
            shown=request.shown,
            least_seconds=max(least_seconds, LEAST_LOOK_SECONDS),
            asked=micros(self._clock()),
        )
        self._store.admission.put_look(look, was=None)
        return look

    def waiting(self, by: Caller) -> tuple[ControlLook, ...]:
        """What waits, and what was approved and still counts, so that it can be stopped; newest first."""
        from tocsin.admit.control import HOLDS_SECONDS

        self._access.require(by, READ)
        now = micros(self._clock())
        since = now - LISTED_DAYS * _DAY
        counts = now - HOLDS_SECONDS * 1_000_000
        return tuple(
            look
            for look in self._store.admission.looks(since=since)
            if look.stopped is None and (look.approved is None or look.approved > counts)
        )

    def named(self, by: Caller, look_id: str) -> ControlLook:
        """One by its id. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        return self._look(look_id)

    def open(self, by: Caller, look_id: str, shown: str) -> ControlLook:
        """A person sees it from now on; `shown` is the digest of what lies before them. Raises Conflict, NotAllowed."""
        self._require_person(by)
        with self._store.together():
            was = self._look(look_id)
            if was.approved is not None or was.stopped is not None:
                raise Conflict("it was approved or stopped already")
            if shown != was.shown:
                raise Conflict("what lies before you is not what is to be approved: get it again")
            now = msgspec.structs.replace(was, by=by.user, opened=micros(self._clock()))
            self._store.admission.put_look(now, was=was)
        return now

    def approve(self, by: Caller, look_id: str) -> bytes:
        """Their word after a look that was long enough; the signed record. Raises Conflict, BadInput, NotAllowed."""
        from tocsin.admit.control import MOST_LOOK_SECONDS, control_statement, too_short

        self._require_person(by)
        with self._store.together():
            was = self._look(look_id)
            if was.opened is None or was.by != by.user or was.stopped is not None or was.approved is not None:
                raise Conflict("open it first, in person: who looked is who approves, once")
            done = msgspec.structs.replace(was, approved=micros(self._clock()))
            if too_short(done):
                raise BadInput(f"look for {was.least_seconds} seconds before you approve: less is a click")
            if micros(self._clock()) - was.opened > MOST_LOOK_SECONDS * 1_000_000:
                raise Conflict("it lay open too long to count as one look: open it again")
            self._store.admission.put_look(done, was=was)
            self._audit(by, APPROVE, done)
        return sealed_statement(self._data, control_statement(done, self._node_id))

    def stop(self, by: Caller, look_id: str) -> ControlLook:
        """End it: within `admission.STALE_SECONDS` nothing is granted on it. Raises NotAllowed, NotFound."""
        self._access.require(by, CHECK)
        with self._store.together():
            was = self._look(look_id)
            if was.stopped is not None:
                return was
            now = msgspec.structs.replace(was, stopped=micros(self._clock()), stopped_by=by.user)
            self._store.admission.put_look(now, was=was)
            self._audit(by, STOP, now)
        return now

    def _require_person(self, by: Caller) -> None:
        self._access.require(by, CHECK)
        if by.means in (Means.OPERATOR, Means.STANDING) or by.peer is not None or _NO_PERSON & by.roles:
            raise NotAllowed("a person looks and approves: in a session, or with a token of their own")

    def _look(self, look_id: str) -> ControlLook:
        found = self._store.admission.look(look_id)
        if found is None:
            raise NotFound("nothing of this id waits for a person")
        return found

    def _audit(self, by: Caller, act: str, look: ControlLook) -> None:
        detail: dict[str, str | int | float] = {
            "look": look.id,
            "binding": look.binding,
            "shown": look.shown,
            "seconds": ((look.approved or 0) - (look.opened or 0)) // 1_000_000 if look.approved else 0,
        }
        self._access.audit(by.user, act, subject=look.subject, purpose="", detail=detail)
