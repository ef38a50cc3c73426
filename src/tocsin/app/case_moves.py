"""Cases that become one, part again, or go elsewhere: merge, unmerge, split, transfer."""

from collections.abc import Collection

import msgspec

from tocsin.app.case_desk import Split
from tocsin.app.case_keys import label
from tocsin.app.case_opening import CaseOpening
from tocsin.app.case_texts import NOTE, numbered
from tocsin.cases.states import Step
from tocsin.cases.urgency import check_queue
from tocsin.kernel import BadInput, Caller, Conflict, NotFound
from tocsin.kernel.cases import RANK, Case, CaseFlag, CaseWords, Queue

MAX_PARTS = 64
"""Cases in one: more are an incident."""
MAX_ORGANISATION_CHARS = 128


class CaseMoves(CaseOpening):
    """The acts that change where a case is, or what it speaks for."""

    def on_split(self, callback: Split) -> None:
        """Call back with (who splits, the case, the new one, exhibits named) inside the transaction of a split."""
        self._split.append(callback)

    def merge(self, by: Caller, case_id: str, into: str, *, reasons: str, version: int | None = None) -> Case:
        """Make a case a part of another of the same queue, which speaks for both; returns that other.

        The part keeps its words, its acts and its key. Raises NotAllowed, NotFound, Conflict, BadInput.
        """
        if case_id == into:
            raise BadInput("a case is no part of itself: name another to merge it into")
        with self._acting(by, Step.MERGE, case_id):
            part = self._enter(by, case_id, Step.MERGE, version=version, reasons=reasons)
            whole = self._enter(by, into, Step.ABSORB, reasons=reasons)
            if part.case.queue != whole.case.queue:
                raise Conflict("they lie in different queues, which different people see: move one first")
            if len(whole.case.parts) >= MAX_PARTS:
                raise Conflict(f"{MAX_PARTS} cases in one are the most: open an incident for what is larger")
            self._keep(
                by,
                Step.MERGE,
                part,
                msgspec.structs.replace(part.case, merged_into=into, claim=None),
                reasons=reasons,
                detail={"into": into},
            )
            spoken = msgspec.structs.replace(
                whole.case,
                parts=(*whole.case.parts, case_id),
                urgency=min(whole.case.urgency, part.case.urgency, key=RANK.__getitem__),
                flags=_joined(whole.case.flags, part.case.flags),
            )
            return self._keep(by, Step.ABSORB, whole, spoken, reasons=reasons, detail={"part": case_id})

    def unmerge(self, by: Caller, case_id: str, *, reasons: str, version: int | None = None) -> Case:
        """Let a part stand alone again, in the state it was in. Raises as `merge`."""
        with self._acting(by, Step.UNMERGE, case_id):
            part = self._enter(by, case_id, Step.UNMERGE, version=version, reasons=reasons)
            into = part.case.merged_into
            if into is None:
                raise Conflict("this case is no part of another")
            whole = self._enter(by, into, Step.YIELD, reasons=reasons)
            rest = tuple(one for one in whole.case.parts if one != case_id)
            changed = msgspec.structs.replace(whole.case, parts=rest)
            self._keep(by, Step.YIELD, whole, changed, reasons=reasons, detail={"part": case_id})
            alone = msgspec.structs.replace(part.case, merged_into=None)
            return self._keep(by, Step.UNMERGE, part, alone, reasons=reasons, detail={"from": into})

    def split(
        self,
        by: Caller,
        case_id: str,
        *,
        reasons: str,
        title: str,
        notes: Collection[int] = (),
        exhibits: tuple[str, ...] = (),
        version: int | None = None,
    ) -> Case:
        """A new case of the same queue out of a part of this one; returns the new one.

        `notes` are the numbers of acts whose notes go over; `exhibits` are handed to those who keep them (`on_split`).
        Raises as `merge`.
        """
        with self._acting(by, Step.SPLIT, case_id):
            entered = self._enter(by, case_id, Step.SPLIT, version=version, reasons=reasons)
            case = entered.case
            texts = self._store.cases.texts(case_id, self._seen(by))
            wanted = [numbered(NOTE, number) for number in sorted(set(notes))]
            if any(name not in texts for name in wanted):
                raise NotFound("a note that is named is not in this case: `tocsin case show` numbers them")
            if not title.strip():
                raise BadInput("give the new case a title")
            seal = self._seal(by, case)
            words = CaseWords(title=title.strip(), what=reasons.strip())
            made = self._new(
                by, case, words, [seal.open(texts[name], label(case_id, name)) for name in wanted]
            )
            self._store.cases.move_texts(case_id, wanted, made.id, {})
            self._keep(
                by,
                Step.SPLIT,
                entered,
                case,
                reasons=reasons,
                detail={"into": made.id, "notes": " ".join(map(str, sorted(set(notes))))},
            )
            for callback in self._split:
                callback(by, case, made, exhibits)
            return made

    def transfer(
        self,
        by: Caller,
        case_id: str,
        *,
        reasons: str,
        queue: str | None = None,
        organisation: str | None = None,
        version: int | None = None,
    ) -> Case:
        """To another queue, with its key; or to another organisation, which ends it here. Raises as `merge`.

        Nothing leaves by this: what another organisation is given goes through the gate, or by a person's hand.
        """
        if (queue is None) == (organisation is None):
            raise BadInput("name a queue or an organisation, one of the two")
        if organisation is not None:
            name = " ".join(organisation.split())
            if not 0 < len(name) <= MAX_ORGANISATION_CHARS:
                raise BadInput(f"an organisation's name has 1 to {MAX_ORGANISATION_CHARS} characters")
            with self._acting(by, Step.TRANSFER, case_id):
                entered = self._enter(by, case_id, Step.TRANSFER, version=version, reasons=reasons)
                gone = msgspec.structs.replace(entered.case, transferred_to=name, claim=None)
                detail: dict[str, str | int | float] = {"to": name}
                return self._keep(by, Step.TRANSFER, entered, gone, reasons=reasons, detail=detail)
        target = self._queues.get(queue or "")
        with self._acting(by, Step.MOVE, case_id):
            entered = self._enter(by, case_id, Step.MOVE, version=version, reasons=reasons)
            if target.id == entered.case.queue:
                raise Conflict(f"it is in {target.id} already")
            check_queue(target, entered.case.flags)
            seal = self._seal(
                by, entered.case
            )  # who puts it into a restricted queue has it no more after this
            return self._keep(
                by,
                Step.MOVE,
                entered,
                self._moved(by, entered.case, target),
                reasons=reasons,
                detail={"from": entered.case.queue, "to": target.id},
                queue=target,
                seal=seal,
            )

    def link(self, by: Caller, case_id: str, *, joint: str, reasons: str) -> Case:
        """Note that it is part of a joint case; what is decided there is advice, and decides nothing here.

        Raises NotAllowed, NotFound, Conflict, BadInput.
        """
        with self._acting(by, Step.NOTE, case_id):
            entered = self._enter(by, case_id, Step.NOTE, reasons=reasons)
            linked = msgspec.structs.replace(entered.case, joint=joint)
            return self._keep(by, Step.NOTE, entered, linked, reasons=reasons, detail={"joint": joint})

    def _moved(self, by: Caller, case: Case, target: Queue) -> Case:
        self._keys.rewrap(by, case.id, target)
        return msgspec.structs.replace(case, queue=target.id, claim=None)


def _joined(one: tuple[CaseFlag, ...], other: tuple[CaseFlag, ...]) -> tuple[CaseFlag, ...]:
    return tuple(dict.fromkeys((*one, *other)))
