"""Requests signed with a node's key instead of a token: HTTP Message Signatures (RFC 9421), Content-Digest (RFC 9530).

Enters: what a request shows, as values. Leaves: whose it is, or a refusal with its reason. No I/O. The protocol is
the `http-message-signatures` library's; this is our profile of it, which is narrower than the standard.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import http_sf
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from tocsin.kernel import Clock, TocsinError
from tocsin.trust.identity import NodeIdentity, node_id
from tocsin.trust.seal import Entropy

TAG = "tocsin"
"""The application (RFC 9421 section 7.2.7): a signature made for another protocol is none here."""

RECIPIENT = "tocsin-recipient"
"""Names the node that a request is for. Without it, a node could pass a request that it was sent on to another."""

COVERED = ("@method", "@authority", "@path", "@query", RECIPIENT)
"""What every signature covers. `@target-uri` would hold the scheme, which a node behind a proxy does not see."""

DIGEST = "content-digest"
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

VALID_SECONDS = 60
"""How old a signature may be: a slow network and a clock that is behind."""

AHEAD_SECONDS = 5
"""How far a sender's clock may be ahead. For so long after a start no signature counts, see ReplayMemory."""

MAX_FIELD_CHARS = 4_096
"""Signature and Signature-Input; ours have some three hundred characters."""

MAX_NONCE_CHARS = 128
NONCE_BYTES = 16

MAX_NONCES = 65_536
"""Signatures remembered at once: a thousand requests a second from trusted peers. Beyond it they are refused."""


class NotSigned(TocsinError):
    """A signature that does not count. The message is for this node's log, not for who sent it."""

    code = "not-signed"
    status = 401


class Shown(msgspec.Struct, frozen=True):
    """A request as it came. `path` and `query` are escaped as they were sent; names in `headers` are lower case."""

    method: str
    authority: str
    path: str
    query: str
    headers: dict[str, str]


class Verified(msgspec.Struct, frozen=True):
    """`keyid` is the sender's node id; `digest` the Content-Digest that the body must have, None for no body."""

    keyid: str
    nonce: str
    digest: str | None


class _Message:
    """A request in the shape that the library reads and writes."""

    def __init__(self, method: str, url: str, headers: Mapping[str, str]) -> None:
        self.method = method
        self.url = url
        self.headers = dict(headers)


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, key_of: Callable[[str], bytes | None]) -> None:
        self._key_of = key_of

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        key = self._key_of(key_id)
        return None if key is None else Ed25519PublicKey.from_public_bytes(key)


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Not by the machine's clock: `verify` does it by the one it is given."""


