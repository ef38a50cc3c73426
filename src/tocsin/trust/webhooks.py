"""Signatures of webhooks as Standard Webhooks 1.0 has them: HMAC-SHA256 over id, time and body, under a shared secret.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac

from tocsin.trust.seal import Entropy

SECRET_BYTES = 32
"""The specification asks for 24 to 64."""

PREFIX = "whsec_"


def mint_secret(entropy: Entropy) -> str:
    """A new secret as its receiver keeps it."""
    return PREFIX + base64.b64encode(entropy(SECRET_BYTES)).decode()


def signed_headers(secret: str, *, id: str, at: int, body: bytes) -> dict[str, str]:  # noqa: A002  # their word
    """The three headers of a message. `at` in whole seconds; the id is the same however often it is sent."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, b".".join((id.encode(), str(at).encode(), body)), "sha256")
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
