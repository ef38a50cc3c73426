"""What a wallet presents, and whether to believe it (RFC 9901, SD-JWT VC, Token Status List, OpenID4VP 1.0). No I/O.

Enters: foreign text. Leaves: that an issuer whom the operator named vouches for the holder of a key, and the claims
that were asked for. Refuses, each by its own reason: an unknown issuer, a signature that does not hold, disclosures
that the issuer did not sign or nobody asked for, a credential that is too old, not yet good, revoked or suspended, and
a holder who answers another verifier, another question, or at another time.
"""

from tocsin.trust.presentations.refusing import PresentationRefused, Why
from tocsin.trust.presentations.requests import (
    REQUEST_TYPE,
    Offer,
    Response,
    Signer,
    dcql,
    read_response,
    request_object,
)
from tocsin.trust.presentations.sd_jwt import Disclosure, SdJwt, read, unpack
from tocsin.trust.presentations.status_list import Status, StatusList, StatusPlace, place_of, read_list
from tocsin.trust.presentations.verifying import Asked, Presented, verify

__all__ = [
    "REQUEST_TYPE",
    "Asked",
    "Disclosure",
    "Offer",
    "PresentationRefused",
    "Presented",
    "Response",
    "SdJwt",
    "Signer",
    "Status",
    "StatusList",
    "StatusPlace",
    "Why",
    "dcql",
    "place_of",
    "read",
    "read_list",
    "read_response",
    "request_object",
    "unpack",
    "verify",
]
