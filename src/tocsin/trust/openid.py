"""What an OpenID provider says, and whether to believe it (OpenID Connect Core 1.0, Discovery 1.0). No I/O.

Enters: bytes of a provider. Leaves: its addresses, its keys, and who somebody is. Refuses: everything unsigned, signed
with a shared key, meant for another client, too old, or an answer to another question.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from tocsin.kernel import ProviderFault
from tocsin.trust.seal import Entropy

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Public keys only. `none` has no key; with HS256 a provider's public key would be the secret (RFC 8725, 2.1)."""

MIN_RSA_BITS = 2_048
MAX_KEYS = 64
"""A provider that turns its keys daily and keeps them for a month has half of these."""
MAX_TOKEN_CHARS = 65_536
"""An ID token with some thousand groups."""
MAX_SUBJECT_CHARS = 255
"""OpenID Connect Core, 2."""
MAX_GROUPS = 1_000
MAX_GROUP_CHARS = 256
LEEWAY_SECONDS = 60
"""Clocks of two honest machines."""
MAX_AGE_SECONDS = 600
"""An ID token is made for the log-in that asks for it: an older one comes from somewhere else."""

_KINDS: Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}

_UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What reading foreign JSON raises; text that is not UTF-8 is a ValueError."""


class KeyUnknownError(ProviderFault):
    """The token names a key that is not among those fetched: the provider may have turned its keys."""

    code = "provider-key-unknown"


class Provider(msgspec.Struct, frozen=True):
    """Where a provider is reached. `names_itself` promises `iss` in the answer to the browser (RFC 9207)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    names_itself: bool
    basic: bool
    """It takes the client's secret in the Authorization header."""


class Identity(msgspec.Struct, frozen=True):
    """Who logged in: `subject` is theirs at this issuer for ever, `name` is for people to read."""

    subject: str
    name: str
    groups: tuple[str, ...]
    mfa: bool


class Expected(msgspec.Struct, frozen=True):
    """What a good ID token holds. `now` in seconds since 1970."""

    issuer: str
    client: str
    nonce: str
    now: int
    groups_claim: str = "groups"
    mfa_acr: tuple[str, ...] = ()


class _Discovery(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Jwks(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class _TokenAnswer(msgspec.Struct, frozen=True):
    id_token: str = ""


def read_provider(content: bytes, issuer: str) -> Provider:
    """A discovery document. Raises ProviderFault, also when it speaks for another issuer (Discovery, 4.3)."""
    try:
        said = msgspec.json.decode(content, type=_Discovery)
    except _UNREADABLE as error:
        raise ProviderFault("its discovery document cannot be read") from error
    if said.issuer != issuer:
        raise ProviderFault("its discovery document speaks for another issuer")
    if "S256" not in said.code_challenge_methods_supported:
        raise ProviderFault("it does not take PKCE with S256, without which a stolen code opens the door")
    return Provider(
        issuer=issuer,
        authorization=said.authorization_endpoint,
        token=said.token_endpoint,
        keys=said.jwks_uri,
        names_itself=said.authorization_response_iss_parameter_supported,
        basic="client_secret_basic" in said.token_endpoint_auth_methods_supported,
    )


def read_keys(content: bytes) -> KeySet:
    """A JWK set. Shared, weak, broken and encryption keys are passed over. Raises ProviderFault when none is left."""
    try:
        said = msgspec.json.decode(content, type=_Jwks).keys
    except _UNREADABLE as error:
        raise ProviderFault("its keys cannot be read") from error
    if len(said) > MAX_KEYS:
        raise ProviderFault(f"it has more than {MAX_KEYS} keys")
    keys: list[Key] = [key for entry in said if (key := public_key(entry)) is not None]
    if not keys:
        raise ProviderFault("it has no key that a signature could be checked with")
    return KeySet(keys)


def read_id_token(content: bytes) -> str:
    """The ID token in a token endpoint's answer. Raises ProviderFault."""
    try:
        token = msgspec.json.decode(content, type=_TokenAnswer).id_token
    except _UNREADABLE as error:
        raise ProviderFault("its token answer cannot be read") from error
    if not 0 < len(token) <= MAX_TOKEN_CHARS:
        raise ProviderFault("it gave no ID token that could be read")
    return token


def verify(token: str, keys: KeySet, expected: Expected) -> Identity:
    """Who an ID token is about. Raises KeyUnknownError, ProviderFault."""
    return _identity(verified_claims(token, keys, expected), expected)


def verified_claims(token: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """What an ID token says (OpenID Connect Core, 3.1.3.7); `sub` is text that can be kept.

    1. Signed with a listed algorithm by a key of the provider. 2. `iss`, `sub`, `exp`, `iat` are there and right.
    3. `aud` is this client and nobody else, and `azp`, where it stands, too. 4. `nonce` is that of this log-in.
    5. It was made just now. Raises KeyUnknownError, ProviderFault.
    """
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS, registry=registry).claims  # 1
        JWTClaimsRegistry(
            now=expected.now,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": expected.issuer},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(claims)  # 2
    except InvalidKeyIdError as error:
        raise KeyUnknownError("its ID token names a key that it does not publish") from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise ProviderFault(f"its ID token does not hold: {type(error).__name__}") from error
    audience = claims.get("aud")
    if (
        audience not in (expected.client, [expected.client])
        or claims.get("azp", expected.client) != expected.client
    ):
        raise ProviderFault("its ID token is meant for somebody else")  # 3
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise ProviderFault("its ID token answers another log-in")  # 4
    if claims["iat"] < expected.now - MAX_AGE_SECONDS:
        raise ProviderFault("its ID token was not made for this log-in: it is too old")  # 5
    subject = claims["sub"]
    if not (0 < len(subject) <= MAX_SUBJECT_CHARS and subject.isprintable()):
        raise ProviderFault("its ID token has no subject that could be kept")
    return claims


def new_verifier(entropy: Entropy) -> str:
    """A PKCE verifier (RFC 7636, 4.1); also good as state and nonce."""
    return base64url(entropy(32))


def challenge(verifier: str) -> str:
    """Its S256 challenge (RFC 7636, 4.2)."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


def _identity(claims: dict[str, Any], expected: Expected) -> Identity:
    subject = claims["sub"]
    groups = claims.get(expected.groups_claim, [])
    if isinstance(groups, str):
        groups = [groups]
    if not isinstance(groups, list) or len(groups) > MAX_GROUPS:
        raise ProviderFault(f"its ID token lists no groups, or more than {MAX_GROUPS}")
    methods = claims.get("amr")
    named = [claims.get(claim) for claim in ("preferred_username", "name")]
    return Identity(
        subject=subject,
        name=next((name for name in named if isinstance(name, str) and name.strip()), subject),
        groups=tuple(
            group
            for group in groups
            if isinstance(group, str) and group.isprintable() and 0 < len(group) <= MAX_GROUP_CHARS
        ),
        mfa=(isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in expected.mfa_acr,
    )


def public_key(entry: dict[str, Any]) -> RSAKey | ECKey | OKPKey | None:
    """A key that a signature can be checked with; None for a shared, weak or broken one, or one for encryption."""
    kind = _KINDS.get(str(entry.get("kty")))
    if kind is None or entry.get("use", "sig") != "sig":
        return None
    if kind is RSAKey and len(str(entry.get("n"))) * 6 < MIN_RSA_BITS:
        return None
    try:
        key = kind.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    public = key.public_key
    if isinstance(public, RSAPublicKey) and public.key_size < MIN_RSA_BITS:
        return None
    return key


def base64url(raw: bytes) -> str:
    """As JOSE writes bytes (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
