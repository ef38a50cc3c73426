"""What is asked of an applicant's wallet (OpenID4VP) and mailbox, each once, and what comes back.

A wallet fetches a signed request, posts its presentation, and is sent back to the person's browser with a code; only
whoever holds the applicant's secret and that code takes the result. So a request that somebody passes on to another
person's wallet verifies nobody. Until then the result lies sealed; the presentation is not kept at all.
"""

import hashlib
import hmac
import os
import secrets as _compare
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tocsin.admit.applicants import (
    Evidence,
    IssuerSource,
    by_mail,
    by_presentation,
    handle_of,
    normal_address,
)
from tocsin.app.applicants import Applicants, handle_label
from tocsin.app.keyring import Keyring
from tocsin.kernel import BadInput, Clock, Conflict, ProviderFault, Unavailable, micros
from tocsin.kernel.applicants import Applicant, EndedWhy, Method, Question, Stage, Verification
from tocsin.net import ProviderClient
from tocsin.store import Store
from tocsin.trust import openid
from tocsin.trust import report_receipts as receipts
from tocsin.trust.presentations import (
    Asked,
    Offer,
    PresentationRefused,
    Presented,
    Signer,
    Status,
    StatusList,
    StatusPlace,
    Why,
    read_list,
    read_response,
    request_object,
    verify,
)
from tocsin.trust.seal import Entropy

REQUEST_PATH, ANSWER_PATH, BACK_PATH = "/apply/request", "/apply/answer", "/apply/back"
QUESTION_SECONDS = 600
"""Until a wallet was found, opened, and its owner confirmed."""
MAIL_SECONDS = 3_600
MAX_WAITING = 8
"""Questions under way for one applicant; so many codes an hour go out in one's name, to whatever address."""
MAX_STATUS_BYTES = 2 << 20
"""A list of ten million credentials, packed, where few were taken back."""
WALLET = "openid4vp://authorize"
"""What opens a wallet on this device (OpenID4VP 1.0, section 13.1.2)."""
STATUS_TYPE = "application/statuslist+jwt"
_SECOND = 1_000_000
_STATE_BYTES = 32

Fetch = Callable[[IssuerSource, str], bytes]
Send = Callable[[str, str, str], None]
"""Channel, address, code."""


class ToWallet(msgspec.Struct, frozen=True):
    """Where a person's wallet is opened. `link` is for this very device."""

    link: str
    state: str
    expires: int


class Found(msgspec.Struct, frozen=True):
    """A result that waits to be taken."""

    evidence: Evidence
    source: str
    place: bytes = b""
    handle: bytes = b""
    person: str = ""


