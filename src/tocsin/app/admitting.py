"""Grants by name, their revocation, and what an operator asks of a capability: who may use what, by whose word.

Each is a line of the audit and an entry of the log, in one transaction with what it says.
"""

import os
from collections.abc import Callable
from datetime import timedelta

import msgspec

from tocsin.app.access import Access
from tocsin.app.exempting import reason_given
from tocsin.kernel import BadInput, Caller, Clock, Conflict, Means, NotAllowed, NotFound, micros
from tocsin.kernel.admission import Capability, Grant, VerificationLevel
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy
from tocsin.wire.authzen import access_request

READ, MANAGE = "access.read", "access.manage"
GRANT, REVOKE, CAPABILITY = "access.grant", "access.revoke", "access.capability"

MAX_DAYS = 365
"""A year: who needs longer is looked at again."""

PAGE = 200
_EVERY = "*"


class Admitting:
    """Gives, revokes and lists. Nothing here opens what a release decision forbids: it is asked each time."""

    def __init__(
        self,
        store: Store,
        access: Access,
        clock: Clock,
        *,
        artefact_of: Callable[[str], str],
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._clock = clock
        self._artefact_of = artefact_of
        self._entropy = entropy

    def grant(
        self,
        by: Caller,
        subject: str,
        model: str,
        *,
        purpose: str,
        days: int,
        reason: str,
        capability: str = _EVERY,
        vouches: VerificationLevel = VerificationLevel.NONE,
        evidence: str = "",
    ) -> Grant:
        """Name a subject for a capability and a purpose. Raises NotAllowed, BadInput, NotFound.

        `vouches` says what was checked outside this node, and `evidence` the digest of what shows it.
        """
        self._require(by)
        if not purpose:
            raise BadInput("name the purpose that it is granted for: --purpose teaching")
        if not 1 <= days <= MAX_DAYS:
            raise BadInput(f"a grant lasts 1 to {MAX_DAYS} days")
        if (vouches is VerificationLevel.NONE) != (not evidence):
            raise BadInput(
                "who vouches for a level gives the sha256 of what shows it, and the other way round"
            )
        named = capability if capability != _EVERY else "general"
        checked = access_request(
            subject=subject, act="use", model=model, capability=named, purpose=purpose, shown=evidence
        )
        now = self._clock()
        made = Grant(
            id=f"grant_{self._entropy(8).hex()}",
            subject=checked.subject,
            artefact=self._artefact_of(model),
            capability=capability,
            purpose=purpose,
            at=micros(now),
            until=micros(now + timedelta(days=days)),
            by=by.user,
            reason=reason_given(reason),
            vouches=vouches,
            evidence=f"sha256:{evidence}" if evidence else "",
        )
        with self._store.together():
            self._store.admission.put_grant(made, was=None)
            self._audit(by, GRANT, made, made.reason)
        return made

    def revoke(self, by: Caller, grant_id: str, reason: str) -> Grant:
        """End a grant now: no answer rests on it after `admission.STALE_SECONDS`. Raises NotFound, Conflict."""
        self._require(by)
        why = reason_given(reason)
        with self._store.together():
            was = self.named(by, grant_id)
            if was.revoked is not None:
                raise Conflict("the grant is revoked already")
            ended = msgspec.structs.replace(
                was, revoked=micros(self._clock()), revoked_by=by.user, why_revoked=why
            )
            self._store.admission.put_grant(ended, was=was)
            self._audit(by, REVOKE, ended, why)
        return ended

    def named(self, by: Caller, grant_id: str) -> Grant:
        """A grant by its id. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        found = self._store.admission.grant(grant_id)
        if found is None:
            raise NotFound("there is no such grant: `tocsin access grants` shows them")
        return found

    def grants(self, by: Caller, *, subject: str = "", model: str = "") -> tuple[Grant, ...]:
        """Newest first, those that ended too. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        artefact = self._artefact_of(model) if model else ""
        return self._store.admission.grants(subject=subject, artefact=artefact, limit=PAGE)

    def ask_of(
        self,
        by: Caller,
        model: str,
        name: str,
        *,
        least: VerificationLevel = VerificationLevel.NONE,
        labelled: bool = False,
        human: bool = False,
    ) -> Capability:
        """What a capability asks beside the release decision; it can ask for more, never for less. Raises BadInput."""
        self._require(by)
        access_request(subject="-", act="use", model=model, capability=name)
        made = Capability(self._artefact_of(model), name, least, labelled=labelled, human=human)
        detail: dict[str, str | int | float] = {
            "capability": name,
            "least": least.value,
            "labelled": int(labelled),
            "human": int(human),
        }
        with self._store.together():
            self._store.admission.put_capability(made)
            self._access.audit(by.user, CAPABILITY, subject=made.artefact, purpose="", detail=detail)
        return made

    def capabilities(self, by: Caller) -> tuple[Capability, ...]:
        """By artefact and name. Raises NotAllowed."""
        self._access.require(by, READ)
        return self._store.admission.capabilities()

    def _require(self, by: Caller) -> None:
        self._access.require(by, MANAGE)
        if by.means is Means.STANDING or by.peer is not None:
            raise NotAllowed("a person says who may use what, not the node itself and not a peer")

    def _audit(self, by: Caller, act: str, grant: Grant, why: str) -> None:
        detail: dict[str, str | int | float] = {
            "grant": grant.id,
            "artefact": grant.artefact,
            "capability": grant.capability,
            "for": grant.purpose,
            "until": grant.until,
            "vouches": grant.vouches.value,
            "evidence": grant.evidence,
        }
        self._access.audit(by.user, act, subject=grant.subject, purpose=why[:200], detail=detail)