class RequestSigner:
    """Signs what this node sends."""

    def __init__(self, identity: NodeIdentity, clock: Clock, entropy: Entropy) -> None:
        self._identity = identity
        self._clock = clock
        self._entropy = entropy
        self._signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519)

    def headers(self, method: str, url: str, body: bytes | None, *, recipient_key: bytes) -> dict[str, str]:
        """The headers to send beside the request's own. `recipient_key` is the public key of the node it is for."""
        message = _Message(method, url, {RECIPIENT: node_id(recipient_key)})
        now = self._clock()
        prepared = self._signer.prepare(
            message,
            key_id=node_id(self._identity.public),  # the key that signs; its owner may have had others
            created=now,
            expires=now + timedelta(seconds=VALID_SECONDS),
            nonce=self._entropy(NONCE_BYTES).hex(),
            label=TAG,
            tag=TAG,
            covered_component_ids=COVERED,
            body=body,
        )
        self._signer.apply(message, prepared, self._identity.sign(prepared.signature_base))
        return message.headers


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether a request claims a signature; then nothing else is looked at, so that taking it off gains nothing."""
    return "signature" in headers or "signature-input" in headers


def verify(
    shown: Shown, *, recipient: str, key_of: Callable[[str], bytes | None], now: datetime, started: datetime
) -> Verified:
    """Whose a signed request is. Raises NotSigned.

    `recipient` is this node's id; `key_of` gives the pinned Ed25519 key (32 bytes) of a node id, None for any other;
    `started` is when this process began to remember nonces.

    1. There is one signature, of a size that ours have. 2. It names a time, an end, a nonce, a key and the algorithm.
    3. It is of now, and of after this process began. 4. It is for this node.
    5. It covers what it must, the digest of a body included, and a request that has no digest has no body.
    6. It is the pinned key's.
    """
    parameters = _parameters(shown.headers)  # 1, 2
    _check_time(parameters, now, started)  # 3
    if not hmac.compare_digest(shown.headers.get(RECIPIENT, "").encode(), recipient.encode()):  # 4
        raise NotSigned("it is for another node")
    required: tuple[str, ...] = COVERED
    if shown.method in WITH_BODY:  # 5
        required = (*COVERED, DIGEST)
    elif shown.headers.get("content-length", "0") != "0" or "transfer-encoding" in shown.headers:
        raise NotSigned(f"a {shown.method} with a body")
    query = f"?{shown.query}" if shown.query else ""
    message = _Message(shown.method, f"https://{shown.authority}{shown.path}{query}", shown.headers)
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(key_of))
    try:
        verifier.verify(message, max_age=None, expect_tag=TAG, require_components=required)  # 6
    except InvalidSignature as error:
        raise NotSigned(f"the signature does not count: {type(error.__cause__ or error).__name__}") from error
    except Exception as error:  # the library maps most of what foreign bytes raise, and not all
        raise NotSigned("the request cannot be read as a signed one") from error
    digest = shown.headers.get(DIGEST) if shown.method in WITH_BODY else None
    return Verified(keyid=parameters["keyid"], nonce=parameters["nonce"], digest=digest)


def check_body(digest: str, body: bytes) -> None:
    """Raise NotSigned unless a body has the digest that was signed (SHA-256 or SHA-512)."""
    try:
        ContentDigest.verify(digest, body)
    except InvalidSignature as error:
        raise NotSigned("the body is not the one that was signed") from error


def _parameters(headers: Mapping[str, str]) -> dict[str, Any]:
    fields = [headers.get(name, "") for name in ("signature-input", "signature")]
    if any(not 0 < len(field) <= MAX_FIELD_CHARS or not field.isascii() for field in fields):
        raise NotSigned("a signature field is missing, too long, or not ASCII")
    try:
        given: Any = http_sf.parse(fields[0].encode(), tltype="dictionary")
    except ValueError as error:
        raise NotSigned("Signature-Input cannot be read") from error
    if not isinstance(given, dict) or len(given) != 1:
        raise NotSigned("there must be one signature, not several")
    parameters: dict[str, Any] = next(iter(given.values()))[1]
    for name in ("created", "expires"):
        if type(parameters.get(name)) is not int:
            raise NotSigned(f"it says no {name}")
    for name in ("keyid", "nonce", "alg"):
        if not isinstance(parameters.get(name), str) or not 0 < len(parameters[name]) <= MAX_NONCE_CHARS:
            raise NotSigned(f"it says no {name}")
    if parameters["alg"] != algorithms.ED25519.algorithm_id:
        raise NotSigned("its algorithm is not ed25519")
    return parameters


def _check_time(parameters: Mapping[str, Any], now: datetime, started: datetime) -> None:
    seconds, created, expires = now.timestamp(), parameters["created"], parameters["expires"]
    if not seconds - VALID_SECONDS <= created <= seconds + AHEAD_SECONDS:
        raise NotSigned("it is too old, or of the future: are both clocks right?")
    if expires < seconds or expires > created + VALID_SECONDS:
        raise NotSigned("it has expired, or would count for too long")
    if created <= started.timestamp() + AHEAD_SECONDS:
        raise NotSigned("this node has just started: try again in a few seconds")


class ReplayMemory:
    """Each nonce of each key counts once. Not for several threads at once.

    It is in memory alone. That is enough: after a restart `verify` refuses what was signed before AHEAD_SECONDS
    after it, and nothing that counted before can have been signed later.
    """

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        """In the order of their ends: all are kept equally long."""

    def take(self, verified: Verified, now: datetime) -> None:
        """Remember it. Raises NotSigned when it was there before, or when there are too many to remember."""
        seconds = now.timestamp()
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > seconds:
                break
            del self._until[oldest]
        key = (verified.keyid, verified.nonce)
        if key in self._until:
            raise NotSigned("this very request came before")
        if len(self._until) >= MAX_NONCES:
            raise NotSigned("too many signed requests in a minute")
        self._until[key] = seconds + VALID_SECONDS + AHEAD_SECONDS
