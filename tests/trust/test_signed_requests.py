"""Signed requests: RFC 9421's own Ed25519 vector, and everything that somebody in the middle may try."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver, algorithms
from hypothesis import given
from hypothesis import strategies as st

from tocsin.trust.identity import NodeIdentity
from tocsin.trust.signed_requests import (
    AHEAD_SECONDS,
    MAX_NONCES,
    RECIPIENT,
    VALID_SECONDS,
    NotSigned,
    ReplayMemory,
    RequestSigner,
    Shown,
    Verified,
    _Message,
    _Verifier,
    check_body,
    verify,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STARTED = NOW - timedelta(hours=1)
LAB, AIM, MALLORY = (NodeIdentity(bytes([n]) * 32) for n in (1, 2, 3))
BODY = b'{"objects":[]}'
URL = "https://aim.example:8800/taxii2/tocsin/collections/inbox/objects/"


def signed(
    method: str = "GET",
    url: str = f"{URL}?limit=5",
    body: bytes | None = None,
    *,
    by: NodeIdentity = LAB,
    to: NodeIdentity = AIM,
    at: datetime = NOW,
) -> Shown:
    """A request of the lab's to the aim, as it arrives."""
    headers = RequestSigner(by, lambda: at, lambda n: bytes(range(n))).headers(
        method, url, body, recipient_key=to.public
    )
    rest, _, query = url.removeprefix("https://").partition("?")
    authority, slash, path = rest.partition("/")
    lower = {name.lower(): value for name, value in headers.items()}
    return Shown(method, authority, slash + path, query, lower)


def key_of(keyid: str) -> bytes | None:
    return {LAB.node_id: LAB.public}.get(keyid)


def judge(shown: Shown, *, now: datetime = NOW, started: datetime = STARTED) -> Verified:
    return verify(shown, recipient=AIM.node_id, key_of=key_of, now=now, started=started)


def test_a_signed_request_is_its_senders() -> None:
    verified = judge(signed())
    assert (verified.keyid, verified.digest) == (LAB.node_id, None)
    posted = judge(signed("POST", URL, BODY))
    assert posted.digest is not None
    check_body(posted.digest, BODY)
    for body in (b"", BODY + b" ", BODY.replace(b"[", b"{")):
        with pytest.raises(NotSigned, match="body"):
            check_body(posted.digest, body)


def header(shown: Shown, **changes: str | None) -> Shown:
    headers = shown.headers | {
        name.replace("_", "-"): value for name, value in changes.items() if value is not None
    }
    for name in [name.replace("_", "-") for name, value in changes.items() if value is None]:
        del headers[name]
    return msgspec.structs.replace(shown, headers=headers)


def edited(shown: Shown, old: str, new: str) -> Shown:
    """Signature-Input changed, the signature left."""
    assert old in shown.headers["signature-input"]
    return header(shown, signature_input=shown.headers["signature-input"].replace(old, new))


