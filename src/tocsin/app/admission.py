"""Access decisions of this node: may this user do this, with this capability of this model?

An answer is held as long as nothing changed that it rests on, which is looked at every second; no answer is given on a
look older than HOLD_SECONDS, so a revocation or another policy counts within STALE_SECONDS. Where the store cannot be
read nothing is granted.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Protocol

import msgspec

from tocsin.app.access import Access
from tocsin.app.admission_log import AdmissionLog
from tocsin.app.admission_rules import AdmissionRules, Stamp
from tocsin.app.admission_views import encoded
from tocsin.kernel import BadInput, Caller, Clock, NotFound, Unavailable, micros
from tocsin.kernel.admission import AccessAnswer, AccessMarks, AccessReason, AccessRequest, Subject
from tocsin.kernel.release import ReleaseDecision
from tocsin.store.interface import Store
from tocsin.wire.authzen import read_evaluation

if TYPE_CHECKING:  # Cedar and cryptography: only who decides loads them
    from tocsin.admit import Known
    from tocsin.trust.signing_keys import PublicKey

DECIDE, READ = "access.decide", "access.read"

STALE_SECONDS = 5.0
"""The promise: no answer rests on a policy, a grant or a standing that ended longer ago."""

HOLD_SECONDS = 3.0
"""What is held is given on a look at the store no older than this; the rest of the promise is for work under way."""

LOOK_SECONDS = 1.0
"""Between two looks at what answers rest on, while somebody asks."""

COUNT_SECONDS = 5.0
"""Between two writings of how often an answer was repeated: more often would cost more than the answers."""

MAX_HELD = 100_000
"""Answers held, some 1 KiB each; beyond it the memory starts afresh. A caller cannot grow it without end."""

MAX_NAMES = 1_000
"""Models that are asked for by name; a caller cannot grow it without end."""

MAX_HELD_BODY = 4_096
"""Bytes of a request that is known again as it came; longer ones are read each time."""

_SECOND = 1_000_000
_UNREADABLE = "admission.policies-unreadable"


class SubjectsOf(Protocol):
    """Where this node keeps who was verified."""

    def subject(self, subject_id: str) -> Subject | None:
        """What counts of somebody by now; None for nobody that is known."""
        ...


class NobodyVerified:
    """A node without a register of end users: everybody is unverified but for what a grant vouches for."""

    def subject(self, subject_id: str) -> Subject | None:
        return None


class Answered(msgspec.Struct, frozen=True):
    """An answer, as JSON too, and the name under which it is counted; "" for one that is not."""

    answer: AccessAnswer
    body: bytes
    logged: str = ""


class _Basis(msgspec.Struct, frozen=True):
    """What answers rest on, as of a look at the store. The same `version` means the same answers."""

    version: int
    looked: int
    rests: tuple[AccessMarks, Stamp, date]
    """Marks of the store, stamp of the files, the day."""


class _Held(msgspec.Struct, frozen=True):
    answered: Answered
    version: int
    made: int
    until: int | None


class Admission:
    """Decides, holds what it decided, and counts what refused or obliged."""

    def __init__(
        self,
        store: Store,
        access: Access,
        rules: AdmissionRules,
        log: AdmissionLog,
        clock: Clock,
        *,
        subjects: SubjectsOf | None = None,
        keys: "Callable[[], Sequence[PublicKey]]" = tuple,
        artefact_of: Callable[[str], str],
    ) -> None:
        self._store = store
        self._access = access
        self._rules = rules
        self._log = log
        self._clock = clock
        self._subjects = subjects or NobodyVerified()
        self._keys = keys
        self._artefact_of = artefact_of
        self._turn = threading.Lock()
        self._basis: _Basis | None = None
        self._held: dict[AccessRequest, _Held] = {}
        self._read: dict[bytes, AccessRequest] = {}
        self._names: dict[str, str] = {}
        self._asked = False

    def attributes(self) -> tuple[str, ...]:
        """What overlays that are on ask for beside the question; nothing by default. Raises BadInput."""
        return self._rules.files().attributes

    def overlays(self) -> tuple[str, ...]:
        """The ids of the overlays that are on. Raises BadInput."""
        return tuple(one.id for one in self._rules.files().overlays)

    def decide(self, by: Caller, request: AccessRequest) -> AccessAnswer:
        """The answer, counted where it refuses or obliges. Raises NotAllowed, Unavailable."""
        self._access.require(by, DECIDE)
        return self.answered(request).answer

    def explain(self, by: Caller, request: AccessRequest) -> AccessAnswer:
        """What would be answered; nothing is counted. Raises NotAllowed, Unavailable."""
        self._access.require(by, READ)
        return self._decided(request, micros(self._clock()), self._look())[0]

    def answered(self, request: AccessRequest) -> Answered:
        """As `decide`, for a caller who was asked already. Raises Unavailable."""
        now = micros(self._clock())
        held = self._holds(request, now)
        if held is not None:
            return held
        basis = self._look()
        answer, until = self._decided(request, now, basis)
        logged = self._log.first(request, self._names.get(request.model, ""), answer, now)
        made = Answered(answer, encoded(answer), logged)
        if not request.control:  # of one act, and as long as the rest together
            if len(self._held) >= MAX_HELD:
                self._held.clear()
            self._held[request] = _Held(made, basis.version, now, until)
        return made

    def read(self, body: bytes) -> Answered:
        """The answer to a question as it came, in AuthZEN's form. Raises BadInput, TooLarge, Unavailable."""
        request = read_evaluation(body, self.attributes())
        answered = self.answered(request)
        if len(body) <= MAX_HELD_BODY and not request.control:
            if len(self._read) >= MAX_HELD:
                self._read.clear()
            self._read[body] = request
        return answered

    def held(self, body: bytes) -> Answered | None:
        """The answer to a question that came before just so, where it still holds; reads nothing and blocks nobody."""
        request = self._read.get(body)
        return None if request is None else self._holds(request, micros(self._clock()))

    def _holds(self, request: AccessRequest, now: int) -> Answered | None:
        """An answer that was given and still holds; it is counted. None where a look at the store is needed."""
        basis, kept = self._basis, self._held.get(request)
        self._asked = True
        if basis is None or kept is None or kept.version != basis.version:
            return None
        fresh = 0 <= now - basis.looked < HOLD_SECONDS * _SECOND and kept.made <= now
        if not fresh or (kept.until is not None and now >= kept.until):
            return None
        return kept.answered if self._log.again(kept.answered.logged, now) else None

    def tick(self) -> None:
        """Look at what answers rest on, if anybody asked since."""
        if self._asked:
            self._asked = False
            self._look(older_than=0.0)

    def flush(self) -> None:
        """Write down what was counted. A store that cannot be written to loses the last seconds' count."""
        with suppress(Unavailable):
            self._log.flush()

    def _look(self, *, older_than: float = LOOK_SECONDS) -> _Basis:
        """What answers rest on, by a look no older than this (seconds). Raises Unavailable."""
        with self._turn:
            now = self._clock()
            basis, moment = self._basis, micros(now)
            if basis is not None and 0 <= moment - basis.looked < older_than * _SECOND:
                return basis
            marks = self._store.admission.marks()
            names = {name: self._resolved(name) for name in list(self._names)}
            rests = (marks, self._rules.stamp(), now.date())
            version = 0 if basis is None else basis.version
            if basis is None or basis.rests != rests or self._names != names:
                version += 1
                self._rules.forget([name for _, name in marks.releases])
                self._names = names
                self._read = {}
                self._held = {}
            self._basis = _Basis(version, moment, rests)
            return self._basis

    def _artefact(self, model: str) -> str:
        """The artefact that a name stands for, "" for none; looked up again with everything else."""
        if model not in self._names:
            if len(self._names) >= MAX_NAMES:
                self._names = {}
            self._names[model] = self._resolved(model)
        return self._names[model]

    def _resolved(self, model: str) -> str:
        try:
            return self._artefact_of(model)
        except NotFound:
            return ""

    def _decided(self, request: AccessRequest, now: int, basis: _Basis) -> tuple[AccessAnswer, int | None]:
        """1. The model and its release decision. 2. The operator's rules. 3. What is known. 4. The decision."""
        from tocsin.admit import decide, question_of, said, without_release

        artefact, today = self._artefact(request.model), basis.rests[2].isoformat()
        release = self._rules.release(artefact, today) if artefact else None  # 1
        try:
            ruled = None if release is None else self._rules.of(release)  # 2
            overlays = self.overlays()
        except (BadInput, OSError):
            reason = AccessReason(_UNREADABLE, said(_UNREADABLE))
            return AccessAnswer(granted=False, reasons=(reason,)), None
        if release is None or ruled is None:
            return without_release(overlays), None
        known = self._known(request, artefact)  # 3
        question, until = question_of(request, known, ruled.attributes, now)
        moments = [_ends(release), *([] if until is None else [until])]
        return decide(question, ruled), min(moments)  # 4

    def _known(self, request: AccessRequest, artefact: str) -> "Known":
        from tocsin.admit import Known
        from tocsin.admit.control import NONE, read_control

        record = read_control(request.control, self._keys()) if request.control else NONE
        return Known(
            artefact=artefact,
            subject=self._subjects.subject(request.subject) or Subject(request.subject),
            grants=self._store.admission.grants(subject=request.subject, artefact=artefact),
            capability=self._store.admission.capability(artefact, request.capability),
            record=record,
            look=None if isinstance(record, str) else self._store.admission.look(record.look),
        )


def _ends(release: ReleaseDecision) -> int:
    """The moment from which a release decision no longer counts."""
    return micros(datetime.combine(date.fromisoformat(release.expires), time(), UTC))
