"""Reports under duties: drafted by this node, written and sent by people, kept with what proves that they were sent.

The node sends nothing by itself. Answers lie sealed under the key of the incident's case; of what was sent the exact
document is kept, with its SHA-256. Nothing here says that a duty is met: that is for whoever receives it to say.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from tocsin.app.access import Access
from tocsin.app.duty_docx import sheet_docx
from tocsin.app.duty_drafts import Draft, absent, answered, drafted, language_of
from tocsin.app.duty_packs import DutyPacks
from tocsin.app.duty_papers import report_sheet
from tocsin.app.duty_sheets import Sheet, sheet_json, sheet_pdf
from tocsin.app.incidents import AHEAD_MICROS, MANAGE, READ, CasesOf, Incidents
from tocsin.cases.duties import grade
from tocsin.kernel import BadInput, Caller, Clock, NotAllowed, NotFound, micros
from tocsin.kernel.duties import DutyReport, DutyReportState, Incident
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy, Seal

SEND = "incident.send"
ID_BYTES = 8
MIN_HOW_CHARS, MAX_HOW_CHARS = 4, 400

FORMS: Mapping[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "pdf": ("application/pdf", sheet_pdf),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", sheet_docx),
    "json": ("application/json", sheet_json),
}
"""Form to media type and maker; one more is one more row here."""


class SealsOf(Protocol):
    """Seals of cases, for people who may open them."""

    def opened(self, by: Caller, case_id: str) -> Seal: ...


class ExhibitThere(Protocol):
    """Whether an exhibit is one of a case that a person may see."""

    def __call__(self, by: Caller, case_id: str, exhibit_id: str) -> bool: ...


class Opened(msgspec.Struct, frozen=True):
    """A report with its answers."""

    report: DutyReport
    draft: Draft
    incident: Incident
    version: int


class DutyReports:
    """Drafting needs `incident.manage`, sending `incident.send`; answers need the key of the case besides."""

    def __init__(
        self,
        store: Store,
        access: Access,
        incidents: Incidents,
        packs: DutyPacks,
        cases: CasesOf,
        seals: SealsOf,
        clock: Clock,
        *,
        node: str,
        approval: bool = False,
        exhibit_there: ExhibitThere = lambda by, case_id, exhibit_id: False,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._incidents = incidents
        self._packs = packs
        self._cases = cases
        self._seals = seals
        self._clock = clock
        self._node = node
        self._approval = approval
        self._exhibit_there = exhibit_there
        self._entropy = entropy

    def draft(self, by: Caller, incident_id: str, duty_id: str, step_id: str, lang: str = "") -> DutyReport:
        """A new report, filled in as far as facts, moments and the case's words go; it follows the last one sent.

        Raises NotAllowed, NotFound, BadInput.
        """
        self._access.require(by, MANAGE)
        incident = self._open_one(by, incident_id)
        duty = self._packs.get(duty_id)
        if duty.id not in incident.duties:
            raise BadInput("nobody said that this duty applies: name it first, `tocsin incident duties`")
        step = next((one for one in duty.steps if one.id == step_id), None)
        if step is None:
            raise BadInput(
                f"{duty.id} has no step {step_id[:64]!r}: {', '.join(one.id for one in duty.steps)}"
            )
        language = language_of(duty, lang)
        now = micros(self._clock())
        draft = drafted(
            duty,
            step,
            incident,
            self._cases.words(by, incident.case),
            grade(duty, incident),
            lang=language,
            by=by.user,
            at=now,
        )
        before = [
            one
            for one in self._store.duty_reports.of(incident.id)
            if one.duty == duty.id and one.state is DutyReportState.SENT
        ]
        made = DutyReport(
            id=f"report_{self._entropy(ID_BYTES).hex()}",
            incident=incident.id,
            duty=duty.id,
            step=step.id,
            state=DutyReportState.DRAFT,
            pack=duty.digest,
            made=now,
            by=by.user,
            lang=language,
            partial=step.partial,
            missing=tuple(row.field for row in absent(draft)),
            follows=max(before, key=lambda one: (one.sent or 0, one.made)).id if before else None,
        )
        with self._store.together():
            self._store.duty_reports.add(made, self._closed(by, incident, made.id, draft))
            self._tell(by, incident, made, "drafted")
        return made

    def of(self, by: Caller, incident_id: str) -> tuple[DutyReport, ...]:
        """Every report of an incident, oldest first. Raises NotAllowed, NotFound."""
        return self._store.duty_reports.of(self._incidents.get(by, incident_id).id)

    def open(self, by: Caller, report_id: str) -> Opened:
        """A report with its answers. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        kept = self._store.duty_reports.get(report_id)
        try:
            # Asked in either case: see Incidents.get.
            incident = self._incidents.get(by, kept[0].incident if kept else report_id)
        except NotFound:
            raise NotFound(missing_report(report_id)) from None
        if kept is None:
            raise NotFound(missing_report(report_id))
        report, sealed, version = kept
        plain = self._seals.opened(by, incident.case).open(sealed, _label(incident, report.id))
        return Opened(report, msgspec.msgpack.decode(plain, type=Draft), incident, version)

    def edit(self, by: Caller, report_id: str, answers: Mapping[str, str]) -> DutyReport:
        """Answers in a person's words; what was approved waits for approval again. Raises as `open`, BadInput."""
        self._access.require(by, MANAGE)
        kept = self._unsent(self.open(by, report_id))
        draft = answered(kept.draft, dict(answers), by=by.user, at=micros(self._clock()))
        after = msgspec.structs.replace(
            kept.report,
            state=DutyReportState.DRAFT,
            approved_by=None,
            missing=tuple(row.field for row in absent(draft)),
        )
        return self._put(by, kept, after, draft, f"answered: {', '.join(answers)}")

    def approve(self, by: Caller, report_id: str) -> DutyReport:
        """Stand for it as the second person: never who wrote it last. Raises as `open`, NotAllowed."""
        self._access.require(by, SEND)
        kept = self._unsent(self.open(by, report_id))
        if self._access.person(by.user) in map(self._access.person, (kept.draft.author, kept.report.by)):
            raise NotAllowed("a second person approves: you wrote this one")
        after = msgspec.structs.replace(kept.report, state=DutyReportState.APPROVED, approved_by=by.user)
        return self._put(by, kept, after, kept.draft, "approved")

    def mark_sent(
        self,
        by: Caller,
        report_id: str,
        *,
        how: str,
        form: str = "pdf",
        proof: str | None = None,
        moment: int | None = None,
        incomplete: str = "",
    ) -> DutyReport:
        """Say that a person sent it: how, in which form, when, and the exhibit that proves it.

        The document of that form is kept as it is now, with its SHA-256. Where the regime wants it whole and something
        is missing, `incomplete` says why it went all the same. Raises as `open`, BadInput.
        """
        self._access.require(by, SEND)
        kept = self._unsent(self.open(by, report_id))
        now = micros(self._clock())
        at = now if moment is None else moment
        self._check_sending(by, kept, how, form, proof, at, now, incomplete)
        sheet = self._sheet(by, kept)
        document = _maker(form)(sheet)
        digest = hashlib.sha256(document).hexdigest()
        after = msgspec.structs.replace(
            kept.report,
            state=DutyReportState.SENT,
            sent=at,
            sent_by=by.user,
            sent_how=" ".join(how.split()),
            proof=proof,
            digest=digest,
        )
        draft = msgspec.structs.replace(kept.draft, sheet=sheet, form=form, sent=document)
        return self._put(
            by, kept, after, draft, f"sent as {form}, SHA-256 {digest}", " ".join(incomplete.split())
        )

    def withdraw(self, by: Caller, report_id: str) -> DutyReport:
        """Lay a draft aside: it stays readable, and its step is still to be done. Raises as `open`, BadInput."""
        self._access.require(by, MANAGE)
        kept = self._unsent(self.open(by, report_id))
        after = msgspec.structs.replace(kept.report, state=DutyReportState.WITHDRAWN)
        return self._put(by, kept, after, kept.draft, "withdrawn")

    def sheet(self, by: Caller, report_id: str) -> Sheet:
        """What a document of it would show; once sent, what was sent. Raises as `open`."""
        return self._sheet(by, self.open(by, report_id))

    def export(self, by: Caller, report_id: str, form: str) -> bytes:
        """The document; once sent, in the form in which it was sent those very bytes.

        Raises as `open`, BadInput, Unavailable.
        """
        maker = _maker(form)
        kept = self.open(by, report_id)
        as_sent = kept.draft.sent if kept.draft.form == form else b""
        made = as_sent or maker(self._sheet(by, kept))
        digest = hashlib.sha256(made).hexdigest()
        self._access.audit(
            by.user,
            "incident.export",
            subject=self._incidents.named(by, kept.incident),
            purpose="",
            detail={"form": form, "sha256": digest},
        )
        return made

    def needs_approval(self, report: DutyReport) -> bool:
        """Whether this node wants a second person before it counts as sent, and nobody stood for it yet."""
        return self._approval and report.approved_by is None

    def _check_sending(
        self,
        by: Caller,
        kept: Opened,
        how: str,
        form: str,
        proof: str | None,
        at: int,
        now: int,
        incomplete: str,
    ) -> None:
        """1. how; 2. when; 3. a second person where one is needed; 4. what may not be missing; 5. the proof."""
        _maker(form)
        if not MIN_HOW_CHARS <= len(" ".join(how.split())) <= MAX_HOW_CHARS:  # 1
            raise BadInput(
                f"say how and to whom it was sent, in {MIN_HOW_CHARS} to {MAX_HOW_CHARS} characters"
            )
        if not kept.incident.opened - _BEFORE_MICROS < at <= now + AHEAD_MICROS:  # 2
            raise BadInput(
                "it was sent in the past, and not before the incident: give the moment with its offset"
            )
        if self.needs_approval(kept.report):  # 3
            raise BadInput("a second person approves it first: `tocsin incident report approve`")
        lacking = [one for one in kept.draft.required if one in kept.report.missing]
        if lacking and not incomplete.strip():  # 4
            raise BadInput(
                f"the regime asks for {', '.join(lacking)}: answer them, or say with --incomplete why it went without"
            )
        if proof is not None and not self._exhibit_there(by, kept.incident.case, proof):  # 5
            raise BadInput(f"the case has no exhibit {proof[:64]}: put the proof into its evidence first")

    def _sheet(self, by: Caller, kept: Opened) -> Sheet:
        if kept.draft.sheet is not None:
            return kept.draft.sheet
        duty = self._packs.find(kept.report.duty)
        standings = self._incidents.standings(kept.incident, [kept.report.duty])
        due = next(
            (one for standing in standings for one in standing.deadlines if one.step == kept.report.step),
            None,
        )
        word = self._packs.statement(duty) if duty is not None else None
        return report_sheet(
            kept.report,
            kept.draft,
            duty,
            word,
            due,
            node=self._node,
            waits=self.needs_approval(kept.report),
        )

    def _open_one(self, by: Caller, incident_id: str) -> Incident:
        incident = self._incidents.get(by, incident_id)
        if incident.closed is not None:
            raise BadInput("this incident is closed: reopen it with a reason, then report")
        return incident

    def _unsent(self, kept: Opened) -> Opened:
        if kept.report.state in (DutyReportState.SENT, DutyReportState.WITHDRAWN):
            raise BadInput(f"this report is {kept.report.state.value} and stays as it is: draft a new one")
        return kept

    def _put(
        self, by: Caller, kept: Opened, after: DutyReport, draft: Draft, said: str, reason: str = ""
    ) -> DutyReport:
        sealed = self._closed(by, kept.incident, after.id, draft)
        with self._store.together():
            self._store.duty_reports.replace(after, sealed, version=kept.version)
            self._tell(by, kept.incident, after, said, reason)
        return after

    def _closed(self, by: Caller, incident: Incident, report_id: str, draft: Draft) -> bytes:
        plain = msgspec.msgpack.encode(draft)
        return self._seals.opened(by, incident.case).close(plain, _label(incident, report_id))

    def _tell(self, by: Caller, incident: Incident, report: DutyReport, said: str, reason: str = "") -> None:
        """Into the incident's history and the audit: digests and names of fields, never an answer."""
        name = f"{report.duty}/{report.step} {report.id}"
        self._incidents.noted(by, incident, [self._incidents.note(by, name, said, reason)])


_BEFORE_MICROS = 366 * 86_400_000_000
"""A report may have gone out before this node had the incident, and by no more than a year."""


def missing_report(report_id: str) -> str:
    """The one answer for a report that is not there and for one that somebody may not know of."""
    return f"there is no report {report_id[:64]}: `tocsin incident show` lists an incident's"


def _maker(form: str) -> Callable[[Sheet], bytes]:
    if form not in FORMS:
        raise BadInput(f"a report is exported as {', '.join(FORMS)}, not as {form[:16]!r}")
    return FORMS[form][1]


def _label(incident: Incident, report_id: str) -> str:
    return f"case/{incident.case}/duty-report/{report_id}"
