"""Deciding a case: a disposition, four eyes for a grave one, an appeal and its judgement."""

import msgspec

from tocsin.app.case_desk import CaseDesk, Detail, Entered
from tocsin.app.case_keys import label
from tocsin.app.case_texts import (
    APPEAL,
    DISPOSITION,
    JUDGEMENT,
    PROPOSAL,
    bare,
    disposition_in,
    latest,
    numbered,
    of_disposition,
)
from tocsin.cases.deciding import checked
from tocsin.cases.due import appeal_until
from tocsin.cases.states import Step
from tocsin.kernel import BadInput, Caller, Conflict
from tocsin.kernel.cases import Case
from tocsin.kernel.disposing import Appeal, Disposition


class CaseDecisions(CaseDesk):
    """The acts that decide. Each needs a person who is there."""

    def dispose(
        self, by: Caller, case_id: str, disposition: Disposition, *, version: int | None = None
    ) -> Case:
        """Decide; a grave disposition waits as the case's `proposal` until another person approves it.

        Raises NotAllowed, NotFound, Conflict, BadInput (`cases.deciding`, `cases.states`).
        """
        decided = checked(disposition, by=by.user, now=self._now())
        step = Step.PROPOSE if decided.grave else Step.DISPOSE
        with self._acting(by, step, case_id):
            entered = self._enter(by, case_id, step, version=version, reasons=decided.reasons)
            number = entered.case.version + 1
            if step is Step.PROPOSE:
                return self._keep(
                    by,
                    step,
                    entered,
                    msgspec.structs.replace(entered.case, proposal=bare(decided)),
                    reasons=decided.reasons,
                    detail=_detail(decided),
                    texts={numbered(PROPOSAL, number): of_disposition(decided)},
                )
            kept = self._keep(
                by,
                step,
                entered,
                msgspec.structs.replace(entered.case, disposition=bare(decided)),
                reasons=decided.reasons,
                detail=_detail(decided),
                texts={numbered(DISPOSITION, number): of_disposition(decided)},
            )
            self._tell(self._disposed, msgspec.structs.replace(kept, disposition=decided))
            return kept

    def approve(self, by: Caller, case_id: str, *, version: int | None = None) -> Case:
        """Approve a grave disposition that another person proposed: it stands. Raises as `dispose`."""
        with self._acting(by, Step.APPROVE, case_id):
            entered = self._enter(by, case_id, Step.APPROVE, version=version)
            proposed = self._proposal(by, entered)
            decided = msgspec.structs.replace(proposed, approved_by=by.user, approved_at=self._now())
            number = entered.case.version + 1
            kept = self._keep(
                by,
                Step.APPROVE,
                entered,
                msgspec.structs.replace(entered.case, proposal=None, disposition=bare(decided)),
                reasons=decided.reasons,  # the approver stands for the same words
                detail=_detail(decided),
                texts={numbered(DISPOSITION, number): of_disposition(decided)},
            )
            self._tell(self._disposed, msgspec.structs.replace(kept, disposition=decided))
            return kept

    def refuse(self, by: Caller, case_id: str, *, reasons: str, version: int | None = None) -> Case:
        """Refuse a proposed disposition, or take one's own back, with reasons. Raises as `dispose`."""
        with self._acting(by, Step.REFUSE, case_id):
            entered = self._enter(by, case_id, Step.REFUSE, version=version, reasons=reasons)
            changed = msgspec.structs.replace(entered.case, proposal=None)
            return self._keep(by, Step.REFUSE, entered, changed, reasons=reasons)

    def appeal(self, case_id: str, appeal: Appeal, words: str) -> Case:
        """A person concerned objects, through the public door; whoever calls has checked that it is them.

        Raises NotFound, Conflict when there is nothing to appeal, it was judged already or the time is over, BadInput.
        """
        with self._store.together():
            entered = self._enter(None, case_id, Step.APPEAL, reasons=words, appellant=appeal.by)
            standing = entered.case.disposition
            since = max(standing.at, standing.approved_at) if standing else 0
            if self._now() > appeal_until(entered.queue, since):
                raise Conflict(
                    f"a decision may be appealed for {entered.queue.appeal_days} days; they are over"
                )
            made = Appeal(by=appeal.by, at=self._now(), lang=appeal.lang)
            return self._keep(
                None,
                Step.APPEAL,
                entered,
                msgspec.structs.replace(entered.case, appeal=made, claim=None),
                detail={"appellant": appeal.by.value},
                left={numbered(APPEAL, entered.case.version + 1): words.strip().encode()},
            )

    def judge_appeal(
        self,
        by: Caller,
        case_id: str,
        *,
        upheld: bool,
        reasons: str,
        disposition: Disposition | None = None,
        version: int | None = None,
    ) -> Case:
        """Uphold the decision, or overturn it with another in its place; without one it is decided anew.

        By a person who decided nothing in this case. A new grave measure is proposed afterwards and approved by another
        person. Raises as `dispose`.
        """
        if upheld and disposition is not None:
            raise BadInput("a decision that is upheld stands as it is: leave the new disposition out")
        step = Step.UPHOLD if upheld else Step.OVERTURN
        decided = checked(disposition, by=by.user, now=self._now()) if disposition else None
        with self._acting(by, step, case_id):
            grave = decided is not None and decided.grave
            entered = self._enter(by, case_id, step, version=version, reasons=reasons, grave=grave)
            case, number = entered.case, entered.case.version + 1
            if case.appeal is None:
                raise Conflict("there is no appeal in this case")
            judged = msgspec.structs.replace(
                case.appeal, judged_by=by.user, judged_at=self._now(), upheld=upheld
            )
            changed = msgspec.structs.replace(case, appeal=judged)
            texts = {numbered(JUDGEMENT, number): reasons.strip().encode()}
            if not upheld:
                changed = msgspec.structs.replace(changed, disposition=decided and bare(decided))
            if decided:
                texts[numbered(DISPOSITION, number)] = of_disposition(decided)
            detail: Detail = {"appellant": case.appeal.by.value}
            if decided:
                detail |= _detail(decided)
            kept = self._keep(by, step, entered, changed, reasons=reasons, detail=detail, texts=texts)
            whole = msgspec.structs.replace(
                kept,
                appeal=msgspec.structs.replace(judged, reasons=reasons.strip()),
                disposition=decided or kept.disposition,
            )
            self._tell(self._judged, whole)
            if decided:
                self._tell(self._disposed, whole)
            return kept

    def _proposal(self, by: Caller, entered: Entered) -> Disposition:
        """The disposition that waits, with its words."""
        case = entered.case
        if case.proposal is None:
            raise Conflict("no grave disposition waits in this case")
        texts = self._store.cases.texts(case.id, self._seen(by))
        name = latest(texts, PROPOSAL)
        if name is None:
            return case.proposal
        return disposition_in(self._seal(by, case).open(texts[name], label(case.id, name)))


def _detail(decided: Disposition) -> Detail:
    return {"outcome": decided.outcome.value, "measures": " ".join(decided.measures)}