GET, POST = signed(), signed("POST", URL, BODY)
HOSTILE: dict[str, Callable[[], Shown]] = {
    "another method": lambda: msgspec.structs.replace(GET, method="DELETE"),
    "another path": lambda: msgspec.structs.replace(GET, path=GET.path.replace("inbox", "shared")),
    "another query": lambda: msgspec.structs.replace(GET, query="limit=50"),
    "a query added": lambda: msgspec.structs.replace(POST, query="a=b"),
    "another authority": lambda: msgspec.structs.replace(GET, authority="other.example"),
    "another digest": lambda: header(
        POST, content_digest=f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"
    ),
    "a weaker digest": lambda: header(POST, content_digest="md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"),
    "no digest": lambda: header(POST, content_digest=None),
    "the digest not covered": lambda: edited(header(POST), ' "content-digest"', ""),
    "a component taken off": lambda: edited(GET, ' "@query"', ""),
    "the recipient taken off": lambda: edited(GET, f' "{RECIPIENT}"', ""),
    "a component twice": lambda: edited(GET, '"@query"', '"@query" "@query"'),
    "a component nobody knows": lambda: edited(GET, '"@query"', '"@query" "@colour"'),
    "for another node": lambda: signed(to=MALLORY),
    "passed on to another node": lambda: header(signed(to=MALLORY), tocsin_recipient=AIM.node_id),
    "a key nobody pinned": lambda: signed(by=MALLORY),
    "another's key id": lambda: edited(signed(by=MALLORY), MALLORY.node_id, LAB.node_id),
    "another algorithm": lambda: edited(GET, '"ed25519"', '"hmac-sha256"'),
    "an unknown algorithm": lambda: edited(GET, '"ed25519"', '"rot13"'),
    "no algorithm": lambda: edited(GET, ';alg="ed25519"', ""),
    "no nonce": lambda: edited(GET, ';nonce="000102030405060708090a0b0c0d0e0f"', ""),
    "another nonce": lambda: edited(GET, "000102", "000103"),
    "no time": lambda: edited(GET, f";created={int(NOW.timestamp())}", ""),
    "another tag": lambda: edited(GET, 'tag="tocsin"', 'tag="other"'),
    "no tag": lambda: edited(GET, ';tag="tocsin"', ""),
    "an end far off": lambda: edited(
        GET, f"expires={int(NOW.timestamp()) + 60}", f"expires={int(NOW.timestamp()) + 600}"
    ),
    "a new time": lambda: edited(
        GET, f"created={int(NOW.timestamp())}", f"created={int(NOW.timestamp()) - 1}"
    ),
    "two signatures": lambda: header(
        GET,
        signature_input=f"{GET.headers['signature-input']}, b={GET.headers['signature-input'].partition('=')[2]}",
        signature=f"{GET.headers['signature']}, b={GET.headers['signature'].partition('=')[2]}",
    ),
    "one twice": lambda: header(
        GET,
        signature_input=f"{GET.headers['signature-input']}, {GET.headers['signature-input']}",
        signature=f"{GET.headers['signature']}, {GET.headers['signature']}",
    ),
    "no signature": lambda: header(GET, signature=None),
    "no input": lambda: header(GET, signature_input=None),
    "a signature of nothing": lambda: header(GET, signature="tocsin=::"),
    "a signature spoilt": lambda: header(GET, signature=f"tocsin=:{base64.b64encode(bytes(64)).decode()}:"),
    "not a dictionary": lambda: header(GET, signature_input='"@method"'),
    "an endless field": lambda: header(GET, signature_input="a" * 5_000),
    "letters that are none": lambda: header(GET, signature_input="tocsin=(\u00e9)"),
    "a body with a GET": lambda: header(GET, content_length="5"),
    "a chunked body with a GET": lambda: header(GET, transfer_encoding="chunked"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_was_changed_does_not_count(name: str) -> None:
    judge(GET)
    judge(POST)
    with pytest.raises(NotSigned):
        judge(HOSTILE[name]())


@pytest.mark.parametrize(
    ("age", "counts"),
    [
        (0, True),
        (VALID_SECONDS, True),
        (VALID_SECONDS + 1, False),
        (-AHEAD_SECONDS, True),
        (-AHEAD_SECONDS - 1, False),
    ],
)
def test_it_is_of_now(age: int, counts: bool) -> None:
    shown = signed(at=NOW - timedelta(seconds=age))
    if counts:
        judge(shown)
        return
    with pytest.raises(NotSigned):
        judge(shown)


def test_a_restart_forgets_no_replay() -> None:
    """Whatever counted before a restart does not count after it, with the furthest clock that is taken."""
    ahead = signed(at=NOW + timedelta(seconds=AHEAD_SECONDS))
    judge(ahead)
    for later in range(VALID_SECONDS * 2):
        now = NOW + timedelta(seconds=later)
        with pytest.raises(NotSigned):
            judge(ahead, now=now, started=NOW)
    fresh = signed(at=NOW + timedelta(seconds=AHEAD_SECONDS + 1))
    judge(fresh, now=NOW + timedelta(seconds=AHEAD_SECONDS + 1), started=NOW)


def test_a_request_counts_once_while_it_could_count_at_all() -> None:
    memory, verified = ReplayMemory(), judge(GET)
    memory.take(verified, NOW)
    for later in range(VALID_SECONDS + 1):
        with pytest.raises(NotSigned, match="before"):
            memory.take(verified, NOW + timedelta(seconds=later))
    memory.take(msgspec.structs.replace(verified, keyid="tn_other"), NOW)
    memory.take(msgspec.structs.replace(verified, nonce="other"), NOW)


def test_the_memory_is_bounded_and_empties_itself() -> None:
    memory = ReplayMemory()
    for number in range(MAX_NONCES):
        memory.take(Verified("tn_lab", str(number), None), NOW)
    with pytest.raises(NotSigned, match="too many"):
        memory.take(Verified("tn_lab", "one more", None), NOW)
    later = NOW + timedelta(seconds=VALID_SECONDS + AHEAD_SECONDS + 1)
    memory.take(Verified("tn_lab", "one more", None), later)
    assert len(memory._until) == 1


@given(
    st.dictionaries(st.sampled_from(["signature", "signature-input", "content-digest", RECIPIENT]), st.text())
)
def test_whatever_is_shown_is_refused_in_words(headers: dict[str, str]) -> None:
    with pytest.raises(NotSigned):
        judge(msgspec.structs.replace(GET, headers=headers))


RFC_KEY = base64.urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")


@pytest.mark.parametrize("verifier", [HTTPMessageVerifier, _Verifier])
def test_the_vector_of_the_standard(verifier: type[HTTPMessageVerifier]) -> None:
    """RFC 9421 appendix B.2.6, with the key of B.1.4; ours differs from the library's only in whose clock it uses."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    message = _Message(
        "POST",
        "https://example.com/foo?param=Value&Pet=dog",
        {
            "Host": "example.com",
            "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
            "Content-Type": "application/json",
            "Content-Length": "18",
            "Signature-Input": 'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
            ';created=1618884473;keyid="test-key-ed25519"',
            "Signature": "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu"
            "4A0w6vuQv5lIp5WPpBKRCw==:",
        },
    )
    keys = MappingKeyResolver(
        public_keys={"test-key-ed25519": Ed25519PublicKey.from_public_bytes(RFC_KEY)}, private_keys={}
    )
    judge = verifier(signature_algorithm=algorithms.ED25519, key_resolver=keys)
    (result,) = judge.verify(message, max_age=None)
    assert result.parameters["keyid"] == "test-key-ed25519"
    message.headers["Content-Type"] = "text/plain"
    with pytest.raises(InvalidSignature):
        judge.verify(message, max_age=None)
