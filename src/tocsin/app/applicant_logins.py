"""An applicant logs in at an OpenID provider that the operator named; what its ID token is worth waits to be taken.

The same line as for the people of this node (`openid_line`): authorization code, PKCE, state, nonce, exact redirect.
State is the question's own. A browser that comes back gets a code, and only with the applicant's secret does it count:
an address that somebody passes on to another person verifies nobody. No claim is kept, and none is told.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import msgspec
import structlog

from tocsin.admit.applicants import ProviderSource, by_login, handle_of
from tocsin.app.applicant_questions import (
    QUESTION_SECONDS,
    ApplicantQuestions,
    Found,
    ToWallet,
    question_label,
)
from tocsin.app.applicants import Applicants
from tocsin.app.keyring import Keyring
from tocsin.app.openid_line import MAX_ANSWER_CHARS, Asking, OpenIdLine
from tocsin.kernel import BadInput, Clock, ProviderFault, TocsinError, Unavailable
from tocsin.kernel.applicants import Method, Question, Stage
from tocsin.store import Store
from tocsin.trust import openid
from tocsin.trust.openid import Expected
from tocsin.trust.seal import Entropy

LOGIN_PATH = "/apply/login"
"""Where a provider sends people back to, under public_url: the redirect_uri to register there."""
_SECOND = 1_000_000
_STATE_CHARS = 64

_log = structlog.get_logger(__name__)


class LoginWhy(StrEnum):
    """Why a log-in was worth nothing, for a page to say in the person's language."""

    STALE = "login-stale"
    """No question of this state is open: never asked, too late, or answered already."""
    DECLINED = "login-declined"
    ISSUER = "login-issuer"
    """The answer is another issuer's, or the operator no longer names this one."""
    AWAY = "login-away"
    UNTRUSTED = "login-untrusted"
    UNVERIFIED = "login-unverified"
    """The token holds, and says nothing of a person that the operator gave a level."""


class ApplicantLoginRefused(TocsinError):
    """A log-in verified nobody. Its message names no claim and no value."""

    code = "applicant-login-refused"
    status = 403
    exit_code = 1

    def __init__(self, why: LoginWhy, message: str) -> None:
        super().__init__(message)
        self.why = why


class ToProvider(ToWallet, frozen=True):
    """Where a person logs in. `name` is what the operator calls the provider."""

    name: str


