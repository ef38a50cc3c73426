"""Release decisions of this node: proposed, approved by two people, in force for their days, asked again when something
changed. Evaluations and red lines come through protocols; inspections from the store.

"Logged" means: a signed, dated statement kept in the store, a row in the audit, and an entry of the log.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from tocsin.app.access import Access
from tocsin.app.artefact_words import ArtefactWords
from tocsin.app.exempting import (
    APPROVE,
    PEOPLE,
    READ,
    Exempting,
    reason_given,
    require_person,
    sealed_statement,
)
from tocsin.app.release_key import release_key
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, micros
from tocsin.kernel.evaluations import Evaluation
from tocsin.kernel.models import KeptInspection, NoticeCause
from tocsin.kernel.recognition import Recognition
from tocsin.kernel.red_lines import RedLine
from tocsin.kernel.release import OPENNESS, ReleaseDecision, ReleaseState, Told
from tocsin.store.interface import Store

if TYPE_CHECKING:  # Cedar and the gate's data: only who decides loads them
    from tocsin.gate import Asked, Brought, Overlay, Word
    from tocsin.trust.release_policy import ReleasePolicies
    from tocsin.trust.signing_keys import PublicKey

PROPOSE = "release.propose"
PAGE = 200
MIN_PREFIX = 8
"""Characters of an id that name a decision on the command line."""


class EvaluationsOf(Protocol):
    """Where this node keeps what was measured."""

    def for_artefact(self, digest: str) -> Sequence[Evaluation]:
        """Those of exactly these bytes (sha256, hex, without the algorithm before it), past their day or not."""
        ...


class RedLinesInForce(Protocol):
    def in_force(self) -> Sequence[RedLine]:
        """Red lines of the register that this node holds to."""
        ...


class RecognitionsOf(Protocol):
    def of(self, evaluations: Collection[str]) -> Sequence[Recognition]:
        """What this node and other institutes made of these evaluations, by their ids."""
        ...

    def keys(self) -> "Sequence[PublicKey]":
        """Release keys of the peers that this node knows."""
        ...


class NothingYet:
    """What a node without these registers holds: nothing, which opens nothing."""

    def for_artefact(self, digest: str) -> Sequence[Evaluation]:
        return ()

    def in_force(self) -> Sequence[RedLine]:
        return ()

    def of(self, evaluations: Collection[str]) -> Sequence[Recognition]:
        return ()

    def keys(self) -> "Sequence[PublicKey]":
        return ()


class Releases:
    """Proposes, approves, withdraws, and asks again; `exempting` sets rules aside."""

    def __init__(
        self,
        store: Store,
        access: Access,
        data: Path,
        clock: Clock,
        *,
        evaluations: EvaluationsOf | None = None,
        red_lines: RedLinesInForce | None = None,
        recognitions: RecognitionsOf | None = None,
        words: ArtefactWords | None = None,
        node_id: str = "",
    ) -> None:
        self._store = store
        self._access = access
        self._data = data
        self._clock = clock
        self._evaluations = evaluations or NothingYet()
        self._red_lines = red_lines or NothingYet()
        self._recognitions = recognitions or NothingYet()
        self._words = words
        self._node_id = node_id
        self.exempting = Exempting(store, access, data, clock, self._policies, self.digest)
        self._loaded: tuple[ReleasePolicies, tuple[Overlay, ...]] | None = None

    def evidence(
        self, file: bytes, keys: "Sequence[PublicKey]" = (), *, unsigned: bool = False
    ) -> Evaluation:
        """An evaluation from a file, signed by this node, by a peer that it knows, or by one of `keys`; bare JSON only
        where `unsigned` says so. Raises BadInput, TooLarge, Conflict.
        """
        from tocsin.app.evidence_files import read_evaluation

        return read_evaluation(file, [self.own_key(), *self._recognitions.keys(), *keys], unsigned=unsigned)

    def explain(self, by: Caller, artefact: str, asked: "Asked", told: Told = Told()) -> ReleaseDecision:  # noqa: B008
        """What would be decided now; nothing is kept. `artefact` is a digest or a followed name.

        Raises NotAllowed, BadInput.
        """
        self._access.require(by, READ)
        return self._decided(self.digest(artefact), asked, told, self._clock())

    def propose(self, by: Caller, artefact: str, asked: "Asked", told: Told = Told()) -> ReleaseDecision:  # noqa: B008
        """Decide, and keep it for two people to approve. Raises NotAllowed, BadInput, NotFound for a case it cites."""
        self._access.require(by, PROPOSE)
        if told.provenance == "accepted":
            raise BadInput("whether signatures hold is judged, not said: `tocsin model verify`")
        bare = [one.name for one in told.evaluations if not one.statement]
        if bare and not told.unsigned:
            raise BadInput(f"nobody signed {bare[0][:80]!r}: bring its signed statement, or say --unsigned")
        if any(self._store.precedents.get(one) is None for one in asked.cites):
            raise NotFound(
                "there is no such precedent to cite: `tocsin precedent list` shows those there are"
            )
        asked = msgspec.structs.replace(asked, by=by.user)
        decision = self._decided(self.digest(artefact), asked, told, self._clock())
        with self._store.together():
            if self._store.release_decisions.add(decision, told):
                self._audit(by.user, PROPOSE, decision)
        return decision

    def approve(self, by: Caller, decision_id: str) -> ReleaseDecision:
        """A person's approval; the second puts it in force, signs it, and ends the one that was in force before.

        Raises NotAllowed for the operator's command line and for machines, Conflict when the decision would be another
        by now, NotFound.
        """
        require_person(self._access, by)
        now = self._clock()
        with self._store.together():
            was = self.get(by, decision_id)
            if was.state is not ReleaseState.PROPOSED:
                raise Conflict(f"the decision is {was.state.value}: there is nothing to approve")
            why = self._changed(was, now)
            if why:
                raise Conflict(f"the decision would be another by now ({why}): propose it anew")
            approvals = tuple(one for one in was.approvals if self._still(one[0], besides=by.user))
            decision = msgspec.structs.replace(was, approvals=(*approvals, (by.user, micros(now))))
            if len(self._access.distinct_people(user for user, _ in decision.approvals)) >= PEOPLE:
                for older in self._with(ReleaseState.IN_FORCE, artefact=was.artefact):
                    place = f"decision {was.id[:12]} took its place"
                    self._end(older, ReleaseState.WITHDRAWN, place, by.user, tell=False)
                decision = msgspec.structs.replace(decision, state=ReleaseState.IN_FORCE)
                decision = msgspec.structs.replace(decision, statement=self._signed(decision))
            self._store.release_decisions.move(decision, was=was)
            self._audit(by.user, APPROVE, decision)
        return decision

    def withdraw(self, by: Caller, decision_id: str, reason: str) -> ReleaseDecision:
        """Take a decision back; closing needs no second person. Raises NotAllowed, NotFound, BadInput, Conflict."""
        self._access.require(by, APPROVE)
        reason = reason_given(reason)
        with self._store.together():
            was = self.get(by, decision_id)
            if was.state not in (ReleaseState.PROPOSED, ReleaseState.IN_FORCE):
                raise Conflict(f"the decision is {was.state.value} already")
            return self._end(was, ReleaseState.WITHDRAWN, reason, by.user)

    def get(self, by: Caller, decision_id: str) -> ReleaseDecision:
        """A decision by its id, or by the beginning of it that no other has. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        found = self._store.release_decisions.get(decision_id)
        if found is None and len(decision_id) >= MIN_PREFIX:
            rows = self._store.release_decisions.listed(limit=PAGE)
            fitting = [one for _, one in rows if one.id.startswith(decision_id)]
            found = fitting[0] if len(fitting) == 1 else None
        if found is None:
            raise NotFound("there is no such decision: `tocsin model decisions` shows them")
        return found

    def listed(
        self, by: Caller, *, artefact: str | None = None, state: ReleaseState | None = None, limit: int = PAGE
    ) -> tuple[ReleaseDecision, ...]:
        """Newest first. Raises NotAllowed."""
        self._access.require(by, READ)
        named = None if artefact is None else self.digest(artefact)
        rows = self._store.release_decisions.listed(artefact=named, state=state, limit=limit)
        return tuple(one for _, one in rows)

    def current(self, by: Caller, artefact: str) -> ReleaseDecision | None:
        """The decision in force for an artefact; one whose days are over is none. Raises NotAllowed."""
        today = self._clock().date().isoformat()
        found = self.listed(by, artefact=artefact, state=ReleaseState.IN_FORCE)
        return next((one for one in found if today < one.expires), None)

    def vetoed(self, decision: ReleaseDecision) -> bool:
        """Whether one of its grounds is a veto: no evidence that could be brought changes that."""
        rules = self._policies().by_id
        return any(one.rule in rules and rules[one.rule].veto for one in decision.grounds)

    def recheck(self) -> tuple[ReleaseDecision, ...]:
        """Ask again of every decision in force; those that end by it, with the reason. Aftercare calls it.

        It ends when its day has come, and when the evidence, the red lines, the inspection or the rules as they are now
        leave less. It is never opened further by itself.
        """
        now, ended = self._clock(), []
        for decision in self._with(ReleaseState.IN_FORCE):
            why = self._over(decision, now) or self._changed(decision, now, only_less=True)
            if why:
                with self._store.together():
                    ended.append(self._end(decision, ReleaseState.EXPIRED, why, "node"))
        return tuple(ended)

    def _decided(self, artefact: str, asked: "Asked", told: Told, now: datetime) -> ReleaseDecision:
        from tocsin.gate import decide

        return decide(self._brought(artefact, asked.jurisdictions, told), asked, self._policies(), now)

    def _brought(self, artefact: str, jurisdictions: Sequence[str], told: Told) -> "Brought":
        from tocsin.gate import Brought, chosen

        kept = self._store.inspections.latest(artefact)
        own = {one.id: one for one in self._evaluations.for_artefact(artefact)}
        brought = [one for name, one in {one.id: one for one in told.evaluations}.items() if name not in own]
        recognitions = tuple(self._recognitions.of([*own, *(one.id for one in brought)]))
        return Brought(
            artefact=artefact,
            name=kept.line.name if kept else artefact[:12],
            evaluations=(*brought, *own.values()),
            words=self._whose(brought, told, recognitions) if brought else {},
            inspection=kept.inspection if kept else None,
            reopened=_reopened(kept),
            red_lines=tuple(self._red_lines.in_force()),
            recognitions=recognitions,
            provenance=told.provenance,
            contexts=told.contexts,
            compute=told.compute,
            overlays=chosen(self._overlays(), jurisdictions),
            met=told.met,
            exemptions=self.exempting.of(artefact),
        )

    def _whose(
        self, brought: Sequence[Evaluation], told: Told, recognitions: Sequence[Recognition]
    ) -> "dict[str, Word]":
        """Of each evaluation that was brought, whose word it is now: keys and recognitions change."""
        from tocsin.app.evidence_files import word_on
        from tocsin.trust.signing_keys import read_public

        believed = [*self._recognitions.keys(), *map(read_public, told.keys)]
        own, node = self.own_key(), self._node_id
        return {
            one.id: word_on(one, own=own, believed=believed, recognitions=recognitions, node=node)
            for one in brought
        }

    def own_key(self) -> "PublicKey":
        """The key that this node's own statements are signed with."""
        return release_key(self._data).public_key()

    def _changed(self, was: ReleaseDecision, now: datetime, *, only_less: bool = False) -> str:
        """Why the decision would be another if it were asked now; "" when it would not."""
        from tocsin.gate import Asked

        asked = Asked(
            by=was.by,
            wanted=was.wanted,
            closed=was.closed,
            jurisdictions=was.jurisdictions,
            benefits=was.benefits,
            cites=was.cites,
        )
        told = self._store.release_decisions.told(was.id) or Told()
        try:
            again = self._decided(was.artefact, asked, told, now)
        except BadInput as error:  # an overlay or a context that is no longer known
            return error.message
        if OPENNESS.index(again.tier) < OPENNESS.index(was.tier):
            return again.grounds[0].why if again.grounds else again.tier.value
        if only_less:
            return ""
        if again.tier is not was.tier:
            return f"{again.tier.value} by now"
        return "other conditions by now" if again.conditions != was.conditions else self._over(was, now)

    def _still(self, user: str, *, besides: str) -> bool:
        """Whether an earlier approval counts today: another human's, who is still here and still may."""
        standing = self._access.standing(user)
        another = self._access.person(user) != self._access.person(besides)
        return another and standing is not None and self._access.may(standing, APPROVE)

    def _over(self, decision: ReleaseDecision, now: datetime) -> str:
        over = now.date().isoformat() >= decision.expires
        return f"its days ended on {decision.expires}" if over else ""

    def _end(
        self, was: ReleaseDecision, state: ReleaseState, why: str, who: str, *, tell: bool = True
    ) -> ReleaseDecision:
        ended = msgspec.structs.replace(was, state=state, why_ended=why)
        self._store.release_decisions.move(ended, was=was)
        self._audit(who, f"release.{state.value}", ended)
        if tell and self._words is not None and was.state is ReleaseState.IN_FORCE:
            values = {"tier": was.tier.value}
            self._words.of_artefact(was.artefact, was.name, NoticeCause.RELEASE_ENDED, was.id, values)
        return ended

    def _with(self, state: ReleaseState, *, artefact: str | None = None) -> tuple[ReleaseDecision, ...]:
        found: list[ReleaseDecision] = []
        after = 0
        while rows := self._store.release_decisions.listed(
            artefact=artefact, state=state, after=after, limit=PAGE, newest=False
        ):
            after = rows[-1][0]
            found += [one for _, one in rows]
        return tuple(found)

    def _signed(self, decision: ReleaseDecision) -> bytes:
        from tocsin.gate.attesting import statement_of

        kept = self._store.inspections.latest(decision.artefact)
        return sealed_statement(self._data, statement_of(decision, _files(kept)))

    def digest(self, artefact: str) -> str:
        """The artefact of a digest or a followed name. Raises NotFound."""
        from tocsin.gate import plain_digest

        followed = self._store.followed.get(artefact)
        digest = followed.artefact if followed is not None and followed.artefact else plain_digest(artefact)
        if len(digest) == _DIGEST_CHARS and set(digest) <= _HEX:
            return digest
        lines = self._store.inspections.listed(name=artefact, limit=2)
        if len({line.artefact for line in lines}) == 1:
            return lines[0].artefact
        raise NotFound(
            "there is no one artefact of this name here: name its digest, or `tocsin model record PATH`"
        )

    def _policies(self) -> "ReleasePolicies":
        return self._load()[0]

    def _overlays(self) -> "tuple[Overlay, ...]":
        return self._load()[1]

    def _load(self) -> "tuple[ReleasePolicies, tuple[Overlay, ...]]":
        if self._loaded is None:
            from tocsin.app.extensions import overlays_of, release_policies_of

            self._loaded = release_policies_of(self._data), overlays_of(self._data)
        return self._loaded

    def _audit(self, who: str, act: str, decision: ReleaseDecision) -> None:
        detail: dict[str, str | int | float] = {
            "decision": decision.id,
            "tier": decision.tier.value,
            "state": decision.state.value,
            "approvals": len(decision.approvals),
            "policies": decision.policies,
        }
        self._access.audit(
            who, act, subject=decision.artefact, purpose=decision.why_ended[:200], detail=detail
        )


_DIGEST_CHARS = 64
_HEX = frozenset("0123456789abcdef")


def _reopened(kept: KeptInspection | None) -> str:
    """What opened the inspection again; "" while it stands."""
    if kept is None or kept.line.reopened is None:
        return ""
    return ", ".join(kept.line.reopened.what) or kept.line.reopened.cause.value


def _files(kept: KeptInspection | None) -> dict[str, str]:
    """The files themselves; members of archives go with the file around them."""
    parts = kept.inspection.parts if kept else ()
    return {one.path: one.sha256 for one in parts if one.sha256 and "!/" not in one.path}
