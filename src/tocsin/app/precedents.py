"""The register of key cases: release decisions that later ones cite. A precedent never decides by itself.

A person puts a decision in, with the reasoning and what it stands for; the facts and rules are read off the decision.
A later decision follows or departs by a person's word, and nothing that decides reads this register.
"""

from typing import Protocol

from tocsin.app.access import Access
from tocsin.kernel import BadInput, Caller, Clock, NotFound, micros
from tocsin.kernel.precedents import Citation, Precedent, Relation
from tocsin.kernel.release import ReleaseDecision, ReleaseState
from tocsin.store.interface import Store
from tocsin.wire.stix.kinds_model import DOMAINS

LEAST_CHARS = 20
MAX_CHARS = 4_000
"""A case that needs more is a document: name it by its digest in the reasoning."""


class DecisionsOf(Protocol):
    """Where release decisions are kept."""

    def get(self, decision_id: str) -> ReleaseDecision | None: ...


class NoDecisions:
    """Keeps none: a node without a gate."""

    def get(self, decision_id: str) -> ReleaseDecision | None:
        return None


class Precedents:
    """Every look needs `redline.read`, every entry `redline.manage` and leaves a trace."""

    def __init__(
        self, store: Store, access: Access, clock: Clock, decisions: DecisionsOf | None = None
    ) -> None:
        self._store = store
        self._access = access
        self._clock = clock
        self._decisions = decisions or NoDecisions()

    def add(self, by: Caller, decision_id: str, *, domain: str, reasoning: str, stands_for: str) -> Precedent:
        """Put a decision into the register. Raises NotAllowed, NotFound, Conflict, BadInput for one never in force."""
        self._access.require(by, "redline.manage")
        decision = self._decision(decision_id)
        if decision.state is ReleaseState.PROPOSED:
            raise BadInput("only a decision that was in force is a precedent: this one is proposed")
        if domain not in DOMAINS:
            raise BadInput(f"a harm domain is one of: {', '.join(DOMAINS)}")
        deciding = [ground for ground in decision.grounds if ground.most is decision.tier]
        precedent = Precedent(
            id=decision.id,
            name=decision.name,
            artefact=decision.artefact,
            tier=decision.tier.value,
            domain=domain,
            rules=tuple(sorted({ground.rule for ground in deciding})),
            facts=tuple(f"{ground.why} ({ground.evidence})" for ground in deciding),
            reasoning=_stated(reasoning, "reasoning"),
            stands_for=_stated(stands_for, "what it stands for"),
            decided=decision.at,
            at=micros(self._clock()),
            by=by.user,
        )
        with self._store.together():
            self._store.precedents.add(precedent)
            self._access.audit(by.user, "precedent.add", subject=precedent.id, purpose=precedent.stands_for)
        return precedent

    def cite(
        self, by: Caller, decision_id: str, precedent: str, relation: Relation, because: str
    ) -> Citation:
        """Say that a decision follows a precedent or departs from it, and why. Nothing opens or closes by it.

        Raises NotAllowed, NotFound, Conflict, and BadInput for a decision that cites itself.
        """
        self._access.require(by, "redline.manage")
        if decision_id == precedent:
            raise BadInput("a decision is no precedent of its own")
        decision = self._decision(decision_id)
        citation = Citation(
            decision=decision.id,
            precedent=precedent,
            relation=relation,
            because=_stated(because, "the reason"),
            at=micros(self._clock()),
            by=by.user,
        )
        with self._store.together():
            self._store.precedents.cite(citation)
            self._access.audit(
                by.user,
                "precedent.cite",
                subject=decision.id,
                purpose=citation.because,
                detail={"precedent": precedent, "relation": relation.value},
            )
        return citation

    def listed(
        self, by: Caller, *, domain: str = "", tier: str = "", rule: str = ""
    ) -> tuple[tuple[Precedent, tuple[Citation, ...]], ...]:
        """Those that fit, newest first, each with who cites it. Raises NotAllowed."""
        self._access.require(by, "redline.read")
        found = self._store.precedents.find(domain=domain, tier=tier, rule=rule)
        return tuple((one, self._store.precedents.citations(precedent=one.id)) for one in found)

    def cited_by(
        self, by: Caller, decision: ReleaseDecision
    ) -> tuple[tuple[Precedent, Citation | None], ...]:
        """The cases that a decision names, each with what a person said of it; None where nobody has said yet.

        Raises NotAllowed.
        """
        self._access.require(by, "redline.read")
        said = {one.precedent: one for one in self._store.precedents.citations(decision=decision.id)}
        cases = (self._store.precedents.get(one) for one in dict.fromkeys((*decision.cites, *said)))
        return tuple((case, said.get(case.id)) for case in cases if case is not None)

    def show(self, by: Caller, decision_id: str) -> tuple[Precedent, tuple[Citation, ...]]:
        """One case and who cites it. Raises NotAllowed, NotFound."""
        self._access.require(by, "redline.read")
        found = self._store.precedents.get(decision_id)
        if found is None:
            raise NotFound("there is no such precedent: `tocsin precedent list` shows those there are")
        return found, self._store.precedents.citations(precedent=decision_id)

    def _decision(self, decision_id: str) -> ReleaseDecision:
        found = self._decisions.get(decision_id)
        if found is None:
            raise NotFound("no release decision of this id is kept here: `tocsin model decide` makes one")
        return found


def _stated(text: str, what: str) -> str:
    said = " ".join(text.split())
    if not LEAST_CHARS <= len(said) <= MAX_CHARS:
        raise BadInput(f"state {what} in {LEAST_CHARS} to {MAX_CHARS} characters")
    return said