class ApplicantLogins:
    """Sends applicants to the named providers, and judges what comes back."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        applicants: Applicants,
        questions: Callable[[], ApplicantQuestions],
        clock: Clock,
        *,
        public_url: str,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._keys = keys
        self._applicants = applicants
        self._questions = questions
        self._clock = clock
        self._base = public_url.rstrip("/")
        self._entropy = entropy
        self._lines: dict[str, OpenIdLine] = {}

    @property
    def back(self) -> str:
        """The address that a provider must know as this node's for applicants (redirect_uri)."""
        return f"{self._base}{LOGIN_PATH}"

    def begin(self, number: str, secret: str, name: str) -> ToProvider:
        """A log-in for an applicant. Raises NotFound, BadInput, Conflict, Unavailable."""
        applicant = self._applicants.opened(number, secret)
        source = self._applicants.sources.provider(name)
        if source is None:
            raise BadInput("choose one of the listed providers")
        if not self._base.startswith("https://"):
            raise Unavailable("applicants come back over https alone: the operator sets public_url")
        line = self._line(source)
        try:
            line.known()  # before a question is spent on a provider that is away
            verifier = openid.new_verifier(self._entropy)
            question = self._questions().begin(
                applicant, Method.LOGIN, name, QUESTION_SECONDS, hidden=verifier.encode()
            )
            address = line.address(self._asking(question, verifier), _scopes(source), _wanted(source))
        except ProviderFault as fault:
            self._log(line, fault)
            raise Unavailable("this provider cannot be reached just now: choose another way") from fault
        return ToProvider(address, question.state, question.expires, name)

    def finish(self, answer: Mapping[str, str]) -> str:
        """What a browser brought back; returns the code that takes it. Raises ApplicantLoginRefused, once for all.

        1. A question of this `state` is open, and is used up now: of two answers one goes on. 2. `iss` is the
        provider's. 3. It is no refusal. 4. The code is exchanged, with the verifier. 5. The ID token holds, with this
        question's nonce. 6. The operator gave what it says a level.
        """
        question = self._used(answer.get("state", "")[:_STATE_CHARS])  # 1
        try:
            found = self._judged(question, answer)
        except ApplicantLoginRefused as refused:
            kept = msgspec.structs.replace(question, stage=Stage.REFUSED, found=b"", why=refused.why.value)
            self._store.applicants.step(kept, Stage.REFUSED)
            raise
        code = self._questions().answered(question, found, Stage.REFUSED)
        if not code:
            raise _stale()
        return code

    def _used(self, state: str) -> Question:
        question = self._store.applicants.question(state)
        if question is None or question.method is not Method.LOGIN or question.stage is not Stage.ASKED:
            raise _stale()
        if question.expires <= self._applicants.now():
            raise _stale()
        used = msgspec.structs.replace(
            question, stage=Stage.REFUSED, found=b"", why=LoginWhy.AWAY.value
        )  # what stays if this process ends in the middle
        if not self._store.applicants.step(used, Stage.ASKED):
            raise _stale()
        return question

    def _judged(self, question: Question, answer: Mapping[str, str]) -> Found:
        source = self._applicants.sources.provider(question.source)
        if source is None:
            raise ApplicantLoginRefused(LoginWhy.ISSUER, "the operator no longer believes this provider")
        line = self._line(source)
        with self._refusing(line, LoginWhy.AWAY):
            line.known()
        with self._refusing(line, LoginWhy.ISSUER):
            line.require_own(answer)  # 2
        code = answer.get("code", "")
        if "error" in answer or not 0 < len(code) <= MAX_ANSWER_CHARS:  # 3
            raise ApplicantLoginRefused(LoginWhy.DECLINED, "the provider let nobody in")
        verifier = self._keys.secrets.open(question.found, question_label(question.state)).decode()
        with self._refusing(line, LoginWhy.AWAY):
            token = line.token(code, self._asking(question, verifier))  # 4
        now = self._applicants.now()
        expected = Expected(source.issuer, source.client, question.nonce, now // _SECOND)
        with self._refusing(line, LoginWhy.UNTRUSTED):
            claims = line.verified(token, expected, openid.verified_claims)  # 5
        return self._found(source, token, claims, now)

    def _found(self, source: ProviderSource, token: str, claims: dict[str, Any], now: int) -> Found:
        digest = hashlib.sha256(token.encode()).hexdigest()
        evidence = by_login(self._applicants.sources, source, claims, digest=digest, now=now)  # 6
        if evidence is None:
            raise ApplicantLoginRefused(
                LoginWhy.UNVERIFIED, "the provider verified nothing of this person that counts here"
            )
        person = self._applicants.person_of(handle_of(source.issuer, claims["sub"]))
        return Found(evidence, self._applicants.source_of(source.issuer), person=person)

    def _asking(self, question: Question, verifier: str) -> Asking:
        return Asking(question.state, question.nonce, verifier, self.back)

    def _line(self, source: ProviderSource) -> OpenIdLine:
        """One for each provider as long as this node runs; of two made at once one is used no more."""
        if source.name not in self._lines:
            self._lines[source.name] = OpenIdLine(
                source.issuer,
                source.client,
                self._keys.client_secret(source.name),
                self._clock,
                hosts=source.hosts,
                allow_private=source.allow_private,
            )
        return self._lines[source.name]

    @contextmanager
    def _refusing(self, line: OpenIdLine, why: LoginWhy) -> Iterator[None]:
        """What the provider does wrong becomes a refusal; the log says what, the page does not."""
        try:
            yield
        except ProviderFault as fault:
            self._log(line, fault)
            raise ApplicantLoginRefused(why, fault.message) from fault

    @staticmethod
    def _log(line: OpenIdLine, fault: ProviderFault) -> None:
        _log.warning("applicant.provider", provider=line.host, reason=fault.message)


def _stale() -> ApplicantLoginRefused:
    return ApplicantLoginRefused(LoginWhy.STALE, "no log-in of this kind is open any more: begin anew")


def _scopes(source: ProviderSource) -> tuple[str, ...]:
    """No more than what is judged: without a need for the address it is not asked for."""
    return ("openid", "email") if source.email or source.organisations else ("openid",)


def _wanted(source: ProviderSource) -> dict[str, str]:
    """How sure the provider should be, where that is what is judged (OpenID Connect Core, 3.1.2.1)."""
    if source.legal is None or source.legal.claim != "acr":
        return {}
    values = [value for value in source.legal.values if isinstance(value, str)]
    return {"acr_values": " ".join(values)} if values else {}
