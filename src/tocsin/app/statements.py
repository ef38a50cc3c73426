"""Reasons for every decision: letters to the persons concerned, a statement for the DSA database, and what is undone.

It hears of each decision and each judged appeal inside that act's own transaction: a decision without its letters is
not kept. Letters lie under the case's key and go with it; a restricted case's, which the node must hand out without
being able to open the case, lie under the node's and tell no facts. A statement keeps nobody's words: it is made from
the case anew.
"""

import msgspec

from tocsin.app.access import Access
from tocsin.app.case_keys import CaseKeys
from tocsin.app.cases import Cases
from tocsin.app.keyring import Keyring
from tocsin.app.queues import Queues
from tocsin.cases.due import appeal_until
from tocsin.cases.reasons import (
    Circumstances,
    Letter,
    Problem,
    StatementOfReasons,
    exported,
    letter,
    outcome_letter,
    problems,
    statement,
)
from tocsin.correlate import rule_of
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, WarningKind, micros
from tocsin.kernel.cases import Case, CaseOrigin
from tocsin.kernel.disposing import Appellant, Disposition, Measure, Outcome
from tocsin.store.interface import Store
from tocsin.store.request_interface import KeptLetter, KeptStatement, Remedy, RuleOutcome
from tocsin.trust.seal import Seal

READ, WORK, PUBLISH = "case.read", "case.dispose", "transparency.publish"
CASE, NODE = "case", "node"
"""Under whose key a letter lies."""

_LETTER = msgspec.msgpack.Decoder(Letter)
_TOLD = msgspec.msgpack.Decoder(Circumstances)


