"""A wallet that is not ours: openvc issues, holds and presents; PyJWT checks what it was asked.

Nothing here imports tocsin, so what passes between the two is what the standards say.
"""

import base64
import hashlib
import json
import time
from typing import Any
from unittest import mock

import jwt
from cryptography import x509
from openvc.keys import Ed25519SigningKey, P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.status.issue import build_status_list_token, build_token_status_reference
from openvc.status.token_status_list import new_status_list, set_status

ISSUER = "https://issuer.example"
IDENTITY = "https://issuer.example/credentials/person"
LIST = "https://issuer.example/statuses/1"

PERSON: dict[str, Any] = {
    "given_name": "Quillfeather",
    "family_name": "Ashgrovesson",
    "birthdate": "1987-03-14",
    "document_number": "ZX99817263",
    "nationalities": ["QZ"],
    "address": {"locality": "Nowhereford", "postal_code": "99Q 88Z"},
    "pairwise": "issuer-says-4f1d9c",
}
"""Made up, and rare enough to be looked for in every table."""


class Issuer:
    """Issues credentials, and keeps the list of those that it took back."""

    def __init__(self, name: str = ISSUER, *, kid: str = "first") -> None:
        self.name = name
        self.key = P256SigningKey.generate(kid)
        self.statuses = new_status_list(64, bits=2)

    @property
    def keys(self) -> dict[str, Any]:
        """Its JWK set."""
        return {"keys": [{**self.key.public_jwk(), "kid": self.key.kid, "use": "sig"}]}

    def issue(
        self, holder: "Wallet", now: int, *, days: int = 30, index: int | None = None, **changed: Any
    ) -> str:
        """A credential of the made-up person, every attribute of which may be withheld."""
        claims = {"iss": self.name, "iat": now, "exp": now + days * 86_400, **PERSON, **changed}
        if index is not None:
            claims["status"] = build_token_status_reference(uri=LIST, index=index)["status"]
        return SdJwtVcProofSuite().issue(
            claims,
            signing_key=self.key,
            disclosable=list(PERSON),
            holder_jwk=holder.key.public_jwk(),
            vct=IDENTITY,
            decoys=2,
        )

    def revoke(self, index: int, value: int = 1) -> None:
        set_status(self.statuses, index, value, bits=2)

    def status_list(self, now: int, *, uri: str = LIST, expires: int | None = None) -> str:
        """The signed list as it is published."""
        return build_status_list_token(
            status_list=self.statuses, uri=uri, bits=2, signing_key=self.key, issued_at=now, expires=expires
        )


class Wallet:
    """Holds one credential and a key."""

    def __init__(self, *, ed25519: bool = False) -> None:
        make = Ed25519SigningKey.generate if ed25519 else P256SigningKey.generate
        self.key: Ed25519SigningKey | P256SigningKey = make("holder")
        self.credential = ""

    def read_request(self, token: str, client_id: str) -> dict[str, Any]:
        """What is asked, after the checks of a wallet (OpenID4VP 1.0, 5.9.3, x509_hash; 5.10)."""
        header = jwt.get_unverified_header(token)
        assert header["typ"] == "oauth-authz-req+jwt"
        der = base64.b64decode(header["x5c"][0])
        named = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
        assert client_id == f"x509_hash:{named}"
        key: Any = x509.load_der_x509_certificate(der).public_key()
        asked: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["ES256"],
            audience="https://self-issued.me/v2",
            options={"verify_exp": False, "verify_iat": False},
        )
        assert asked["client_id"] == client_id
        assert asked["response_mode"] == "direct_post"
        return asked

    def shown(self, names: list[str]) -> str:
        """The credential with these claims and no others."""
        token, *disclosures, _ = self.credential.split("~")
        kept = [one for one in disclosures if _name(one) in names]
        return "~".join([token, *kept, ""])

    def present(self, shown: str, *, audience: str, nonce: str, now: int) -> str:
        """A presentation signed now; the library reads the clock, so the clock is put for it."""
        with mock.patch.object(time, "time", return_value=float(now)):
            return SdJwtVcProofSuite().create_presentation(
                shown, holder_key=self.key, audience=audience, nonce=nonce
            )

    def answer(self, token: str, client_id: str, now: int) -> dict[str, str]:
        """The form that is posted for a request object, showing what is asked and no more."""
        asked = self.read_request(token, client_id)
        (query,) = asked["dcql_query"]["credentials"]
        names = [claim["path"][0] for claim in query.get("claims", [])]
        made = self.present(self.shown(names), audience=client_id, nonce=asked["nonce"], now=now)
        return {"vp_token": json.dumps({query["id"]: [made]}), "state": asked["state"]}


def _name(disclosure: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4)))[1])
