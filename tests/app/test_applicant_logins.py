"""Applicants log in at a provider that the operator named, over real sockets: what counts, every lie that does not."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa

from tests.applicants import BASE, World
from tests.fixtures import Made
from tests.openid_provider import CLIENT, OpenIdProvider, another_key, unsigned
from tocsin.app.applicant_logins import LOGIN_PATH, ApplicantLoginRefused, ApplicantLogins, LoginWhy
from tocsin.kernel import BadInput, Conflict, NotFound, Unavailable
from tocsin.kernel.admission import SubjectStanding, VerificationLevel
from tocsin.kernel.applicants import EndedWhy, Method, Stage, Verification
from tocsin.kernel.reports import ReportReceipt
from tocsin.store.every_table import metadata

pytestmark = pytest.mark.net

SECRET = "lottery-refund-secret"
HIGH = "https://levels.example/high"
MAIL = "Quillfeather@university.example"
CLAIMS = {
    "email": MAIL,
    "email_verified": True,
    "name": "Quillfeather Ash",
    "locale": "mn-MN",
    "birthdate": "1987-03-02",
}


class Logins:
    """A node, one provider that it believes, and a browser between them."""

    def __init__(self, made: Made, provider: OpenIdProvider) -> None:
        self.provider = provider
        source = {
            "name": "campus",
            "issuer": provider.issuer,
            "client": CLIENT,
            "email": True,
            "organisations": ["university.example"],
            "legal": {"values": [HIGH]},
            "allow_private": True,
        }
        self.world = World(made, providers=[source])
        self.node = made.node
        self.node.keys.keep_client_secret(SECRET, "campus")
        self.logins = ApplicantLogins(
            self.node.store,
            self.node.keys,
            self.node.applicants,
            lambda: self.world.questions,
            made.clock,
            public_url=BASE,
        )
        self.receipt = self.node.applicants.apply()

    def begin(self) -> str:
        return self.logins.begin(self.receipt.number, self.receipt.secret, "campus").link

    def came(self) -> Verification:
        """From the page to the provider, back, and taken."""
        return self.take(self.logins.finish(self.provider.let_in(self.begin())))

    def take(self, code: str, receipt: ReportReceipt | None = None) -> Verification:
        receipt = receipt or self.receipt
        return self.world.questions.take(receipt.number, receipt.secret, code)

    def results(self) -> tuple[Verification, ...]:
        return self.node.applicants.follow(self.receipt.number, self.receipt.secret).results


@pytest.fixture
def logins(copied: Made) -> Iterator[Logins]:
    with OpenIdProvider(lambda: copied.now.timestamp(), secret=SECRET) as provider:
        provider.claims = dict(CLAIMS)
        yield Logins(copied, provider)


def why(act: Callable[[], object], said: str | None = None) -> LoginWhy:
    with pytest.raises(ApplicantLoginRefused, match=said) as refused:
        act()
    return refused.value.why


def test_what_is_said_gives_the_level_that_the_operator_named(logins: Logins) -> None:
    found = logins.came()
    assert (found.level, found.method) == (VerificationLevel.ORGANISATION, Method.LOGIN)
    assert found.until == found.at + 90 * 86_400_000_000
    logins.provider.claims["email"] = "ash@mail.example"
    assert logins.came().level is VerificationLevel.EMAIL
    logins.provider.claims = {"acr": HIGH}
    found = logins.came()
    assert found.level is VerificationLevel.LEGAL_IDENTITY
    assert found.until == found.at + 365 * 86_400_000_000
    assert found.source == logins.node.applicants.source_of(logins.provider.issuer)
    subject = logins.node.applicants.follow(logins.receipt.number, logins.receipt.secret).subject
    assert subject.level(logins.node.applicants.now()) is VerificationLevel.LEGAL_IDENTITY
    assert logins.provider.refusals == []
    # whom the operator believes no more vouches for nothing
    by = logins.world.reviewer()
    assert logins.node.applicants.drop(by, logins.provider.issuer, "It lets anybody in.") == 3
    assert {one.why_ended for one in logins.results()} == {EndedWhy.SOURCE_DROPPED}


def test_no_table_and_no_file_holds_a_claim(logins: Logins, capfd: pytest.CaptureFixture[str]) -> None:
    tokens: list[str] = []

    def kept(claims: dict[str, Any]) -> str:
        tokens.append(logins.provider._sign(claims))
        return tokens[-1]

    logins.provider.sign = kept
    address = logins.begin()
    back = logins.provider.let_in(address)
    code = logins.logins.finish(back)
    held = everything(logins)  # while it waits
    result = logins.take(code)
    logins.provider.claims["email_verified"] = False
    assert why(logins.came) is LoginWhy.UNVERIFIED
    held += everything(logins)
    assert result.evidence == f"sha256:{hashlib.sha256(tokens[0].encode()).hexdigest()}"
    assert result.evidence.encode() in held  # it was looked at where things are
    values = [str(one) for one in CLAIMS.values() if isinstance(one, str)]
    values += [MAIL.lower(), MAIL.partition("@")[0].lower(), logins.provider.who, SECRET, back["code"]]
    values += [code, *tokens, *tokens[0].split(".")]
    logged = "".join(capfd.readouterr())
    for value in values:
        digest = hashlib.sha256(value.encode()).hexdigest().encode()
        assert value.encode() not in held, value
        assert value in tokens or digest not in held, value  # a whole token's digest is the evidence
        assert value not in logged, value


def everything(logins: Logins) -> bytes:
    """Every table and every file of the node."""
    found = bytearray()
    with logins.node.store._database.reading() as connection:  # type: ignore[attr-defined]
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                found += repr(tuple(row)).encode()
                found += b"".join(value for value in row if isinstance(value, bytes))
    for file in logins.node.data.rglob("*"):
        if file.is_file():
            found += file.read_bytes()
    return bytes(found)


def test_the_question_sent_is_bound_exact_and_asks_no_more_than_is_judged(logins: Logins) -> None:
    first, second = (dict(parse_qsl(urlsplit(logins.begin()).query)) for _ in range(2))
    assert first["redirect_uri"] == f"{BASE}{LOGIN_PATH}"
    assert (first["scope"], first["acr_values"]) == ("openid email", HIGH)
    for drawn in ("state", "nonce", "code_challenge"):
        assert first[drawn] != second[drawn]
    assert SECRET not in repr(first)


def test_a_state_is_known_young_and_answered_once(logins: Logins) -> None:
    back = logins.provider.let_in(logins.begin())
    for state in ("", "0" * 64, back["state"][:-1], back["state"] + "0" * 9, "\x00" * 70):
        if state[:64] != back["state"]:
            assert why(partial(logins.logins.finish, {**back, "state": state})) is LoginWhy.STALE
    code = logins.logins.finish(back)
    assert why(lambda: logins.logins.finish(back)) is LoginWhy.STALE
    other = logins.node.applicants.apply()
    with pytest.raises(BadInput):  # an address passed on to another person verifies nobody else
        logins.take(code, other)
    assert logins.take(code).level is VerificationLevel.ORGANISATION
    with pytest.raises(BadInput):
        logins.take(code)
    # a wallet's question is no log-in's, and the other way round
    asked = logins.world.questions.ask_wallet(logins.receipt.number, logins.receipt.secret, "wallet")
    assert why(lambda: logins.logins.finish({**back, "state": asked.state})) is LoginWhy.STALE
    late = logins.provider.let_in(logins.begin())
    logins.world.made.now += timedelta(seconds=601)
    assert why(lambda: logins.logins.finish(late)) is LoginWhy.STALE
    with pytest.raises(NotFound):
        logins.logins.begin(logins.receipt.number, "0" * 28, "campus")


def test_a_code_counts_once_for_the_log_in_that_it_was_made_for(logins: Logins) -> None:
    first = logins.provider.let_in(logins.begin())
    logins.logins.finish(first)
    second = logins.provider.let_in(logins.begin())
    assert why(lambda: logins.logins.finish({**second, "code": first["code"]})) is LoginWhy.AWAY
    assert logins.provider.refusals == ["the code"]
    third, fourth = (logins.provider.let_in(logins.begin()) for _ in range(2))
    assert why(lambda: logins.logins.finish({**third, "code": fourth["code"]})) is LoginWhy.AWAY
    assert logins.provider.refusals[1:] == ["the verifier"]
    assert logins.results() == ()


def test_of_two_answers_at_once_one_goes_on(logins: Logins) -> None:
    back, gate = logins.provider.let_in(logins.begin()), threading.Barrier(2)
    codes: list[str] = []

    def come() -> None:
        gate.wait()
        try:
            codes.append(logins.logins.finish(back))
        except ApplicantLoginRefused as refused:
            codes.append(refused.why)

    threads = [threading.Thread(target=come) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(LoginWhy.STALE) == 1
    assert logins.provider.asked.count("/token") == 1


def test_a_token_that_does_not_hold(logins: Logins) -> None:
    now = int(logins.world.made.now.timestamp())
    for lies, said in (
        ({"nonce": "another"}, "another log-in"),
        ({"nonce": None}, "another log-in"),
        ({"exp": now - 61}, "ExpiredToken"),
        ({"iat": now - 601}, "too old"),
        ({"aud": "somebody"}, "somebody else"),
        ({"iss": "https://login.example"}, "InvalidClaim"),
        ({"sub": ""}, "subject|InvalidClaim"),
    ):
        logins.provider.lies = lies
        assert why(logins.came, said) is LoginWhy.UNTRUSTED, lies
        logins.node.applicants.tick()
        logins.world.made.now += timedelta(seconds=1)
        now += 1
    logins.provider.lies = {}
    signed, logins.provider.sign = logins.provider.sign, unsigned
    assert why(logins.came, "Algorithm") is LoginWhy.UNTRUSTED
    logins.provider.sign = signed
    logins.provider.signing, logins.provider.header = another_key(), {"alg": "ES256", "kid": "first"}
    assert why(logins.came) is LoginWhy.UNTRUSTED
    assert logins.results() == ()
    kept = logins.world.questions.outcomes(logins.receipt.number)
    assert {(one.stage, one.why, one.found) for one in kept} == {(Stage.REFUSED, "login-untrusted", b"")}


def test_what_was_not_verified_gives_nothing(logins: Logins) -> None:
    for claims in (
        {"email": MAIL},
        {"email": MAIL, "email_verified": False},
        {"email": MAIL, "email_verified": "true"},
        {"email": MAIL, "email_verified": 1},
        {"email": "ash@", "email_verified": True},
        {"email": [MAIL], "email_verified": True},
        {"email_verified": True},
        {"acr": "https://levels.example/low"},
        {"acr": [HIGH]},
    ):
        logins.provider.claims = dict(claims)
        assert why(logins.came) is LoginWhy.UNVERIFIED, claims
    assert logins.results() == ()


def test_only_the_named_issuer_answers_and_a_no_is_a_no(logins: Logins) -> None:
    back = logins.provider.let_in(logins.begin())
    assert why(lambda: logins.logins.finish({**back, "iss": "https://login.example"})) is LoginWhy.ISSUER
    unnamed = {name: value for name, value in logins.provider.let_in(logins.begin()).items() if name != "iss"}
    assert why(lambda: logins.logins.finish(unnamed)) is LoginWhy.ISSUER
    for answer in ({"error": "access_denied"}, {"code": ""}, {"code": "x" * 4_097}):
        back = logins.provider.let_in(logins.begin())
        assert why(partial(logins.logins.finish, {**back, **answer})) is LoginWhy.DECLINED
    with pytest.raises(BadInput):
        logins.logins.begin(logins.receipt.number, logins.receipt.secret, "wallet")
    assert logins.provider.asked.count("/token") == 0


def test_a_provider_that_is_down_spends_no_question(logins: Logins) -> None:
    back = logins.provider.let_in(logins.begin())
    asked = len(logins.world.questions.outcomes(logins.receipt.number))
    logins.provider.overrides["/token"] = lambda _: [b""]
    assert why(lambda: logins.logins.finish(back)) is LoginWhy.AWAY
    logins.world.made.now += timedelta(hours=2)
    logins.provider.overrides["/.well-known/openid-configuration"] = lambda _: [b""]
    with pytest.raises(Unavailable):
        logins.begin()
    assert len(logins.world.questions.outcomes(logins.receipt.number)) == asked
    logins.provider.overrides.clear()
    logins.world.made.now += timedelta(seconds=11)
    assert logins.came().level is VerificationLevel.ORGANISATION


def test_an_access_in_question_follows_the_person(logins: Logins) -> None:
    logins.came()
    logins.world.node.applicant_reviews.question(
        logins.world.reviewer(), logins.receipt.number, "Letters went out."
    )
    logins.receipt = logins.node.applicants.apply()
    with pytest.raises(Conflict, match="under another number"):
        logins.came()
    logins.provider.who = "another"
    assert logins.came().level is VerificationLevel.ORGANISATION
    standing = logins.node.applicants.follow(logins.receipt.number, logins.receipt.secret).subject.standing
    assert standing is SubjectStanding.GOOD