class Statements:
    """Letters, statements and remedies of this node's cases."""

    def __init__(
        self,
        store: Store,
        access: Access,
        keys: Keyring,
        case_keys: CaseKeys,
        queues: Queues,
        cases: Cases,
        clock: Clock,
        *,
        name: str,
        body: str = "",
    ) -> None:
        self._store = store
        self._access = access
        self._secrets = keys.secrets
        self._case_keys = case_keys
        self._queues = queues
        self._cases = cases
        self._clock = clock
        self._name = name
        self._body = body

    def for_case(self, case_id: str, audience: Appellant) -> Letter:
        """The newest letter to one of the persons concerned; whoever calls has checked that it is them.

        Raises NotFound where nothing was decided, or the case's words were erased.
        """
        found = self.all_for_case(case_id, audience)
        if not found:
            raise NotFound("there is no letter: nothing was decided yet, or what was said is erased")
        return found[-1]

    def all_for_case(self, case_id: str, audience: Appellant) -> tuple[Letter, ...]:
        """Every letter to one of them that can still be opened, oldest first: decisions and outcomes of appeals."""
        opened = map(self._open, self._store.reasons.letters(case_id, audience.value))
        return tuple(one for one in opened if one is not None)

    def letters(self, by: Caller, case_id: str) -> tuple[Letter, ...]:
        """What the persons concerned of a case were told; it is a line of the audit. Raises NotAllowed, NotFound."""
        self._access.require(by, "case.words")
        case = self._cases.get(by, case_id)
        found = tuple(one for who in Appellant for one in self.all_for_case(case_id, who))
        if found:
            self._cases.was_read(by, case)
        return found

    def complete(self, by: Caller, case_id: str, told: Circumstances) -> tuple[Problem, ...]:
        """Add what the DSA database asks and no case knows; what is still missing. Raises NotAllowed, NotFound."""
        self._access.require(by, WORK)
        case, decided = self._decided(by, case_id)
        made = statement(case, decided, told)
        kept = self._store.reasons.statement(made.puid)
        with self._store.together():
            self._store.reasons.put_statement(
                KeptStatement(
                    made.puid,
                    case_id,
                    decided.at,
                    _measures(decided),
                    msgspec.msgpack.encode(told),
                    kept.exported if kept else None,
                )
            )
            self._access.audit(by.user, "reasons.complete", subject=made.puid, purpose="")
        return problems(made)

    def statement(self, by: Caller, case_id: str) -> tuple[StatementOfReasons, tuple[Problem, ...]]:
        """The statement of the decision that stands, and what it lacks. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        case, decided = self._decided(by, case_id)
        plain = statement(case, decided)
        kept = self._store.reasons.statement(plain.puid)
        made = statement(case, decided, _TOLD.decode(kept.told)) if kept and kept.told else plain
        return made, problems(made)

    def export(self, by: Caller, case_ids: tuple[str, ...]) -> bytes:
        """Statements as the DSA database takes them, masked; a person sends them.

        Raises NotAllowed, NotFound, BadInput.
        """
        self._access.require(by, PUBLISH)
        made = tuple(self.statement(by, case_id)[0] for case_id in dict.fromkeys(case_ids))
        document = exported(made)
        now = micros(self._clock())
        with self._store.together():
            for one in made:
                kept = self._store.reasons.statement(one.puid)
                if kept is not None:
                    self._store.reasons.put_statement(msgspec.structs.replace(kept, exported=now))
                self._access.audit(by.user, "reasons.export", subject=one.puid, purpose="")
        return document

    def remedies(self, by: Caller, *, case_id: str | None = None, still: bool = False) -> tuple[Remedy, ...]:
        """Measures of overturned decisions, of cases that this person may know of. Raises NotAllowed."""
        self._access.require(by, READ)
        found = self._store.reasons.remedies(case=case_id, still=still)
        known = {one: self._knows(by, one) for one in {remedy.case for remedy in found}}
        return tuple(remedy for remedy in found if known[remedy.case])

    def undone(self, by: Caller, remedy_id: str) -> Remedy:
        """Say that a measure was taken back. Raises NotAllowed, NotFound, Conflict."""
        self._access.require(by, "case.work")
        mine = {one.id for one in self.remedies(by)}
        if remedy_id not in mine:
            raise NotFound("there is no such measure to undo: `tocsin reasons remedies` lists them")
        with self._store.together():
            done = self._store.reasons.finish_remedy(remedy_id, at=micros(self._clock()), by=by.user)
            self._access.audit(by.user, "reasons.undone", subject=remedy_id, purpose=done.measure)
        return done

    def disposed(self, case: Case) -> None:
        """A decision stands: letters to who is concerned, the statement, and the word on a rule."""
        decided = case.disposition
        if decided is None:
            raise Conflict("a case without a disposition was told as decided")
        queue = self._queues.get(case.queue)
        until = appeal_until(queue, max(decided.at, decided.approved_at))
        for audience in _concerned(case):
            self._keep(
                case,
                letter(
                    case,
                    decided,
                    audience,
                    node=self._name,
                    appeal_until=until,
                    language=decided.lang if audience is Appellant.AFFECTED else case.lang,
                    body=self._body,
                    restricted=queue.restricted,
                ),
            )
        made = statement(case, decided)
        self._store.reasons.put_statement(
            KeptStatement(made.puid, case.id, decided.at, _measures(decided), b"")
        )
        self._tell_rule(case, decided.outcome)

    def judged(self, case: Case) -> None:
        """An appeal was judged: the outcome letter, and what an overturned decision leaves to be undone."""
        if case.appeal is None:
            raise Conflict("a case without an appeal was told as judged")
        undone: tuple[Measure, ...] = ()
        if not case.appeal.upheld:
            undone = self._to_undo(case)
            self._store.reasons.add_remedies(
                tuple(
                    Remedy(
                        f"{case.id}/{case.appeal.judged_at}/{measure.value}",
                        case.id,
                        measure.value,
                        case.appeal.judged_at,
                    )
                    for measure in undone
                )
            )
            self._store.reasons.drop_outcome(case.id)
        self._keep(
            case,
            outcome_letter(
                case,
                case.appeal,
                node=self._name,
                undone=undone,
                now=None if case.appeal.upheld else case.disposition,
                body=self._body,
            ),
        )

    def _to_undo(self, case: Case) -> tuple[Measure, ...]:
        """What the decision before took, less what the new one takes again."""
        kept = self._store.reasons.statements(case=case.id)
        before = tuple(map(Measure, kept[-1].measures.split())) if kept else ()
        still = set(case.disposition.measures) if case.disposition else set()
        return tuple(one for one in before if one not in still and one is not Measure.NONE)

    def _tell_rule(self, case: Case, outcome: Outcome) -> None:
        """A case that began with a rule's warning is a person's word on the rule; the warning stays as it is.

        Of a restricted case nothing is told: a count that moves would say that there is one.
        """
        if case.warning is None or self._queues.get(case.queue).restricted:
            return
        warning = self._store.warnings.get(case.warning)
        if warning is None or warning.kind is not WarningKind.RULE:
            return
        if outcome is Outcome.NO_FINDING:
            self._store.reasons.drop_outcome(case.id)
            return
        self._store.reasons.put_outcome(
            RuleOutcome(
                case.id,
                rule_of(warning.key),
                warning.id,
                outcome is Outcome.BORNE_OUT,
                micros(self._clock()),
            )
        )

    def _keep(self, case: Case, made: Letter) -> None:
        seal, held = self._secrets, NODE
        if not self._queues.get(case.queue).restricted:
            seal, held = self._case_keys.for_node(case.id), CASE
        self._store.reasons.add_letter(
            case.id,
            made.audience.value,
            at=made.at,
            held=held,
            sealed=seal.close(msgspec.msgpack.encode(made), _label(case.id)),
        )

    def _open(self, kept: KeptLetter) -> Letter | None:
        """None where the case's key was destroyed, or the case went into a restricted queue since."""
        seal: Seal = self._secrets
        if kept.held == CASE:
            try:
                seal = self._case_keys.for_node(kept.case)
            except NotFound:
                return None
        return _LETTER.decode(seal.open(kept.sealed, _label(kept.case)))

    def _decided(self, by: Caller, case_id: str) -> tuple[Case, Disposition]:
        case = self._cases.get(by, case_id)
        if case.disposition is None:
            raise Conflict("nothing was decided in this case: there are no reasons to state yet")
        if not case.disposition.facts:
            raise BadInput("the words of this decision cannot be opened: they are erased, or not for you")
        return case, case.disposition

    def _knows(self, by: Caller, case_id: str) -> bool:
        try:
            self._cases.get(by, case_id)
        except NotFound:
            return False
        return True


def _concerned(case: Case) -> tuple[Appellant, ...]:
    """Whom a decision concerns: whom it meets, and who reported it."""
    if case.origin is CaseOrigin.REPORT:
        return (Appellant.AFFECTED, Appellant.REPORTER)
    return (Appellant.AFFECTED,)


def _measures(decided: Disposition) -> str:
    return " ".join(one.value for one in decided.measures)


def _label(case_id: str) -> str:
    return f"case/{case_id}/letter"
