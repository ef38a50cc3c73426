"""End users: who applied, what was found, what stands; the subject that access decisions see.

Enters: an applicant with number and secret, a reviewer, evidence that was judged (`applicant_questions`,
`applicant_reviews`). Leaves: results and digests. Refuses: to keep an attribute of anybody; there is no field for one.
"""

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from tocsin.admit.applicants import Evidence, Sources, dependants, load_sources, matched, subject_of
from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, micros
from tocsin.kernel.admission import Subject, SubjectStanding
from tocsin.kernel.applicants import Applicant, ApplicantReview, EndedWhy, Stage, Verification
from tocsin.kernel.reports import ReportReceipt
from tocsin.store import Store
from tocsin.trust import report_receipts as receipts
from tocsin.trust.seal import Entropy

READ, CHECK = "applicant.read", "applicant.check"
VERIFIED, ENDED, STANDING = "applicant.verified", "applicant.ended", "applicant.standing"
MATCH = "match.run"
APPLICANT = "applicant"
"""As whom an applicant's own acts stand in the audit: never by number."""
ID_BYTES = 16
MAX_MATCHED = 100_000
"""Applicants whose handles one session takes: beyond, it is a register."""
UNKNOWN = (
    "there is no applicant with this number and this secret: look at each sign again;"
    " there is no letter O and no letter I among them"
)
_UNDER_WAY = (Stage.ASKED, Stage.ANSWERED)
"""A mailed code is answered from its first moment: it counts, or one number could fill any mailbox with codes."""
Changed = Callable[[Applicant], None]


class Shown(msgspec.Struct, frozen=True):
    """An applicant with what was found, for reviewers. `subject` is as access decisions see them now."""

    applicant: Applicant
    results: tuple[Verification, ...]
    subject: Subject


