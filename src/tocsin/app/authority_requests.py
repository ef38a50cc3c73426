"""Requests from authorities: one case, a stated basis, two people, a signed trail.

What the floor refuses (`cases.requests`) is kept as refused and counted: that somebody asked for a search is worth
knowing. A rule in DATA/requests.yaml, or a policy, refuses more; nothing allows more. What is handed over is an
evidence package, named here by its digest. The person concerned is told, unless a law with an end forbids it.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.cases.requests import (
    MAX_TEXT_CHARS,
    MIN_REASON_CHARS,
    SIGNED,
    NewRequest,
    bound,
    check_new,
    first_broken,
    floor_of,
    late,
    load_refusal_rules,
    notice,
)
from tocsin.kernel import BadInput, Caller, Clock, Conflict, Means, NotAllowed, NotFound, Role, micros
from tocsin.kernel.cases import Case, CaseFlag
from tocsin.kernel.requests import (
    Asked,
    AuthorityRequest,
    Floor,
    RequestState,
    RequestStep,
    RequestWords,
)
from tocsin.store.interface import Store
from tocsin.trust.key_history import verifies
from tocsin.trust.seal import Entropy

RULES_FILE = "requests.yaml"
READ, HANDLE, APPROVE = "request.read", "request.handle", "request.approve"
MAX_LISTED = 200
_PACKAGE = re.compile(r"sha256:[0-9a-f]{64}")
_OVER = frozenset({RequestState.REFUSED, RequestState.ANSWERED})


class CasesOf(Protocol):
    """Where cases are: one that a caller may not know of is not there."""

    def get(self, by: Caller, case_id: str) -> Case: ...


class ShownRequest(msgspec.Struct, frozen=True):
    """A request with its words and its trail. `broken` is the first step that does not hold, None where all do."""

    request: AuthorityRequest
    words: RequestWords
    steps: tuple[RequestStep, ...]
    broken: int | None
    late: bool


class AuthorityRequests:
    """Every look needs `request.read`; whoever opens one does not approve it."""

    def __init__(
        self,
        store: Store,
        access: Access,
        keys: Keyring,
        data: Path,
        clock: Clock,
        cases: CasesOf,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._keys = keys
        self._clock = clock
        self._cases = cases
        self._entropy = entropy
        self._rules = load_refusal_rules(data / RULES_FILE)

    def open(self, by: Caller, new: NewRequest) -> AuthorityRequest:
        """Take a request in. What the floor refuses is kept as refused, and comes back so.

        Raises NotAllowed, BadInput, and NotFound for a case that this person may not know of.
        """
        self._access.require(by, HANDLE)
        check_new(new)
        case = self._cases.get(by, new.cases[0]) if len(new.cases) == 1 else None
        if case is not None and self._store.authority_requests.shielded(case.id):
            case = msgspec.structs.replace(case, flags=(*case.flags, CaseFlag.JOURNALIST_SOURCE))
        now = micros(self._clock())
        refused = floor_of(
            new.cases,
            case,
            basis=new.words.basis,
            asked=new.asked,
            kind=new.kind,
            jurisdiction=new.jurisdiction,
            rules=self._rules,
        )
        request = AuthorityRequest(
            id=f"request_{self._entropy(8).hex()}",
            case=case.id if case else "",
            kind=new.kind,
            jurisdiction=new.jurisdiction,
            asked=new.asked,
            at=now,
            deadline=new.deadline,
            opened_by=by.user,
            state=RequestState.REFUSED if refused else RequestState.OPEN,
            emergency=new.emergency,
            refused_by=by.user if refused else None,
            refused_at=now if refused else 0,
            floor=refused[0] if refused else None,
        )
        words = new.words
        if refused:
            words = msgspec.structs.replace(words, reasons=(*words.reasons, refused[1]))
        with self._store.together():
            self._store.authority_requests.begin(request, self._sealed(request.id, words))
            self._step(by, request, "open", {"kind": request.kind.value, "emergency": int(request.emergency)})
            if request.floor is not None:
                self._step(by, request, "refuse", {"floor": request.floor.value})
        return request

    def approve(
        self,
        by: Caller,
        request_id: str,
        *,
        granted: Sequence[Asked] = (),
        reasons: str = "",
    ) -> AuthorityRequest:
        """A second person's yes, to all that is asked or to a part of it with reasons.

        Of what one person answered in an emergency it is the second word, asked for within EMERGENCY_HOURS and counted
        as late after that. Raises NotAllowed for who opened it, and for who is at the command line without a token.
        """
        self._access.require(by, APPROVE)
        request, words = self._found(by, request_id)
        self._require_second(by, request)
        given = tuple(dict.fromkeys(granted)) or request.asked
        if not set(given) <= set(request.asked):
            raise BadInput("grant what was asked or less, never more")
        alone = request.state is RequestState.ANSWERED and request.approved_by is None
        if not alone:
            self._require_state(request, RequestState.OPEN)
        elif set(given) != set(request.granted):
            raise BadInput("it was handed over already: approve that, or refuse it")
        partly = set(given) != set(request.asked)
        if partly and not alone:
            reasons = _stated(reasons)
        state = request.state if alone else RequestState.PARTLY if partly else RequestState.GRANTED
        now = micros(self._clock())
        return self._move(
            by,
            msgspec.structs.replace(
                request, state=state, granted=given, approved_by=by.user, approved_at=now
            ),
            _with(words, reasons),
            "confirm" if alone else "approve",
            {"granted": " ".join(given), "late": int(late(request, now))},
        )

    def refuse(self, by: Caller, request_id: str, *, reasons: str) -> AuthorityRequest:
        """Refuse it: one person is enough, for who asks has lost nothing of their own. Raises as `approve`."""
        self._access.require(by, HANDLE if self._access.may(by, HANDLE) else APPROVE)
        request, words = self._found(by, request_id)
        if request.state is RequestState.REFUSED or (
            request.state is RequestState.ANSWERED and request.approved_by is not None
        ):
            raise Conflict(f"this request is {request.state} already")
        return self._move(
            by,
            msgspec.structs.replace(
                request, state=RequestState.REFUSED, refused_by=by.user, refused_at=micros(self._clock())
            ),
            _with(words, _stated(reasons)),
            "refuse",
            {"answered": int(bool(request.answered_at))},
        )

    def answer(
        self,
        by: Caller,
        request_id: str,
        *,
        package: str = "",
        told: bool = False,
        bar: str = "",
        bar_until: int | None = None,
    ) -> AuthorityRequest:
        """Say that what was granted was handed over: the package by its digest, and whether the person was told.

        An emergency is answered before a second person says yes. Raises BadInput without a package where there is one
        to give, and without notice or a bar that ends.
        """
        self._access.require(by, HANDLE)
        request, words = self._found(by, request_id)
        now = micros(self._clock())
        if request.emergency and request.state is RequestState.OPEN:
            request = msgspec.structs.replace(request, granted=request.asked)
        else:
            self._require_state(request, RequestState.GRANTED, RequestState.PARTLY)
        gives = bool(set(request.granted) - {Asked.PRESERVE})
        if gives and not _PACKAGE.fullmatch(package):
            raise BadInput(
                "name the evidence package that was handed over, as sha256: and 64 hexadecimal digits"
            )
        if not gives and package:
            raise BadInput("nothing but preservation was granted: nothing is handed over")
        return self._move(
            by,
            msgspec.structs.replace(
                request,
                state=RequestState.ANSWERED,
                answered_at=now,
                package=package,
                notice=notice(now, told=told, bar=bar, bar_until=bar_until),
            ),
            words,
            "answer",
            {"package": package, "alone": int(request.approved_by is None), "told": int(told)},
        )

    def told(self, by: Caller, request_id: str) -> AuthorityRequest:
        """Say that the person concerned was told, once the bar ended or before."""
        self._access.require(by, HANDLE)
        request, words = self._found(by, request_id)
        self._require_state(request, RequestState.ANSWERED, RequestState.REFUSED)
        known = msgspec.structs.replace(request.notice, told=micros(self._clock()))
        return self._move(by, msgspec.structs.replace(request, notice=known), words, "notice", {})

    def shield(self, by: Caller, case_id: str, reasons: str) -> None:
        """Say of a case that it would tell who spoke to a journalist: from now on and for good, no request is granted.

        What was granted and not yet handed over is refused. Raises NotAllowed, NotFound, BadInput.
        """
        self._access.require(by, "case.work")
        case, said = self._cases.get(by, case_id), _stated(reasons)
        with self._store.together():
            self._store.authority_requests.shield(case.id, at=micros(self._clock()), by=by.user)
            self._access.audit(by.user, "request.shield", subject=case.id, purpose=said)
            for _, request in self._store.authority_requests.listed(case=case.id, limit=MAX_LISTED):
                if request.state in (RequestState.OPEN, RequestState.GRANTED, RequestState.PARTLY):
                    self._end(by, request, Floor.SOURCES, said)

    def listed(
        self, by: Caller, *, state: RequestState | None = None, case: str | None = None
    ) -> tuple[AuthorityRequest, ...]:
        """Those whose case this person may know of, newest first. Raises NotAllowed."""
        self._access.require(by, READ)
        found = self._store.authority_requests.listed(state=state, case=case, limit=MAX_LISTED)
        return tuple(request for _, request in found if self._visible(by, request))

    def due(self, by: Caller) -> tuple[tuple[AuthorityRequest, str], ...]:
        """What somebody should do about a request now, and what: "second", "deadline" or "notice"."""
        now = micros(self._clock())
        found = []
        for request in self.listed(by):
            if request.state is RequestState.ANSWERED and request.approved_by is None:
                found.append((request, "second"))
            elif request.state not in _OVER and request.deadline is not None and request.deadline <= now:
                found.append((request, "deadline"))
            elif request.notice.told is None and (request.notice.bar_until or now + 1) <= now:
                found.append((request, "notice"))
        return tuple(found)

    def show(self, by: Caller, request_id: str) -> ShownRequest:
        """One request with its words, which are people's: audited. Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        request, words = self._found(by, request_id)
        steps = self._store.authority_requests.steps(request_id)
        self._access.audit(by.user, "request.show", subject=request_id, purpose="")
        return ShownRequest(request, words, steps, self._broken(steps), late(request, micros(self._clock())))

    def _end(self, by: Caller, request: AuthorityRequest, floor: Floor, why: str) -> None:
        _, words = self._found(by, request.id)
        ended = msgspec.structs.replace(
            request,
            state=RequestState.REFUSED,
            floor=floor,
            refused_by=by.user,
            refused_at=micros(self._clock()),
        )
        self._move(by, ended, _with(words, why), "refuse", {"floor": floor.value})

    def _found(self, by: Caller, request_id: str) -> tuple[AuthorityRequest, RequestWords]:
        kept = self._store.authority_requests.get(request_id)
        if kept is None or not self._visible(by, kept[0]):
            raise NotFound("there is no such request: `tocsin request list` shows those that you may see")
        plain = self._keys.secrets.open(kept[1], _label(request_id))
        return kept[0], msgspec.msgpack.decode(plain, type=RequestWords)

    def _visible(self, by: Caller, request: AuthorityRequest) -> bool:
        if not request.case:
            return True
        try:
            self._cases.get(by, request.case)
        except (NotFound, NotAllowed):
            return False
        return True

    def _move(
        self,
        by: Caller,
        request: AuthorityRequest,
        words: RequestWords,
        act: str,
        detail: dict[str, str | int],
    ) -> AuthorityRequest:
        moved = msgspec.structs.replace(request, version=request.version + 1)
        with self._store.together():
            self._store.authority_requests.advance(moved, self._sealed(moved.id, words))
            self._step(by, moved, act, detail)
        return moved

    def _step(self, by: Caller, request: AuthorityRequest, act: str, detail: dict[str, str | int]) -> None:
        """One more step, bound to those before it and signed, and its line in the audit."""
        steps = self._store.authority_requests.steps(request.id)
        before = steps[-1].chain if steps else b""
        step = bound(
            RequestStep(
                request=request.id,
                number=len(steps) + 1,
                at=micros(self._clock()),
                by=by.user,
                act=act,
                detail=detail,
            ),
            before,
        )
        signature = self._keys.identity.sign(SIGNED + step.chain)
        self._store.authority_requests.add_step(msgspec.structs.replace(step, signature=signature))
        self._access.audit(
            by.user,
            f"request.{act}",
            subject=request.id,
            purpose=request.kind.value,
            outcome="refused" if act == "refuse" else "done",
            detail={**detail, "state": request.state.value, "chain": step.chain.hex()},
        )

    def _broken(self, steps: Sequence[RequestStep]) -> int | None:
        broken = first_broken(steps)
        if broken is not None:
            return broken
        own = self._keys.identity
        keys = {own.public, own.first, *(bytes.fromhex(one.new) for one in self._keys.history())}
        return next(
            (
                one.number
                for one in steps
                if not any(verifies(key, one.signature, SIGNED + one.chain) for key in keys)
            ),
            None,
        )

    def _require_second(self, by: Caller, request: AuthorityRequest) -> None:
        if by.means in (Means.OPERATOR, Means.STANDING) or by.has(Role.PEER, Role.SOURCE):
            raise NotAllowed(
                "a person approves this, with a token of their own: not whoever can read the folder"
            )
        if self._access.person(by.user) == self._access.person(request.opened_by):
            self._access.audit(
                by.user, "request.approve", subject=request.id, purpose="the same person", outcome="refused"
            )
            raise NotAllowed("whoever opened a request does not approve it: another person does")

    def _require_state(self, request: AuthorityRequest, *states: RequestState) -> None:
        if request.state not in states:
            wanted = " or ".join(state.value for state in states)
            raise Conflict(f"this request is {request.state}; for this it would be {wanted}")

    def _sealed(self, request_id: str, words: RequestWords) -> bytes:
        return self._keys.secrets.close(msgspec.msgpack.encode(words), _label(request_id))


def _stated(reasons: str) -> str:
    said = reasons.strip()
    if not MIN_REASON_CHARS <= len(said) <= MAX_TEXT_CHARS:
        raise BadInput(f"say why, in {MIN_REASON_CHARS} to {MAX_TEXT_CHARS:,} characters")
    return said


def _with(words: RequestWords, reasons: str) -> RequestWords:
    said = reasons.strip()
    return msgspec.structs.replace(words, reasons=(*words.reasons, said)) if said else words


def _label(request_id: str) -> str:
    return f"request/{request_id}"
