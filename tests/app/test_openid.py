"""Log-in by an OpenID provider over real sockets: who is let in, as whom, and every lie that lets nobody in."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, OctKey, OKPKey

from tests import hostile_peer
from tests.fixtures import Made
from tests.openid_provider import CLIENT, RSA, OpenIdProvider, another_key, confused, unsigned
from tests.people import code, enrolled, node_with
from tocsin.app.access import Opened
from tocsin.app.accounts import NeedsCode
from tocsin.app.node import Node
from tocsin.app.openid import BEGUN_SECONDS, Begun, OpenId
from tocsin.app.openid_line import FRESH_SECONDS, RETRY_SECONDS
from tocsin.app.openid_people import LoginRefused, Why
from tocsin.kernel import BadInput, Conflict, Login, NotAllowed, Role

pytestmark = pytest.mark.net


@pytest.fixture
def provider(made: Made) -> Iterator[OpenIdProvider]:
    with OpenIdProvider(lambda: made.now.timestamp()) as provider:
        yield provider


@pytest.fixture
def node(made: Made, provider: OpenIdProvider) -> Iterator[Node]:
    with node_with(made, provider.issuer) as node:
        yield node


def openid(node: Node) -> OpenId:
    assert node.openid is not None
    return node.openid


def come(node: Node, provider: OpenIdProvider) -> Opened:
    """From the log-in page to the provider and back, as a browser does."""
    begun = openid(node).begin("/warnings")
    found = openid(node).finish(begun.cookie, provider.let_in(begun.address), "192.0.2.1").found
    assert isinstance(found, Opened), provider.refusals
    return found


def refused(node: Node, provider: OpenIdProvider) -> Why:
    """Why nobody was let in; and that nothing was left behind by it."""
    before = node.store.people.users()
    with pytest.raises(LoginRefused) as caught:
        come(node, provider)
    assert node.store.people.users() == before
    return caught.value.why


def test_a_person_is_made_at_the_first_log_in_and_known_at_the_next(
    node: Node, provider: OpenIdProvider
) -> None:
    first = come(node, provider)
    assert first.caller.name == f"chen ({openid(node).host.replace(':', ' ')})"
    assert (first.caller.login, first.caller.mfa) == (Login.OIDC, False)
    assert first.caller.roles == {Role.ANALYST}
    assert first.caller.groups == {"analysts"}
    assert first.caller.present
    provider.claims["preferred_username"] = "a new name"
    assert come(node, provider).caller.user == first.caller.user
    again = node.access.session(first.secret)
    assert again is not None
    assert again.caller == first.caller


def test_the_subject_is_who_it_is_and_never_the_e_mail(node: Node, provider: OpenIdProvider) -> None:
    provider.claims["email"] = "chen@lottery.example"
    first = come(node, provider)
    provider.who = "another"
    second = come(node, provider)
    assert first.caller.user != second.caller.user, "the same e-mail and name, another subject"
    assert first.caller.name != second.caller.name


def test_nobody_takes_a_local_users_place_by_a_name(node: Node, provider: OpenIdProvider) -> None:
    names = ("admin", node.access.operator().user, "x" * 500, "a:b\n\u202e", "   ")
    for number, name in enumerate(names):
        provider.who = f"subject {number}"
        provider.claims["preferred_username"] = name
        found = come(node, provider)
        assert found.caller.user != node.access.operator().user
        assert found.caller.roles == {Role.ANALYST}


def test_groups_are_roles_anew_at_every_log_in(node: Node, provider: OpenIdProvider) -> None:
    user = come(node, provider).caller.user
    token = node.access.issue_token(node.access.operator(), user)
    provider.claims["groups"] = ["reviewers", "analysts", "choir"]
    assert come(node, provider).caller.roles == {Role.ANALYST, Role.REVIEWER}
    provider.claims["groups"] = "reviewers"
    assert come(node, provider).caller.roles == {Role.REVIEWER}
    provider.claims["groups"] = ["choir"]
    with pytest.raises(LoginRefused) as caught:
        come(node, provider)
    assert (caught.value.why, caught.value.subject) == (Why.NO_ROLE, provider.who)
    by_token = node.access.authenticate(token)
    assert by_token is not None
    assert by_token.roles == frozenset(), "a token does not keep what the groups gave"


def test_without_a_mapped_role_nobody_is_made(made: Made, provider: OpenIdProvider) -> None:
    with node_with(made, provider.issuer, oidc_roles="{}") as node:
        assert refused(node, provider) is Why.NO_ROLE
    provider.claims = {}
    with node_with(made, provider.issuer) as node:
        assert refused(node, provider) is Why.NO_ROLE
        assert node.store.audit.read(act="session.open")[0].subject == provider.who


def test_disabled_means_disabled(node: Node, provider: OpenIdProvider) -> None:
    session = come(node, provider)
    node.access.disable_user(node.access.operator(), session.caller.user)
    assert refused(node, provider) is Why.DISABLED
    assert node.access.session(session.secret) is None
    node.access.enable_user(node.access.operator(), session.caller.user)
    assert come(node, provider).caller.user == session.caller.user


def test_the_groups_decide_and_not_the_operator(node: Node, provider: OpenIdProvider) -> None:
    session = come(node, provider)
    with pytest.raises(BadInput, match="provider"):
        node.access.set_roles(node.access.operator(), session.caller.name, (Role.ADMIN,))


@pytest.mark.parametrize(
    ("claims", "mfa"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": "mfa"}, False),
        ({"acr": "urn:lottery:strong"}, True),
        ({"acr": "0"}, False),
        ({"acr": ["urn:lottery:strong"]}, False),
    ],
)
def test_a_second_factor_at_the_provider_is_believed_when_it_says_so(
    made: Made, provider: OpenIdProvider, claims: dict[str, Any], mfa: bool
) -> None:
    provider.claims |= claims
    with node_with(made, provider.issuer, oidc_mfa_acr='["urn:lottery:strong"]') as node:
        assert come(node, provider).caller.mfa is mfa


def test_whoever_enrolled_here_is_asked_here_unless_the_provider_asked(
    made: Made, node: Node, provider: OpenIdProvider
) -> None:
    name = come(node, provider).caller.name
    secret, _ = enrolled(made, name)
    begun = openid(node).begin("/left")
    found = openid(node).finish(begun.cookie, provider.let_in(begun.address))
    assert found.onward == "/left"
    assert isinstance(found.found, NeedsCode)
    half = node.accounts.half(found.found.half)
    assert half is not None
    made.now += timedelta(seconds=30)
    session = node.accounts.by_code(half, code(made, secret))
    assert session is not None
    assert (session.caller.login, session.caller.mfa) == (Login.OIDC, True)
    assert session.caller.groups == {"analysts"}
    provider.claims["amr"] = ["mfa"]
    assert come(node, provider).caller.mfa


@pytest.mark.parametrize("methods", [["client_secret_basic"], ["client_secret_post"], None])
def test_a_client_with_a_secret(made: Made, methods: list[str] | None) -> None:
    with OpenIdProvider(lambda: made.now.timestamp(), secret="lottery refund & more") as provider:
        provider.secret = "lottery+refund+%26+more" if methods != ["client_secret_post"] else provider.secret
        if methods:
            provider.discovery["token_endpoint_auth_methods_supported"] = methods
        made.node.keys.keep_client_secret("lottery refund & more")
        with node_with(made, provider.issuer) as node:
            assert come(node, provider).caller.present
        made.node.keys.keep_client_secret("wrong")
        with node_with(made, provider.issuer) as node:
            assert refused(node, provider) is Why.UNTRUSTED
        assert b"lottery" not in (made.node.data / "keys" / "oidc.secret").read_bytes()
        made.node.keys.keep_client_secret(None)
        assert made.node.keys.client_secret() is None


Lie = Callable[[OpenIdProvider], None]


def claim(name: str, value: object) -> Lie:
    def lie(provider: OpenIdProvider) -> None:
        provider.lies[name] = value

    return lie


def shifted(name: str, seconds: int) -> Lie:
    def lie(provider: OpenIdProvider) -> None:
        provider.lies[name] = int(provider.clock()) + seconds

    return lie


def signer(sign: Callable[[dict[str, Any]], str]) -> Lie:
    def lie(provider: OpenIdProvider) -> None:
        provider.sign = sign

    return lie


def discovery(name: str, value: object) -> Lie:
    def lie(provider: OpenIdProvider) -> None:
        provider.discovery[name] = value

    return lie


def script(path: str, answer: hostile_peer.Script) -> Lie:
    def lie(provider: OpenIdProvider) -> None:
        provider.overrides[path] = answer

    return lie


def other_key(provider: OpenIdProvider) -> None:
    provider.signing, provider.header = another_key(), {"alg": "ES256", "kid": "first"}


def shared_key(provider: OpenIdProvider) -> None:
    """It publishes a shared key and signs with it: whoever reads the key set could."""
    key = OctKey.generate_key(256, {"kid": "shared", "use": "sig"})
    provider.keys, provider.signing = [RSA, key], key
    provider.header = {"alg": "HS256", "kid": "shared"}


def weak_key(provider: OpenIdProvider) -> None:
    """1,024 bits: factored by whoever cares to."""
    key = generate_private_key(65_537, 1_024)
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "RSA", "kid": "weak", "use": "sig", "e": "AQAB", "n": encoded(numbers.n.to_bytes(128))}
    provider.overrides[KEYS] = hostile_peer.honest(json.dumps({"keys": [jwk]}).encode())

    def sign(claims: dict[str, Any]) -> str:
        parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "weak"}, claims)]
        signed = ".".join(parts)
        return f"{signed}.{encoded(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    provider.sign = sign


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def encryption_key(provider: OpenIdProvider) -> None:
    key = ECKey.generate_key("P-256", {"kid": "enc"})
    public = [key.as_dict(private=False) | {"use": "enc"}, RSA.as_dict(private=False)]
    provider.overrides[KEYS] = hostile_peer.honest(json.dumps({"keys": public}).encode())
    provider.signing, provider.header = key, {"alg": "ES256", "kid": "enc"}


def many_keys(provider: OpenIdProvider) -> None:
    provider.keys = [RSA] * 65


DISCOVERY, KEYS, TOKEN = "/.well-known/openid-configuration", "/keys", "/token"

LIES: dict[str, Lie] = {
    "nonce of another log-in": claim("nonce", "another"),
    "no nonce": claim("nonce", None),
    "nonce that is no text": claim("nonce", ["x"]),
    "another audience": claim("aud", "somebody-else"),
    "one audience more": claim("aud", [CLIENT, "somebody-else"]),
    "no audience": claim("aud", None),
    "authorized for another": claim("azp", "somebody-else"),
    "another issuer": claim("iss", "https://login.example"),
    "no issuer": claim("iss", None),
    "no subject": claim("sub", None),
    "an empty subject": claim("sub", ""),
    "a subject that is no text": claim("sub", 7),
    "a subject too long": claim("sub", "x" * 256),
    "expired": shifted("exp", -61),
    "no expiry": claim("exp", None),
    "expiry that is no number": claim("exp", "tomorrow"),
    "made in the future": shifted("iat", 120),
    "made long ago": shifted("iat", -601),
    "no moment": claim("iat", None),
    "not yet valid": shifted("nbf", 120),
    "groups that are no list": claim("groups", {"analysts": True}),
    "groups without end": claim("groups", ["analysts"] * 1_001),
    "alg none": signer(unsigned),
    "HS256 with the public key": signer(confused),
    "no token at all": signer(lambda _: ""),
    "junk for a token": signer(lambda _: "a.b.c"),
    "a token of 70,000 characters": signer(lambda _: "x" * 70_000),
    "a key never published": other_key,
    "a shared key published": shared_key,
    "a weak key": weak_key,
    "an encryption key": encryption_key,
    "more keys than anybody has": many_keys,
    "discovery for another issuer": discovery("issuer", "https://login.example"),
    "tokens from another host": discovery("token_endpoint", "https://login.example/token"),
    "keys from another host": discovery("jwks_uri", "https://login.example/keys"),
    "people sent to another host": discovery("authorization_endpoint", "https://login.example/authorize"),
    "an address with a password in it": discovery("jwks_uri", "http://a:b@127.0.0.1/keys"),
    "an address that is none": discovery("token_endpoint", "javascript:alert(1)"),
    "no PKCE": discovery("code_challenge_methods_supported", ["plain"]),
    "discovery that redirects": script(DISCOVERY, hostile_peer.redirect("http://127.0.0.1:9/")),
    "keys that redirect": script(KEYS, hostile_peer.redirect("http://127.0.0.1:9/")),
    "tokens that redirect": script(TOKEN, hostile_peer.redirect("http://127.0.0.1:9/")),
    "keys without end": script(KEYS, hostile_peer.endless_body),
    "keys of a huge length": script(KEYS, hostile_peer.huge_length),
    "keys in a gzip bomb": script(KEYS, hostile_peer.gzip_bomb(1 << 30)),
    "no HTTP": script(TOKEN, hostile_peer.garbage),
    "discovery that is no JSON": script(DISCOVERY, hostile_peer.honest(b"<html>")),
    "discovery nested without end": script(DISCOVERY, hostile_peer.honest(b"[" * 100_000)),
    "keys that are no JSON": script(KEYS, hostile_peer.honest(b'{"keys": 7}')),
    "no keys": script(KEYS, hostile_peer.honest(b'{"keys": []}')),
    "keys that are broken": script(KEYS, hostile_peer.honest(b'{"keys": [{"kty": "RSA", "n": 7}]}')),
    "a refusal of the code": script(TOKEN, hostile_peer.honest(b"{}", status="400 Bad Request")),
    "an answer without a token": script(TOKEN, hostile_peer.honest(b"{}")),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_lets_nobody_in(node: Node, provider: OpenIdProvider, lie: Lie) -> None:
    lie(provider)
    assert refused(node, provider) is Why.UNTRUSTED


def test_keys_are_turned(made: Made, node: Node, provider: OpenIdProvider) -> None:
    come(node, provider)
    new = OKPKey.generate_key("Ed25519", {"kid": "second", "use": "sig"})
    provider.keys, provider.signing = [RSA, new], new
    provider.header = {"alg": "Ed25519", "kid": "second"}
    assert refused(node, provider) is Why.UNTRUSTED, "asked a moment ago: not again for every strange key"
    made.now += timedelta(seconds=RETRY_SECONDS + 1)
    come(node, provider)
    asked = provider.asked.count(KEYS)
    come(node, provider)
    assert provider.asked.count(KEYS) == asked
    made.now += timedelta(seconds=FRESH_SECONDS)
    come(node, provider)
    assert provider.asked.count(KEYS) == asked + 1


def test_a_provider_that_is_down_is_not_hammered(made: Made, node: Node, provider: OpenIdProvider) -> None:
    provider.overrides[DISCOVERY] = hostile_peer.honest(b"", status="503 Service Unavailable")
    assert refused(node, provider) is Why.UNTRUSTED
    del provider.overrides[DISCOVERY]
    for _ in range(5):
        assert refused(node, provider) is Why.UNTRUSTED
    assert provider.asked.count(DISCOVERY) == 1
    made.now += timedelta(seconds=RETRY_SECONDS + 1)
    assert come(node, provider).caller.present


def begun(node: Node) -> Begun:
    return openid(node).begin("/warnings")


def stale(node: Node, cookie: str, answer: dict[str, str]) -> bool:
    with pytest.raises(LoginRefused) as caught:
        openid(node).finish(cookie, answer)
    return caught.value.why is Why.STALE


def test_an_answer_nobody_asked_for(made: Made, node: Node, provider: OpenIdProvider) -> None:
    mine, theirs = begun(node), begun(node)
    answer = provider.let_in(theirs.address)
    assert stale(node, mine.cookie, answer), "another browser's answer: log-in CSRF"
    assert stale(node, "", answer)
    assert stale(node, "x" * 9_000, answer)
    assert stale(node, mine.cookie[:-8] + "AAAAAAA=", provider.let_in(mine.address))
    assert stale(node, mine.cookie, {"code": "x"})
    assert stale(node, mine.cookie, answer | {"state": "é"})
    assert provider.asked.count(TOKEN) == 0
    made.now += timedelta(seconds=BEGUN_SECONDS + 1)
    assert stale(node, theirs.cookie, answer)


def test_an_answer_is_used_once(node: Node, provider: OpenIdProvider) -> None:
    one = begun(node)
    answer = provider.let_in(one.address)
    openid(node).finish(one.cookie, answer)
    assert stale(node, one.cookie, answer)
    assert stale(node, one.cookie, provider.let_in(one.address)), "a new code does not make the state new"
    assert provider.asked.count(TOKEN) == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "https://evil.example"}, Why.UNTRUSTED),
        ({"iss": ""}, Why.UNTRUSTED),
        ({"error": "access_denied"}, Why.DENIED),
        ({"code": ""}, Why.DENIED),
        ({"code": "x" * 5_000}, Why.DENIED),
        ({"code": "stolen"}, Why.UNTRUSTED),
    ],
)
def test_mixed_up_refused_and_stolen_answers(
    node: Node, provider: OpenIdProvider, changed: dict[str, str], why: Why
) -> None:
    one = begun(node)
    with pytest.raises(LoginRefused) as caught:
        openid(node).finish(one.cookie, provider.let_in(one.address) | changed)
    assert caught.value.why is why


def test_a_promised_issuer_must_be_there_and_one_not_promised_need_not(made: Made) -> None:
    for promised in (True, False):
        with (
            OpenIdProvider(lambda: made.now.timestamp(), names_itself=promised) as provider,
            node_with(made, provider.issuer) as node,
        ):
            one = begun(node)
            answer = provider.let_in(one.address)
            del answer["iss"]
            if promised:
                with pytest.raises(LoginRefused):
                    openid(node).finish(one.cookie, answer)
            else:
                assert openid(node).finish(one.cookie, answer).onward == "/warnings"


def test_a_stolen_code_is_worth_nothing_without_the_verifier(node: Node, provider: OpenIdProvider) -> None:
    victim, thief = begun(node), begun(node)
    stolen = provider.let_in(victim.address)["code"]
    own = provider.let_in(thief.address)
    with pytest.raises(LoginRefused):
        openid(node).finish(thief.cookie, own | {"code": stolen})
    assert provider.refusals == ["the verifier"]


def test_one_human_with_two_accounts_becomes_one_person(node: Node, provider: OpenIdProvider) -> None:
    access, by = node.access, node.access.operator()
    local = access.add_user(by, "chen", (Role.REVIEWER,)).id
    session = come(node, provider)
    made_up = session.caller.user
    assert access.distinct_people([local, made_up]) == {local, made_up}, "nobody said so yet"
    before = openid(node).people.link(by, "chen", provider.who)
    assert before is not None
    assert before.id == made_up
    assert access.session(session.secret) is None
    linked = come(node, provider)
    assert linked.caller.user == local
    assert linked.caller.roles == {Role.REVIEWER}, "the operator's word, not the groups'"
    assert access.distinct_people([local, made_up]) == {local}
    with pytest.raises(BadInput, match="second account"):
        access.enable_user(by, made_up)
    access.set_roles(by, "chen", (Role.AUDITOR,))
    assert come(node, provider).caller.roles == {Role.AUDITOR}


def test_a_link_is_made_beforehand_kept_apart_and_undone(node: Node, provider: OpenIdProvider) -> None:
    access, by, people = node.access, node.access.operator(), openid(node).people
    for name in ("chen", "bo"):
        access.add_user(by, name, (Role.REVIEWER,))
    access.add_user(by, "gate", (Role.SOURCE,))
    assert people.link(by, "chen", provider.who) is None
    for name in ("chen", "bo"):
        with pytest.raises(Conflict):
            people.link(by, name, provider.who)
    with pytest.raises(BadInput):
        people.link(by, "gate", "other")
    session = come(node, provider)
    assert session.caller.name == "chen"
    with pytest.raises(NotAllowed):
        people.link(session.caller, "chen", "other")
    people.unlink(by, "chen")
    assert access.session(session.secret) is None, "a session does not outlive the link that opened it"
    assert come(node, provider).caller.name != "chen"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("oidc_issuer", '"http://login.example"', "https"),
        ("oidc_issuer", '"https://login.example?a=b"', "query"),
        ("oidc_client_id", '""', "client_id"),
        ("public_url", '""', "public_url"),
        ("oidc_scopes", '["profile"]', "openid"),
        ("oidc_roles", '{ "machines" = ["source"] }', "machine"),
        ("oidc_roles", '{ "kings" = ["king"] }', "oidc_roles"),
    ],
)
def test_settings_that_would_not_work_are_named(made: Made, name: str, value: str, words: str) -> None:
    chosen = {"oidc_allow_private": "false", name: value}
    with pytest.raises(BadInput, match=words), node_with(made, "https://login.example", **chosen):
        pass


def test_a_private_address_is_asked_only_when_allowed(made: Made, provider: OpenIdProvider) -> None:
    with node_with(made, "https://127.0.0.1:9", oidc_allow_private="false") as node:
        with pytest.raises(LoginRefused) as caught:
            begun(node)
        assert "private or loopback" in caught.value.message
    assert provider.asked == []