class ApplicantQuestions:
    """Asks wallets and mailboxes; `Applicants` keeps what they are worth."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        applicants: Applicants,
        signer: Callable[[], Signer],
        clock: Clock,
        *,
        public_url: str,
        send: Send,
        fetch: Fetch | None = None,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._keys = keys
        self._applicants = applicants
        self._signer = signer
        self._clock = clock
        self._base = public_url.rstrip("/")
        self._send = send
        self._fetch = fetch or _fetched
        self._entropy = entropy

    def ask_wallet(self, number: str, secret: str, source: str) -> ToWallet:
        """A question to the wallet of an applicant. Raises NotFound, BadInput, Conflict, Unavailable."""
        applicant = self._applicants.opened(number, secret)
        if self._applicants.sources.issuer(source) is None:
            raise BadInput("choose one of the listed issuers")
        if not self._base.startswith("https://"):
            raise Unavailable("wallets answer over https alone: the operator sets public_url")
        question = self.begin(applicant, Method.PRESENTATION, source, QUESTION_SECONDS)
        link = ProviderClient.with_query(
            WALLET,
            {
                "client_id": self._signer().client_id,
                "request_uri": f"{self._base}{REQUEST_PATH}/{question.state}",
            },
        )
        return ToWallet(link, question.state, question.expires)

    def request(self, state: str) -> str:
        """The request object of a question, while it is open. Raises PresentationRefused."""
        question = self._open(state)
        source = self._source(question)
        return request_object(
            self._signer(),
            Offer(
                state=state,
                nonce=question.nonce,
                response_uri=f"{self._base}{ANSWER_PATH}/{state}",
                types=tuple(source.gives),
                claims=(source.subject,) if source.subject else (),
                made=question.made // _SECOND,
                expires=question.expires // _SECOND,
            ),
        )

    def answer(self, state: str, fields: Mapping[str, str]) -> str:
        """What a wallet posted; returns where it sends the person back to. Raises PresentationRefused, once for all.

        1. The question is open. 2. The answer is to it. 3. The presentation holds, for this verifier and this nonce.
        4. Its issuer did not take it back. 5. It is used once: of two at a time one is refused.
        """
        question = self._open(state)  # 1
        try:
            found = self._judged(question, fields)
        except PresentationRefused as refused:
            kept = msgspec.structs.replace(question, stage=Stage.REFUSED, why=refused.why.value)
            self._store.applicants.step(kept, Stage.ASKED)
            raise
        code = self.answered(question, found)
        if not code:  # 5
            raise PresentationRefused(Why.REPLAYED, "this question was answered already: begin anew")
        return ProviderClient.with_query(f"{self._base}{BACK_PATH}", {"code": code})

    def ask_mail(self, number: str, secret: str, address: str) -> int:
        """Send a code to an address, which is then forgotten; returns until when it counts. Raises as `ask_wallet`."""
        applicant = self._applicants.opened(number, secret)
        sources = self._applicants.sources
        if not sources.mail:
            raise Unavailable("this node sends no codes: choose another way")
        address = normal_address(address)
        question = self.begin(applicant, Method.MAIL, "", MAIL_SECONDS)
        salted = hmac.digest(self._entropy(_STATE_BYTES), address.encode(), "sha256").hex()
        evidence = by_mail(sources, address, digest=salted, now=self._applicants.now())
        domain = address.rpartition("@")[2]
        named = self._applicants.source_of(domain) if domain in sources.organisations else ""
        self._send(sources.mail, address, self.answered(question, Found(evidence, named)))
        return question.expires

    def take(self, number: str, secret: str, code: str) -> Verification:
        """Take what a wallet or a mailbox showed, with the code that came back. Raises NotFound, BadInput, Conflict."""
        applicant = self._applicants.opened(number, secret)
        given, now = receipts.digest_of(code), self._applicants.now()
        for question in self._store.applicants.asked_of(applicant.number):
            if question.stage is not Stage.ANSWERED or question.expires <= now:
                continue
            if _compare.compare_digest(question.code, given):
                return self._taken(applicant, question)
        raise BadInput("this code is not of a question that is open for this number: begin anew")

    def outcomes(self, number: str) -> tuple[Question, ...]:
        """Questions of an applicant that are not forgotten yet, for their page: why one was refused."""
        return self._store.applicants.asked_of(number)

    def recheck(self) -> int:
        """Ask again after the status of every credential that a result stands on; returns how many ended.

        A list that cannot be had ends nothing: it is asked again, and the result ends by its time. Each list is asked
        for once, however many stand on it: an issuer learns no more than that this node looks.
        """
        ended = 0
        for source in self._applicants.sources.issuers:
            for uri, standing in self._standing_on(source).items():
                listed = self._listed(source, uri)
                for result, place in standing:
                    try:
                        _require_valid(listed, place)
                    except PresentationRefused as refused:
                        if refused.why is Why.STATUS_UNKNOWN:
                            continue
                        self._applicants.end(result, EndedWhy.ISSUER_REVOKED)
                        ended += 1
        return ended

    def _standing_on(self, source: IssuerSource) -> dict[str, list[tuple[Verification, StatusPlace]]]:
        """Results in force that an issuer vouched for and can take back, by the address of their list."""
        found: dict[str, list[tuple[Verification, StatusPlace]]] = {}
        for result in self._store.applicants.of_source(self._applicants.source_of(source.issuer)):
            if result.place and result.stands(self._applicants.now()):
                plain = self._keys.secrets.open(result.place, _place_label(result.applicant))
                place = msgspec.msgpack.decode(plain, type=StatusPlace)
                found.setdefault(place.uri, []).append((result, place))
        return found

    def begin(
        self, applicant: Applicant, method: Method, source: str, seconds: int, *, hidden: bytes = b""
    ) -> Question:
        """A new question, with what only its answer may be read by, sealed. Raises Conflict."""
        if self._applicants.waiting(applicant.number) >= MAX_WAITING:
            raise Conflict("several questions are open for this number: answer one, or wait an hour")
        now, state = self._applicants.now(), self._entropy(_STATE_BYTES).hex()
        question = Question(
            state=state,
            applicant=applicant.number,
            method=method,
            source=source,
            nonce=self._entropy(_STATE_BYTES).hex(),
            made=now,
            expires=now + seconds * _SECOND,
            found=self._keys.secrets.close(hidden, question_label(state)) if hidden else b"",
        )
        self._store.applicants.ask(question)
        return question

    def answered(self, question: Question, found: Found, before: Stage = Stage.ASKED) -> str:
        """Let a result wait; returns the code that takes it, or nothing where another answer was faster."""
        code = receipts.draw_secret(self._entropy)
        sealed = self._keys.secrets.close(msgspec.msgpack.encode(found), question_label(question.state))
        waiting = msgspec.structs.replace(
            question, stage=Stage.ANSWERED, code=receipts.digest_of(code), found=sealed
        )
        return code if self._store.applicants.step(waiting, before) else ""

    def _open(self, state: str) -> Question:
        question = self._store.applicants.question(state[: 2 * _STATE_BYTES])
        if question is None or question.expires <= self._applicants.now():
            raise PresentationRefused(Why.STALE_REQUEST, "this question is not open any more: begin anew")
        if question.stage is not Stage.ASKED or question.method is not Method.PRESENTATION:
            raise PresentationRefused(Why.REPLAYED, "this question was answered already: begin anew")
        return question

    def _source(self, question: Question) -> IssuerSource:
        source = self._applicants.sources.issuer(question.source)
        if source is None:
            raise PresentationRefused(Why.UNKNOWN_ISSUER, "the operator no longer believes this issuer")
        return source

    def _judged(self, question: Question, fields: Mapping[str, str]) -> Found:
        response = read_response(fields)
        if not hmac.compare_digest(response.state.encode(), question.state.encode()):  # 2
            raise PresentationRefused(Why.STALE_REQUEST, "this answers another question")
        if response.declined:
            raise PresentationRefused(Why.DECLINED, "the wallet's owner declined")
        source, now = self._source(question), micros(self._clock())
        asked = Asked(
            audience=self._signer().client_id,
            nonce=question.nonce,
            now=now // _SECOND,
            types=tuple(source.gives),
            claims=(source.subject,) if source.subject else (),
        )
        presented = verify(response.presentation, {source.issuer: _keys(source)}, asked)  # 3
        if presented.status is not None:  # 4
            _require_valid(self._listed(source, presented.status.uri), presented.status)
        elif source.status_needed:
            raise PresentationRefused(
                Why.STATUS_UNKNOWN, "this issuer's credentials say where their status stands"
            )
        return self._found(question, source, presented, now)

    def _found(self, question: Question, source: IssuerSource, presented: Presented, now: int) -> Found:
        evidence = by_presentation(
            source, presented.type, expires=presented.expires, digest=presented.digest, now=now
        )
        seal, number = self._keys.secrets, question.applicant
        place, handle, person = b"", b"", ""
        if presented.status is not None:
            place = seal.close(msgspec.msgpack.encode(presented.status), _place_label(number))
        if source.subject:
            named: Any = presented.claims[source.subject]
            if not isinstance(named, str) or not 0 < len(named) <= openid.MAX_SUBJECT_CHARS:
                raise PresentationRefused(
                    Why.MISSING, "what the issuer calls its holder is no name of that kind"
                )
            plain = handle_of(presented.issuer, named)
            handle, person = seal.close(plain, handle_label(number)), self._applicants.person_of(plain)
        return Found(evidence, self._applicants.source_of(source.issuer), place, handle, person)

    def _listed(self, source: IssuerSource, uri: str) -> StatusList | PresentationRefused:
        """A list of an issuer, or why it could not be had. It is asked of hosts that the operator named alone."""
        try:
            content = self._fetch(source, uri)
            text, now = content.decode("ascii", "replace").strip(), micros(self._clock()) // _SECOND
            return read_list(text, _keys(source).keys, uri=uri, now=now)
        except PresentationRefused as refused:
            return refused
        except ProviderFault:
            return PresentationRefused(Why.STATUS_UNKNOWN, "its status could not be asked after just now")

    def _taken(self, applicant: Applicant, question: Question) -> Verification:
        plain = self._keys.secrets.open(question.found, question_label(question.state))
        found = msgspec.msgpack.decode(plain, type=Found)
        with self._store.together():
            taken = msgspec.structs.replace(question, stage=Stage.TAKEN, found=b"", code=b"")
            if not self._store.applicants.step(taken, Stage.ANSWERED):
                raise Conflict("this was taken already: look at your page")
            return self._applicants.grant(
                applicant,
                found.evidence,
                source=found.source,
                person=found.person,
                place=found.place,
                handle=found.handle,
            )


def _require_valid(listed: StatusList | PresentationRefused, place: StatusPlace) -> None:
    """That a credential stands in its list as valid. Raises PresentationRefused."""
    if isinstance(listed, PresentationRefused):
        raise listed
    match listed.at(place.index):
        case Status.VALID:
            return
        case Status.SUSPENDED:
            raise PresentationRefused(Why.SUSPENDED, "its issuer suspended it: ask there")
        case Status.REVOKED | Status.OTHER:
            raise PresentationRefused(Why.REVOKED, "its issuer took it back: ask there")


def _keys(source: IssuerSource) -> Any:
    return openid.read_keys(msgspec.json.encode(source.keys))


def _fetched(source: IssuerSource, url: str) -> bytes:
    if not source.status_hosts:
        raise ProviderFault("no host is named for its status lists: status_hosts in applicants.yaml")
    first, *others = source.status_hosts
    client = ProviderClient(
        f"https://{first}", hosts=tuple(others), allow_private=source.allow_private, limit=MAX_STATUS_BYTES
    )
    return client.get(url, accept=STATUS_TYPE)


def question_label(state: str) -> str:
    """What binds what is sealed to its question."""
    return f"applicant/question/{hashlib.sha256(state.encode()).hexdigest()}"


def _place_label(number: str) -> str:
    return f"applicant/{number}/status"


def code_letter(node: str, code: str) -> dict[str, str]:
    """Subject and text of the mail with a code; in the three languages of the page, as nobody's is kept."""
    return {
        "subject": f"{node}: {code[:4]}…",
        "text": (
            f"Code for {node}, for one hour. If you did not ask for it, do nothing.\n"
            f"{node} 的验证码，一小时内有效。如果不是您本人申请，请忽略。\n"
            f"{node}-д зориулсан код, нэг цаг хүчинтэй. Та хүсээгүй бол юу ч бүү хий.\n\n{code}\n"
        ),
    }
