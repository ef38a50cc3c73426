"""Pseudonyms: an applicant uses what another node restricts, and only two people here together can say who it was.

Enters: an applicant who asks for a pass, a peer's pass, a pseudonym that somebody has a reason to open. Leaves: a pass
under a pseudonym for one relying node; a subject for access decisions; whose pseudonym it is. Refuses: to open one for
fewer than two people who each said yes for the same stated purpose, and to whoever can merely read the folder.
"""

import hashlib
import os

import msgspec

from tocsin.app.access import Access
from tocsin.app.applicants import CHECK, Applicants
from tocsin.app.keyring import Keyring
from tocsin.kernel import (
    Approval,
    BadInput,
    Caller,
    Clock,
    Conflict,
    Means,
    NotAllowed,
    NotFound,
    Peer,
    PeerStatus,
    Role,
    micros,
)
from tocsin.kernel.admission import LEVELS, Held, Subject, SubjectStanding, VerificationLevel
from tocsin.kernel.applicants import Applicant
from tocsin.share import PEOPLE
from tocsin.share.approvals import APPROVAL_DAYS
from tocsin.store import Store
from tocsin.trust.identity import node_id
from tocsin.trust.presentations import PresentationRefused, Why
from tocsin.trust.presentations.passes import MAX_PASS_SECONDS, Pass, read_pass, sign_pass
from tocsin.trust.seal import Entropy

MIN_PURPOSE_CHARS, MAX_PURPOSE_CHARS = 8, 400
OPEN = "applicant.open"
_SECOND = 1_000_000
_DAY = 86_400_000_000


class ApplicantPasses:
    """Gives passes, takes peers', and opens pseudonyms."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        applicants: Applicants,
        own_id: str,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._applicants = applicants
        self._own_id = own_id
        self._clock = clock
        self._entropy = entropy

    def give(self, number: str, secret: str, peer: str) -> str:
        """A pass for one trusted peer, under a pseudonym for it alone. Raises NotFound, Conflict."""
        applicant = self._applicants.opened(number, secret)
        keys = {one.name: one.node_key for one in self._trusted()}
        relying = keys.get(peer)
        if relying is None:
            raise NotFound("there is no trusted peer of this name with a key")
        subject = self._applicants.subject(applicant.subject)
        assert subject is not None
        now = micros(self._clock())
        if subject.standing is not SubjectStanding.GOOD:
            raise Conflict("your access is in question: follow your case")
        level, ends = subject.level(now), subject.changes(now)
        if level is VerificationLevel.NONE or ends is None:
            raise Conflict("nothing of yours is in force: show something first")
        audience = node_id(relying)
        pseudonym = self._keys.pseudonyms.of(f"applicant:{audience}", applicant.number)
        sealed = self._keys.secrets.close(applicant.number.encode(), _label(pseudonym))
        self._store.applicants.name(pseudonym, now, sealed)
        self._access.audit("applicant", "applicant.pass", subject=pseudonym, purpose=peer)
        return sign_pass(
            Pass(
                iss=self._own_id,
                aud=audience,
                sub=pseudonym,
                level=level.value,
                purposes=tuple(sorted(subject.purposes(now))),
                iat=now // _SECOND,
                exp=min(now // _SECOND + MAX_PASS_SECONDS, ends // _SECOND),
                jti=self._entropy(16).hex(),
            ),
            self._keys.identity,
        )

    def take(self, token: str) -> Subject:
        """Whom a trusted peer vouches for, as access decisions see them. Raises PresentationRefused."""
        keys = {node_id(one.node_key): one.node_key for one in self._trusted() if one.node_key}
        told = read_pass(token, keys, audience=self._own_id, now=micros(self._clock()) // _SECOND)
        if told.level not in {one.value for one in LEVELS}:
            raise PresentationRefused(Why.UNREADABLE, "the pass names a level that is not known here")
        until, digest = told.exp * _SECOND, f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"
        vetted = tuple(Held(VerificationLevel.VETTED, until, digest, purpose) for purpose in told.purposes)
        level = VerificationLevel(told.level)
        held = vetted if level is VerificationLevel.VETTED else (Held(level, until, digest), *vetted)
        return Subject(told.sub, held)

    def approve(self, by: Caller, pseudonym: str, purpose: str) -> int:
        """A person's yes that a pseudonym be opened for a purpose; returns how many there are. Raises NotAllowed."""
        self._person(by)
        self._check(pseudonym, purpose)
        self._store.approvals.add(Approval(_digest(pseudonym, purpose), by.user, "", micros(self._clock())))
        self._access.audit(by.user, "applicant.approve", subject=pseudonym, purpose=purpose.strip())
        return len(self._approvers(pseudonym, purpose))

    def open(self, by: Caller, pseudonym: str, purpose: str) -> Applicant:
        """Whose a pseudonym is, once two people said yes for this purpose; audited. Raises NotAllowed, NotFound."""
        self._person(by)
        sealed = self._check(pseudonym, purpose)
        have = len(self._approvers(pseudonym, purpose))
        if have < PEOPLE:
            self._access.audit(by.user, OPEN, subject=pseudonym, purpose=purpose.strip(), outcome="refused")
            raise NotAllowed(
                f"{PEOPLE} people say yes to this, each with a token of their own and for the same purpose; {have} did"
            )
        self._access.audit(by.user, OPEN, subject=pseudonym, purpose=purpose.strip())
        number = self._keys.secrets.open(sealed, _label(pseudonym)).decode()
        found = self._store.applicants.get(number)
        if found is None:
            raise NotFound("whoever it was has left, and nothing of them is kept")
        return found

    def _person(self, by: Caller) -> None:
        self._access.require(by, CHECK)
        if by.means is Means.OPERATOR or by.has(Role.PEER, Role.SOURCE):
            raise NotAllowed("a person does this, in the console or with a token of their own")

    def _check(self, pseudonym: str, purpose: str) -> bytes:
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"say why in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        sealed = self._store.applicants.named(pseudonym)
        if sealed is None:
            raise NotFound("this node gave nobody this pseudonym")
        return sealed

    def _approvers(self, pseudonym: str, purpose: str) -> frozenset[str]:
        """Distinct people whose yes counts now: recent, still here, still allowed to."""
        since = micros(self._clock()) - APPROVAL_DAYS * _DAY
        found = []
        for one in self._store.approvals.of(_digest(pseudonym, purpose)):
            caller = self._access.standing(one.user)
            if one.at >= since and caller is not None and self._access.may(caller, CHECK):
                found.append(one.user)
        return self._access.distinct_people(found)

    def _trusted(self) -> list[Peer]:
        now = micros(self._clock())
        return [
            one
            for one in self._store.peers.list()
            if one.status_at(now) is PeerStatus.TRUSTED and one.node_key is not None
        ]


def _digest(pseudonym: str, purpose: str) -> str:
    """What a yes is for: this pseudonym, for this purpose; case and spaces make no other."""
    told = ("applicant", pseudonym, " ".join(purpose.casefold().split()))
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _label(pseudonym: str) -> str:
    return f"applicant/pseudonym/{pseudonym}"
