"""What reporters are answered, and what they did: in turn, beside their report.

An answer is sealed to a key that is made from the reporter's secret, in the transaction of the decision. Nobody here
can open it again, and the reporter needs nothing of the case for it: a restricted case leaks nothing by being answered.
"""

from collections.abc import Sequence

import msgspec

from tocsin.kernel import BadInput, Clock, micros
from tocsin.kernel.cases import Case
from tocsin.kernel.disposing import Measure, Outcome
from tocsin.kernel.reports import PublicReport, ReportWord, ReportWordKind
from tocsin.store import Store
from tocsin.trust import report_receipts as receipts
from tocsin.trust.boxes import seal_to

MAX_WORDS = 100
"""What one report's reporter may add or do: beyond it, it wants a new report."""
ANSWERS = (ReportWordKind.DECIDED, ReportWordKind.JUDGED)


class Decision(msgspec.Struct, frozen=True):
    """What was decided, for whom it concerns. Without an outcome the old decision fell, and the new one is to come.

    `judged` is what was said to an objection.
    """

    outcome: Outcome | None = None
    measures: tuple[Measure, ...] = ()
    reasons: str = ""
    ground_text: str = ""
    lang: str = ""
    judged: str = ""
    upheld: bool = True


_ENCODE = msgspec.msgpack.Encoder().encode
_DECISION = msgspec.msgpack.Decoder(Decision)


class ReportAnswers:
    """Keeps words of reports. `decided` and `judged` are called by the cases, inside their transaction."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def say(
        self,
        report: PublicReport,
        kind: ReportWordKind,
        *,
        files: int = 0,
        turn: int | None = None,
        sealed: bytes = b"",
    ) -> bool:
        """Whether it was new."""
        there = len(self._store.public_reports.words(report.number))
        if turn is not None and turn < there:
            return False
        if there >= MAX_WORDS and kind not in ANSWERS:
            raise BadInput("very much was added to this report already: write a new one")
        self._store.public_reports.say(
            ReportWord(
                number=report.number,
                turn=there + 1,
                at=micros(self._clock()),
                kind=kind,
                sealed=sealed,
                files=files,
            )
        )
        return True

    def decided(self, case: Case) -> None:
        """Seal what was decided to every reporter whom this case speaks for; in the transaction of the decision."""
        if (decided := case.disposition) is not None:
            said = Decision(
                outcome=decided.outcome,
                measures=decided.measures,
                reasons=decided.reasons,
                ground_text=decided.ground_text,
                lang=decided.lang,
            )
            self._tell(case, ReportWordKind.DECIDED, said)

    def judged(self, case: Case) -> None:
        """The same of what became of an objection."""
        if (appeal := case.appeal) is not None:
            said = Decision(judged=appeal.reasons, upheld=bool(appeal.upheld))
            self._tell(case, ReportWordKind.JUDGED, said)

    def _tell(self, case: Case, kind: ReportWordKind, said: Decision) -> None:
        for case_id in (case.id, *case.parts):
            report = self._store.public_reports.of_case(case_id)
            if report is not None and report.answer_key:
                turn = len(self._store.public_reports.words(report.number)) + 1
                label = receipts.answer_label(report.number, turn)
                self.say(report, kind, sealed=seal_to(report.answer_key, _ENCODE(said), label))

    def standing(self, report: PublicReport, secret: str, words: Sequence[ReportWord]) -> Decision | None:
        """What stands now, opened with the reporter's secret."""
        answers = [word for word in words if word.kind in ANSWERS]
        if not answers:
            return None
        box, stands = receipts.answer_box(secret), Decision()
        for word in answers:
            said = _DECISION.decode(box.open(word.sealed, receipts.answer_label(report.number, word.turn)))
            if word.kind is ReportWordKind.DECIDED:
                stands = msgspec.structs.replace(said, judged=stands.judged)
            else:
                stands = msgspec.structs.replace(stands if said.upheld else Decision(), judged=said.judged)
        return stands
