"""OpenID4VP 1.0: what a wallet is asked, signed; and its answer by `direct_post`, read.

Enters: a nonce and what is wanted; later the fields of a form. Leaves: a request object (RFC 9101), and one
presentation. Refuses: what is no answer. Who signs is known to a wallet by the hash of a certificate (`x509_hash`), so
that no name has to be registered anywhere.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws
from joserfc.jwk import ECKey

from tocsin.trust.openid import base64url
from tocsin.trust.presentations.jws import ALGORITHMS, MAX_HEADER_BYTES, UNREADABLE
from tocsin.trust.presentations.refusing import PresentationRefused, Why

REQUEST_TYPE = "application/oauth-authz-req+jwt"
WALLETS = "https://self-issued.me/v2"
"""The audience of a request to any wallet (OpenID4VP 1.0, section 5.8)."""
QUERY = "credential"
"""The id of the one query that is asked (DCQL)."""
_BINDING_ALGORITHMS = [name for name in ALGORITHMS if name.startswith(("ES", "Ed"))]


class Offer(msgspec.Struct, frozen=True):
    """One request. `state` names it, `nonce` binds the answer to it; times in seconds since 1970."""

    state: str
    nonce: str
    response_uri: str
    types: tuple[str, ...]
    claims: tuple[str, ...]
    made: int
    expires: int


class Response(msgspec.Struct, frozen=True):
    """What a wallet answered: one presentation, or that its holder declined."""

    state: str
    presentation: str
    declined: bool = False


class Signer:
    """Signs requests. The certificate stands in each, and its hash is the verifier's name."""

    def __init__(self, certificate: bytes, key: bytes) -> None:
        """Both PEM. Raises ValueError."""
        der = x509.load_pem_x509_certificate(certificate).public_bytes(Encoding.DER)
        self._chain = [base64.b64encode(der).decode()]
        self._key = ECKey.import_key(key)
        self.client_id = "x509_hash:" + base64url(hashlib.sha256(der).digest())

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A request object."""
        header = {"alg": "ES256", "typ": "oauth-authz-req+jwt", "x5c": self._chain}
        registry = jws.JWSRegistry(algorithms=["ES256"])
        registry.max_header_length = MAX_HEADER_BYTES
        return jws.serialize_compact(header, msgspec.json.encode(claims), self._key, registry=registry)


def dcql(types: tuple[str, ...], claims: tuple[str, ...]) -> dict[str, Any]:
    """The query (DCQL, section 6). Without claims nothing that can be withheld is asked for (section 6.4.1)."""
    query: dict[str, Any] = {"id": QUERY, "format": "dc+sd-jwt", "meta": {"vct_values": list(types)}}
    if claims:
        query["claims"] = [{"path": [name]} for name in claims]
    return {"credentials": [query]}


def request_object(signer: Signer, offer: Offer) -> str:
    """What a wallet fetches: who asks, what for, where to answer."""
    return signer.sign(
        {
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "client_id": signer.client_id,
            "response_uri": offer.response_uri,
            "aud": WALLETS,
            "nonce": offer.nonce,
            "state": offer.state,
            "dcql_query": dcql(offer.types, offer.claims),
            "client_metadata": {
                "vp_formats_supported": {
                    "dc+sd-jwt": {
                        "sd-jwt_alg_values": list(ALGORITHMS),
                        "kb-jwt_alg_values": _BINDING_ALGORITHMS,
                    }
                }
            },
            "iat": offer.made,
            "exp": offer.expires,
        }
    )


def read_response(fields: Mapping[str, str]) -> Response:
    """The fields of an answer by direct_post (section 8.2). Raises PresentationRefused."""
    state = fields.get("state", "")
    if "error" in fields:
        return Response(state, "", declined=True)
    try:
        answered = msgspec.json.decode(fields.get("vp_token", ""), type=dict[str, tuple[str, ...]])
    except UNREADABLE as error:
        raise PresentationRefused(Why.UNREADABLE, "its vp_token cannot be read") from error
    if set(answered) != {QUERY} or len(answered[QUERY]) != 1:
        raise PresentationRefused(Why.UNREADABLE, "it answers with something else than one presentation")
    return Response(state, answered[QUERY][0])
