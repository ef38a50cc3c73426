"""A person's word on a warning, and the audited look at its sealed texts."""

from datetime import datetime

import msgspec

from tocsin.app.accept import Sealed, text_label
from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.openings import SAMPLES, Openings
from tocsin.app.settings import Settings
from tocsin.app.signing import signed, signed_anew
from tocsin.app.watch import REVIEWED
from tocsin.cases import disposition, mask, withdrawal
from tocsin.correlate import Exclusions
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    Event,
    NotFound,
    Origin,
    Record,
    Review,
    Warning,
    WarningKind,
    WarningStatus,
    micros,
)
from tocsin.kernel.events import TOOL_RESULT
from tocsin.share import describe, describe_dismissal, dismissals_from, introduction, revoked, sighting_of
from tocsin.store.interface import Store

MAX_SAMPLES = 12
MAX_EDITIONS = 20
"""A dismissal said anew and taken back so often is a quarrel, not a finding."""
MIN_PURPOSE_CHARS = 5
MAX_PURPOSE_CHARS = 400


class Sample(msgspec.Struct, frozen=True):
    """One matched event as a reviewer sees it: words without identifiers. `time` in microseconds."""

    event_id: str
    time: int
    source: str
    lang: str | None
    text_masked: str


class Reviewing:
    """Confirms, dismisses, and opens samples; each act needs a role, a reason, and leaves a trace."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        settings: Settings,
        access: Access,
        clock: Clock,
        exclusions: Exclusions,
        openings: Openings,
    ) -> None:
        self._openings = openings
        self._exclusions = exclusions
        self._store = store
        self._keys = keys
        self._settings = settings
        self._access = access
        self._clock = clock

    def review(
        self,
        by: Caller,
        warning_id: str,
        verdict: WarningStatus,
        *,
        category: str,
        statement: str,
        basis: str,
        days: int | None = None,
    ) -> Warning:
        """Confirm or dismiss, and make the records that say so; nothing leaves by this.

        Raises NotAllowed, NotFound, BadInput, Conflict (see `cases.disposition`).
        """
        self._access.require(by, "warning.review")
        warning = self._warning(warning_id)
        now = self._clock()
        review = disposition(
            warning,
            by,
            verdict,
            category_id=category,
            statement=statement,
            basis=basis,
            days=days,
            now=micros(now),
        )
        records = signed(self._records(warning, review, now), self._keys)
        with self._store.together():  # a decision and the records that say it: both, or neither
            reviewed = self._store.warnings.review(review)
            self._store.records.put(records)
            self._store.jobs.set_cursor(REVIEWED, f"{review.at}:{warning_id}")
            self._access.audit(
                by.user,
                "warning.review",
                subject=warning_id,
                purpose=review.basis or review.statement[:MAX_PURPOSE_CHARS],
                detail={"verdict": verdict.value, "category": review.category, "records": len(records)},
            )
        return reviewed

    def withdraw(self, by: Caller, warning_id: str, *, statement: str) -> Warning:
        """Take a dismissal back: its warning is open again, its record revoked, and its template heard at once.

        Raises NotAllowed, NotFound, BadInput, Conflict (see `cases.withdrawal`).
        """
        self._access.require(by, "warning.review")
        now = self._clock()
        review = withdrawal(self._warning(warning_id), by, statement=statement, now=micros(now))
        kept = self._store.records.list(types=("indicator",), origin=Origin.OWN, warning=warning_id)
        taken_back = [revoked(record, now=now) for record in kept if dismissals_from([record])]
        with self._store.together():
            reopened = self._store.warnings.review(review)
            self._store.records.put(signed_anew(taken_back, self._keys))
            self._store.jobs.set_cursor(REVIEWED, f"{review.at}:{warning_id}")
            self._access.audit(
                by.user,
                "warning.withdraw",
                subject=warning_id,
                purpose=review.statement[:MAX_PURPOSE_CHARS],
                detail={"records": len(taken_back)},
            )
        return reopened

    def _records(self, warning: Warning, review: Review, now: datetime) -> tuple[Record, ...]:
        """What the review lets this node say: nothing of it leaves before somebody publishes it."""
        if warning.kind is WarningKind.TREND:
            return ()  # it rests on this node's counts alone, and counts leave under differential privacy or not at all
        author, name, tlp = self._keys.identity.stix_identity, self._settings.name, self._settings.tlp
        known = self._store.records.get(author)
        if known is not None and known.root is None:
            known = None  # of a version that did not sign: it is said again, signed, so that others can pass it on
        if review.verdict is WarningStatus.DISMISSED:
            return self._dismissal(warning, review, now, known)
        indicator = self._store.records.get(warning.indicator) if warning.indicator else None
        if indicator is None:
            listed = self._exclusions.of_fingerprint(warning.signature) if warning.signature else None
            if listed:
                raise BadInput(
                    f"the exclusion list {listed} holds a text like this one: nobody is told to look for it; "
                    "dismiss the warning, or confirm what its accounts do under another one"
                )
            return describe(warning, review, author=author, name=name, tlp=tlp, now=now, identity=known)
        seen = sighting_of(indicator, warning, review, author=author, tlp=tlp, now=now)
        if seen is None:
            return ()
        return (*introduction(author=author, name=name, now=now, identity=known), seen)

    def _dismissal(
        self, warning: Warning, review: Review, now: datetime, known: Record | None
    ) -> tuple[Record, ...]:
        """The dismissal under the first id that was not revoked."""
        for edition in range(1, MAX_EDITIONS + 1):
            said = describe_dismissal(
                warning,
                review,
                author=self._keys.identity.stix_identity,
                name=self._settings.name,
                tlp=self._settings.tlp,
                now=now,
                identity=known,
                edition=edition,
            )
            kept = [self._store.records.get(record.id) for record in said if record.type == "indicator"]
            if all(record is None or dismissals_from([record]) for record in kept):
                return said
        raise Conflict(f"this template was dismissed and taken back {MAX_EDITIONS} times: settle it first")

    def samples(self, by: Caller, warning_id: str, purpose: str) -> tuple[Sample, ...]:
        """The warning's sample texts, masked; audited with the purpose before anything is opened.

        Raises NotAllowed, also beyond a day's bound (`Openings`), NotFound, BadInput when no purpose is stated.
        """
        self._access.require(by, "sample.open")
        warning = self._warning(warning_id)
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"state the purpose in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        wanted = warning.samples[:MAX_SAMPLES]
        self._openings.note(by, SAMPLES, subject=warning_id, purpose=purpose.strip(), texts=len(wanted))
        kept = self._store.events.sealed(wanted)
        facts = self._store.events.facts(wanted)
        return tuple(
            sample
            for event_id in wanted
            if event_id in kept and event_id in facts
            for sample in [open_sample(self._keys, event_id, *kept[event_id], facts[event_id])]
            if sample is not None
        )

    def one_sample(self, by: Caller, event_id: str, purpose: str) -> Sample | None:
        """The masked text of one event that was drawn at random; audited with the purpose before it is opened.

        None when its day's key was destroyed. Raises NotAllowed, BadInput when no purpose is stated.
        """
        self._access.require(by, "sample.open")
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"state the purpose in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        self._openings.note(by, SAMPLES, subject=event_id, purpose=purpose.strip(), texts=1)
        kept, facts = self._store.events.sealed([event_id]), self._store.events.facts([event_id])
        if event_id not in kept or event_id not in facts:
            return None
        return open_sample(self._keys, event_id, *kept[event_id], facts[event_id])

    def _warning(self, warning_id: str) -> Warning:
        warning = self._store.warnings.get(warning_id)
        if warning is None:
            raise NotFound(f"there is no warning {warning_id[:64]}: `tocsin watch warnings` lists them")
        return warning


def open_sample(keys: Keyring, event_id: str, day: str, sealed: bytes, event: Event) -> Sample | None:
    """One sealed text, masked; None when its day's key was destroyed. Whoever calls has audited it."""
    try:
        plain = keys.opened(day).open(sealed, text_label(event_id))
    except NotFound:
        return None  # the day's key was destroyed between listing and opening
    raw = msgspec.msgpack.decode(plain, type=Sealed)
    identifiers = [raw.actor, *(seen.value for seen in raw.observables)]
    if raw.session:
        identifiers.append(raw.session)
    return Sample(
        event_id=event_id,
        time=event.time,
        source=event.source,
        lang=event.lang,
        text_masked=mask(_whole(raw), identifiers),
    )


def _whole(raw: Sealed) -> str:
    """The text, and what a tool brought back: without it nobody could judge an injection."""
    result = raw.attributes.get(TOOL_RESULT)
    return f"{raw.text}\n⇒ {result}".strip() if isinstance(result, str) and result else raw.text