class Applicants:
    """Keeps applicants and their results; `subject` is what access decisions ask."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        data: Path,
        node_id: str,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._data = data
        self._node_id = node_id
        self._clock = clock
        self._entropy = entropy
        self._changed: list[Changed] = []

    @cached_property
    def sources(self) -> Sources:
        """Whom this node believes, read once. Raises BadInput naming a bad file."""
        return load_sources(self._data)

    def on_change(self, callback: Changed) -> None:
        """Call back with an applicant whose results or standing changed, inside the transaction that did it."""
        self._changed.append(callback)

    # ---- the applicant, by number and secret

    def apply(self, consents: Sequence[str] = ()) -> ReportReceipt:
        """A new applicant; durable when this returns, and the secret is nowhere else. Raises BadInput."""
        self._check_consents(consents)
        secret, number = receipts.draw_secret(self._entropy), receipts.draw_number(self._entropy)
        self._store.applicants.add(
            Applicant(
                number=number,
                secret_digest=receipts.digest_of(secret),
                made=self.now(),
                subject=self._keys.pseudonyms.of(f"applicant:{self._node_id}", number),
                consents=tuple(sorted(set(consents))),
                answer_key=receipts.answer_box(secret).public,
            )
        )
        return ReportReceipt(number=number, secret=secret)

    def opened(self, number: str, secret: str) -> Applicant:
        """Raises NotFound, the same for a wrong number and a wrong secret."""
        number = receipts.number_as_written(number)
        right = receipts.matches(secret, self._store.applicants.secret_digest(number))
        found = self._store.applicants.get(number)
        if not right or found is None:
            raise NotFound(UNKNOWN)
        return found

    def follow(self, number: str, secret: str) -> Shown:
        """What stands. Raises NotFound."""
        return self._shown(self.opened(number, secret))

    def consent(self, number: str, secret: str, purposes: Sequence[str]) -> None:
        """Agree to be matched for these purposes and no others; what is no longer agreed to loses its handle."""
        self._check_consents(purposes)
        with self._store.together():
            found = self.opened(number, secret)
            self.change(msgspec.structs.replace(found, consents=tuple(sorted(set(purposes)))))
            if not purposes:
                for one in self._store.applicants.results(found.number):
                    if one.handle:
                        self._store.applicants.change(msgspec.structs.replace(one, handle=b""))

    def leave(self, number: str, secret: str) -> None:
        """Delete an applicant and all that was found. Raises NotFound, Conflict while their access is in question."""
        with self._store.together():
            found = self.opened(number, secret)
            if found.standing is not SubjectStanding.GOOD:
                raise Conflict(
                    "a case decides about this access: what it stands on is kept until it is given back"
                )
            self._access.audit(APPLICANT, "applicant.leave", subject=found.subject, purpose="")
            self._store.applicants.forget(found.number)
            for callback in self._changed:
                callback(msgspec.structs.replace(found, standing=SubjectStanding.REVOKED))

    # ---- the node

    def subject(self, subject_id: str) -> Subject | None:
        """Whom access decisions ask about, by their pseudonym here; None for nobody this node knows."""
        found = self._store.applicants.by_subject(subject_id)
        if found is None:
            return None
        return subject_of(found, self._store.applicants.results(found.number), self.now())

    def grant(
        self,
        applicant: Applicant,
        evidence: Evidence,
        *,
        source: str = "",
        by: str = "",
        person: str = "",
        **kept: bytes,
    ) -> Verification:
        """Keep a result; an older one of the same kind ends. Inside the caller's transaction.

        Raises Conflict where the same person's access is in question under another number, NotFound for who has left.
        """
        applicant = self.named(applicant.number)  # as they stand now: the caller may have read them before
        self._check_person(applicant, person)
        before = self._store.applicants.results(applicant.number)
        result = Verification(
            id=f"result_{self._entropy(ID_BYTES).hex()}",
            applicant=applicant.number,
            level=evidence.level,
            method=evidence.method,
            at=self.now(),
            until=evidence.until,
            evidence=evidence.evidence,
            source=source,
            purpose=evidence.purpose,
            rests_on=evidence.rests_on,
            by=by,
            person=person,
            place=kept.get("place", b""),
            handle=kept.get("handle", b"") if applicant.consents else b"",
        )
        self._store.applicants.grant(result)
        same = (result.level, result.method, result.purpose)
        for one in before:
            if one.ended is None and (one.level, one.method, one.purpose) == same:
                self._replaced(one, result)
        self.change(applicant)
        self._access.audit(
            by or APPLICANT,
            VERIFIED,
            subject=applicant.subject,
            purpose=result.purpose,
            detail={
                "level": result.level.value,
                "method": result.method.value,
                "until": result.until,
                "evidence": result.evidence,
            },
        )
        return result

    def end(self, result: Verification, why: EndedWhy, *, by: str = "node", reasons: str = "") -> None:
        """End a result before its time, and what rests on it."""
        with self._store.together():
            applicant = self._store.applicants.get(result.applicant)
            if applicant is None or result.ended is not None:
                return
            resting = dependants(self._store.applicants.results(result.applicant), result.id)
            for one in (result, *resting):
                reason = why if one is result else EndedWhy.BASIS_ENDED
                ended = msgspec.structs.replace(
                    one, ended=self.now(), why_ended=reason, handle=b"", place=b""
                )
                self._store.applicants.change(ended)
                self._access.audit(
                    by,
                    ENDED,
                    subject=applicant.subject,
                    purpose=reasons,
                    detail={"level": one.level.value, "why": reason.value},
                )
            self.change(applicant)

    def stand(self, applicant: Applicant, standing: SubjectStanding, *, by: str, reasons: str) -> Applicant:
        """Another standing, by people in a case. Inside the caller's transaction."""
        changed = self.change(msgspec.structs.replace(applicant, standing=standing))
        self._access.audit(
            by, STANDING, subject=applicant.subject, purpose=reasons, detail={"standing": standing.value}
        )
        return changed

    def change(self, applicant: Applicant) -> Applicant:
        """Keep an applicant under the next revision, and tell who listens."""
        current = self._store.applicants.get(applicant.number)
        if current is None:
            raise NotFound("there is no such applicant: `tocsin access applicants list` shows them")
        changed = msgspec.structs.replace(applicant, revision=current.revision + 1)
        self._store.applicants.replace(changed)
        for callback in self._changed:
            callback(changed)
        return changed

    def now(self) -> int:
        return micros(self._clock())

    # ---- people here

    def listed(self, by: Caller, *, after: int | None = None, limit: int = 100) -> tuple[Shown, ...]:
        """Newest first; to who may not check them by pseudonym alone. Raises NotAllowed."""
        self._access.require(by, READ)
        found = self._store.applicants.page(after=after, limit=limit)
        return tuple(self._seen(by, self._shown(one)) for one in found)

    def show(self, by: Caller, number: str) -> Shown:
        """One, by number or pseudonym. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        return self._seen(by, self._shown(self.named(number)))

    def cases_of(self, by: Caller, subject: str) -> tuple[ApplicantReview, ...]:
        """The cases about somebody, oldest first. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        return self._store.applicants.reviews(self.named(subject).number)

    def named(self, number: str) -> Applicant:
        """By number or pseudonym. Raises NotFound."""
        kept = self._store.applicants
        found = kept.get(receipts.number_as_written(number)) or kept.by_subject(number)
        if found is None:
            raise NotFound("there is no such applicant: `tocsin access applicants list` shows them")
        return found

    def drop(self, by: Caller, issuer: str, reasons: str) -> int:
        """End every result that an issuer vouched for; returns how many. Raises NotAllowed."""
        self._access.require(by, CHECK)
        ended = 0
        for one in self._store.applicants.of_source(self.source_of(issuer)):
            if one.ended is None:
                self.end(one, EndedWhy.SOURCE_DROPPED, by=by.user, reasons=reasons)
                ended += 1
        return ended

    def source_of(self, issuer: str) -> str:
        """An issuer under this node's key: its address may tell a country."""
        return self._keys.pseudonyms.of("applicant.source", issuer)

    def to_match(self, by: Caller, purpose: str) -> tuple[bytes, ...]:
        """What this node brings to a session of private matching: 32 bytes for each vetted end user who consented.

        Only for a purpose that the operator named, never shown to a person, in an order that says nothing. Audited
        before it is opened. Raises NotAllowed, BadInput.
        """
        self._access.require(by, MATCH)
        return self.into_session(by.user, "", purpose)

    def into_session(self, who: str, session: str, purpose: str) -> tuple[bytes, ...]:
        """The same for a session that a person began, or that this node answers: both operators agreed to the kind.

        Raises BadInput.
        """
        if purpose not in self.sources.purposes:
            raise BadInput("name a purpose of applicants.yaml: vetted end users are matched for that alone")
        self._access.audit(who, "applicant.match", subject=session, purpose=purpose)
        found: set[bytes] = set()
        for one in self._store.applicants.page(limit=MAX_MATCHED):
            results = self._store.applicants.results(one.number)
            for sealed in matched(one, results, purpose, self.now()):
                found.add(self._keys.secrets.open(sealed, handle_label(one.number)))
        return tuple(sorted(found))

    def tick(self) -> int:
        """Delete questions whose time is over; returns how many."""
        return self._store.applicants.forget_questions(before=self.now())

    def _replaced(self, old: Verification, new: Verification) -> None:
        """What rested on the old result rests on the new one, which says no less."""
        for one in dependants(self._store.applicants.results(old.applicant), old.id):
            until = min(one.until, new.until)
            self._store.applicants.change(msgspec.structs.replace(one, rests_on=new.id, until=until))
        ended = msgspec.structs.replace(
            old, ended=self.now(), why_ended=EndedWhy.RENEWED, handle=b"", place=b""
        )
        self._store.applicants.change(ended)

    def _shown(self, applicant: Applicant) -> Shown:
        results = self._store.applicants.results(applicant.number)
        return Shown(applicant, results, subject_of(applicant, results, self.now()))

    def person_of(self, handle: bytes) -> str:
        """Whom an issuer named, under this node's key."""
        return self._keys.pseudonyms.of("applicant.person", handle.hex())

    def _check_person(self, applicant: Applicant, person: str) -> None:
        for one in self._store.applicants.of_person(person) if person else ():
            other = self._store.applicants.get(one.applicant)
            if other and other.number != applicant.number and other.standing is not SubjectStanding.GOOD:
                raise Conflict("this access is in question under another number: follow the case there")

    def _seen(self, by: Caller, shown: Shown) -> Shown:
        if self._access.may(by, CHECK):
            return shown
        nameless = msgspec.structs.replace(shown.applicant, number=shown.applicant.subject)
        return msgspec.structs.replace(shown, applicant=nameless)

    def _check_consents(self, purposes: Sequence[str]) -> None:
        if not set(purposes) <= self.sources.purposes.keys():
            raise BadInput("one of these purposes is not known here: load the page again")

    def waiting(self, number: str) -> int:
        """How many questions are under way for an applicant: asked, or answered and not taken."""
        now = self.now()
        return sum(
            one.stage in _UNDER_WAY and one.expires > now for one in self._store.applicants.asked_of(number)
        )


def handle_label(number: str) -> str:
    """What binds a sealed handle to its applicant."""
    return f"applicant/{number}/handle"
