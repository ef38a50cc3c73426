"""An OpenID provider on loopback that follows the standard, and tells a lie where a test wants one.

It is strict about what a client must do: PKCE (S256), redirect_uri, the client's secret, a code used once.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from tests.hostile_peer import Asked, HostilePeer, answer

CLIENT = "tocsin-node"
JSON = "application/json"
RSA = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
"""Made once: a key of 2,048 bits takes a second."""


class OpenIdProvider:
    """People are let in at once as `who`; `claims` go into their ID token, after `lies` changed them."""

    def __init__(
        self, clock: Callable[[], float], *, secret: str | None = None, names_itself: bool = True
    ) -> None:
        self.clock = clock
        self.secret = secret
        self.who = "248289761001"
        self.claims: dict[str, Any] = {"preferred_username": "chen", "groups": ["analysts"]}
        self.lies: dict[str, Any] = {}
        """Claims said in place of the true ones; None leaves one out."""
        self.discovery: dict[str, Any] = {"authorization_response_iss_parameter_supported": names_itself}
        self.keys: list[Key] = [RSA]
        self.signing: Key = RSA
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "first"}
        self.sign: Callable[[dict[str, Any]], str] = self._sign
        self.overrides: dict[str, Callable[[Asked], Iterable[bytes]]] = {}
        """Path to a script that answers instead."""
        self.refusals: list[str] = []
        """What a client did wrong at the token endpoint."""
        self._codes: dict[str, dict[str, str]] = {}
        self._peer = HostilePeer(self._script)
        self.issuer = self._peer.url.rstrip("/")

    @property
    def asked(self) -> list[str]:
        """Paths asked for so far."""
        return [urlsplit(one.path).path for one in self._peer.asked]

    def __enter__(self) -> Self:
        self._peer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._peer.__exit__(kind, error, trace)

    def let_in(self, address: str) -> dict[str, str]:
        """What a browser brings back that was sent to `address`: the query of the redirect."""
        query = dict(parse_qsl(urlsplit(address).query))
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert "openid" in query["scope"].split()
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self._codes[code] = query
        return {"code": code, "state": query["state"], "iss": self.issuer}

    def _script(self, asked: Asked) -> Iterable[bytes]:
        parts = urlsplit(asked.path)
        if parts.path in self.overrides:
            return self.overrides[parts.path](asked)
        match parts.path:
            case "/.well-known/openid-configuration":
                return [answer(self._configuration(), media_type=JSON)]
            case "/keys":
                public = [key.as_dict(private=False) for key in self.keys]
                return [answer(json.dumps({"keys": public}).encode(), media_type=JSON)]
            case "/authorize":
                query = dict(parse_qsl(parts.query))
                back = f"{query['redirect_uri']}?{urlencode(self.let_in(asked.path))}"
                return [answer(b"", status="302 Found", headers={"Location": back})]
            case "/token":
                return [self._token(asked)]
        return [answer(b"", status="404 Not Found")]

    def _configuration(self) -> bytes:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return json.dumps(document | self.discovery).encode()

    def _token(self, asked: Asked) -> bytes:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        begun = self._codes.pop(form.get("code", ""), None)
        wrong = self._wrong(asked, form, begun)
        if wrong or begun is None:
            self.refusals.append(wrong or "the code")
            return answer(b'{"error":"invalid_grant"}', status="400 Bad Request", media_type=JSON)
        now = int(self.clock())
        claims = {
            "iss": self.issuer,
            "sub": self.who,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": begun["nonce"],
            **self.claims,
            **self.lies,
        }
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        said = {"access_token": "x", "token_type": "Bearer", "id_token": token}
        return answer(json.dumps(said).encode(), media_type=JSON)

    def _wrong(self, asked: Asked, form: dict[str, str], begun: dict[str, str] | None) -> str:
        if begun is None:
            return "the code"
        if (
            form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != begun["redirect_uri"]
        ):
            return "the grant or its address"
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != begun["code_challenge"]:
            return "the verifier"
        if self.secret is None:
            return "" if form.get("client_id") == CLIENT else "the client"
        basic = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        by_header = asked.headers.get("authorization") == f"Basic {basic}"
        by_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT, self.secret)
        return "" if by_header != by_form else "the client's secret"

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(self.header, claims, self.signing, algorithms=[self.header["alg"]])


def unsigned(claims: dict[str, Any]) -> str:
    """`alg: none`, as the textbook attack writes it."""
    parts = [{"alg": "none", "typ": "JWT"}, claims]
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
        + "."
    )


def confused(claims: dict[str, Any]) -> str:
    """HS256 with the provider's public key as the shared secret."""
    public = RSA.as_pem(private=False)
    return jwt.encode(
        {"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(public), algorithms=["HS256"]
    )


def another_key() -> Key:
    """A key that the provider never published, under the same id."""
    return ECKey.generate_key("P-256", {"kid": "first", "use": "sig"})
