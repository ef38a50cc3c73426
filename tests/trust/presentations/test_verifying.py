import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import KeySet
from openvc.keys import P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite, disclosure_digest, make_object_disclosure

from tests.wallet import IDENTITY, ISSUER, LIST, PERSON, Issuer, Wallet
from tocsin.trust import openid
from tocsin.trust.presentations import (
    Asked,
    PresentationRefused,
    Presented,
    Status,
    Why,
    read_list,
    unpack,
    verify,
)

NOW = 1_795_000_000
AUDIENCE, NONCE = "x509_hash:us", "a-nonce-of-ours"
CLAIMS = ("pairwise",)


def keys_of(issuer: Issuer) -> KeySet:
    return openid.read_keys(json.dumps(issuer.keys).encode())


class World:
    """One issuer that is named, one wallet with its credential."""

    def __init__(self, *, ed25519: bool = False) -> None:
        self.issuer = Issuer()
        self.wallet = Wallet(ed25519=ed25519)
        self.wallet.credential = self.issuer.issue(self.wallet, NOW - 60)

    def presented(self, *names: str, audience: str = AUDIENCE, nonce: str = NONCE, now: int = NOW) -> str:
        return self.wallet.present(
            self.wallet.shown(list(names or CLAIMS)), audience=audience, nonce=nonce, now=now
        )

    def verify(self, text: str, claims: tuple[str, ...] = CLAIMS, now: int = NOW) -> Presented:
        asked = Asked(AUDIENCE, NONCE, now, (IDENTITY,), claims)
        return verify(text, {ISSUER: keys_of(self.issuer)}, asked)

    def why(self, text: str, claims: tuple[str, ...] = CLAIMS, now: int = NOW) -> Why:
        with pytest.raises(PresentationRefused) as refused:
            self.verify(text, claims, now)
        assert not [word for word in map(str, PERSON.values()) if word in refused.value.message]
        return refused.value.why


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def resign(text: str, key: P256SigningKey, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """The first token of `text` with other claims, signed by `key`."""
    token, rest = text.split("~", 1)
    head, body, _ = token.split(".")
    told = {**part(body), **claims}
    signed = f"{packed({**part(head), **(header or {})})}.{packed({k: v for k, v in told.items() if v is not ...})}"
    return f"{signed}.{b64(key.sign(signed.encode()))}~{rest}"


def part(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def packed(value: object) -> str:
    return b64(json.dumps(value).encode())


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize("ed25519", [False, True])
def test_a_wallet_that_is_not_ours_is_believed(ed25519: bool) -> None:
    world = World(ed25519=ed25519)
    text = world.presented()
    found = world.verify(text)
    assert (found.issuer, found.type, found.claims) == (ISSUER, IDENTITY, {"pairwise": PERSON["pairwise"]})
    theirs = SdJwtVcProofSuite().verify(
        text,
        public_key_jwk=world.issuer.key.public_jwk(),
        audience=AUDIENCE,
        nonce=NONCE,
        require_key_binding=True,
        expected_vct=IDENTITY,
        now=datetime.fromtimestamp(NOW, UTC),
    )
    assert theirs.claims["pairwise"] == found.claims["pairwise"]


def test_nothing_needs_to_be_shown(world: World) -> None:
    found = world.verify(
        world.wallet.present(world.wallet.shown([]), audience=AUDIENCE, nonce=NONCE, now=NOW), ()
    )
    assert found.claims == {}


def test_another_verifier_another_question_another_time(world: World) -> None:
    assert world.why(world.presented(audience="x509_hash:them")) is Why.AUDIENCE
    assert world.why(world.presented(nonce="an-older-one")) is Why.NONCE
    assert world.why(world.presented(now=NOW - 3_600)) is Why.CLOCK
    assert world.why(world.presented(now=NOW + 3_600)) is Why.CLOCK
    assert world.verify(world.presented(now=NOW + 30)).claims  # clocks of two honest machines


def test_a_credential_out_of_its_time(world: World) -> None:
    later = NOW + 31 * 86_400
    assert world.why(world.presented(now=later), now=later) is Why.EXPIRED
    early = NOW - 7_200
    assert world.why(world.presented(now=early), now=early) is Why.NOT_YET


def test_who_signed_for_themselves(world: World) -> None:
    own = World()
    own.issuer = Issuer("https://self.example")
    own.wallet.credential = own.issuer.issue(own.wallet, NOW)
    assert world.why(own.presented()) is Why.UNKNOWN_ISSUER
    # in the name of one that is believed, with a key that comes along
    stranger = P256SigningKey.generate("first")
    forged = resign(world.presented(), stranger, header={"jwk": stranger.public_jwk()})
    assert world.why(forged) is Why.SIGNATURE
    assert world.why(resign(world.presented(), stranger, header={"kid": "other"})) is Why.SIGNATURE


def test_no_algorithm_and_shared_keys(world: World) -> None:
    head, body, _ = world.presented().split("~")[0].split(".")
    rest = world.presented().split("~", 1)[1]
    for alg in ("none", "HS256", 7):
        header = packed({**part(head), "alg": alg})
        assert world.why(f"{header}.{body}.~{rest}") in (Why.SIGNATURE, Why.UNREADABLE)


def test_disclosures_that_the_issuer_did_not_sign(world: World) -> None:
    token, *_ = world.wallet.credential.split("~")
    invented = make_object_disclosure("salt", "pairwise", "somebody-else")
    bound = world.wallet.present(f"{token}~{invented}~", audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert world.why(bound) is Why.FORGED
    shown = world.wallet.shown(["pairwise"])
    extra = world.wallet.present(f"{shown}{invented}~", audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert world.why(extra) is Why.FORGED
    twice = shown + shown.split("~")[1] + "~"
    assert world.why(world.wallet.present(twice, audience=AUDIENCE, nonce=NONCE, now=NOW)) is Why.FORGED


def test_more_than_was_asked_for_and_less(world: World) -> None:
    assert world.why(world.presented("pairwise", "given_name")) is Why.UNASKED
    assert world.why(world.presented("given_name")) is Why.UNASKED
    withheld = world.wallet.present(world.wallet.shown([]), audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert world.why(withheld) is Why.MISSING


def test_the_holder_signs_for_these_disclosures(world: World) -> None:
    text = world.presented()
    binding = text.rsplit("~", 1)[1]
    assert world.why(text[: -len(binding)]) is Why.UNBOUND
    # a binding made over nothing, put behind a disclosure
    bare = world.wallet.present(world.wallet.shown([]), audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert world.why(world.wallet.shown(["pairwise"]) + bare.rsplit("~", 1)[1]) is Why.HOLDER
    # somebody else's key
    thief = Wallet()
    thief.credential = world.wallet.credential
    stolen = thief.present(thief.shown(["pairwise"]), audience=AUDIENCE, nonce=NONCE, now=NOW)
    assert world.why(stolen) is Why.HOLDER
    loose = World()
    loose.wallet.credential = resign(loose.wallet.credential, loose.issuer.key, cnf=...)
    assert loose.why(loose.presented()) is Why.UNBOUND


def test_what_every_verifier_must_see_cannot_be_hidden(world: World) -> None:
    hidden = make_object_disclosure("salt", "exp", NOW + 9)
    with pytest.raises(PresentationRefused) as refused:
        unpack({"_sd": [disclosure_digest(hidden)]}, (hidden,))
    assert refused.value.why is Why.FORGED


@pytest.mark.parametrize(
    "change",
    [
        {"vct": "https://issuer.example/credentials/library-card"},
        {"exp": "tomorrow"},
        {"_sd_alg": "md5"},
        {"_sd": "none"},
        {"cnf": {"jwk": {"kty": "oct", "k": "AAAA"}}},
        {"...": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_odd_credentials_of_a_believed_issuer(change: dict[str, Any]) -> None:
    world = World()
    world.wallet.credential = resign(world.wallet.credential, world.issuer.key, **change)
    assert world.why(world.presented()) in (Why.TYPE, Why.UNREADABLE, Why.UNBOUND, Why.FORGED)


def test_a_status_list_says_who_was_taken_back(world: World) -> None:
    issuer, wallet = Issuer(), Wallet()
    wallet.credential = issuer.issue(wallet, NOW, index=5)
    text = wallet.present(wallet.shown(["pairwise"]), audience=AUDIENCE, nonce=NONCE, now=NOW)
    found = verify(text, {ISSUER: keys_of(issuer)}, Asked(AUDIENCE, NONCE, NOW, (IDENTITY,), CLAIMS))
    assert found.status is not None
    assert (found.status.uri, found.status.index) == (LIST, 5)

    def status() -> Status:
        return read_list(issuer.status_list(NOW), keys_of(issuer).keys, uri=LIST, now=NOW).at(5)

    assert status() is Status.VALID
    for value, said in ((1, Status.REVOKED), (2, Status.SUSPENDED), (3, Status.OTHER)):
        issuer.revoke(5, value)
        assert status() is said
    refused: list[Callable[[], object]] = [
        lambda: read_list(issuer.status_list(NOW, uri=LIST + "2"), keys_of(issuer).keys, uri=LIST, now=NOW),
        lambda: read_list(issuer.status_list(NOW), keys_of(world.issuer).keys, uri=LIST, now=NOW),
        lambda: read_list(
            issuer.status_list(NOW - 900, expires=NOW - 600), keys_of(issuer).keys, uri=LIST, now=NOW
        ),
        lambda: read_list(issuer.status_list(NOW), keys_of(issuer).keys, uri=LIST, now=NOW).at(64 * 8),
        lambda: read_list(wallet.credential.split("~")[0], keys_of(issuer).keys, uri=LIST, now=NOW),
    ]
    for case in refused:
        with pytest.raises(PresentationRefused) as error:
            case()
        assert error.value.why is Why.STATUS_UNKNOWN


@settings(max_examples=50)
@given(st.text(alphabet="abAB01-_.~={}", max_size=200))
def test_any_text_is_refused_by_a_reason(text: str) -> None:
    with pytest.raises(PresentationRefused):
        verify(text, {}, Asked(AUDIENCE, NONCE, NOW, (IDENTITY,)))


def test_one_changed_sign_is_never_believed(world: World) -> None:
    text = world.presented()
    for place in range(0, len(text) - 2, 41):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(PresentationRefused):
            world.verify(changed)
