"""Standard Webhooks: the example of the specification, and a receiver of its own."""

import base64
import hashlib
import hmac

from tocsin.trust.webhooks import mint_secret, signed_headers


def test_the_vector_of_the_reference_implementations() -> None:
    # of the libraries of standard-webhooks (tests of each language, "sign function works")
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_minted_secret_signs_and_another_does_not() -> None:
    secret = mint_secret(lambda size: b"\x07" * size)
    headers = signed_headers(secret, id="m", at=1, body=b"{}")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(key) == 32
    wanted = hmac.new(key, b"m.1.{}", hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(wanted).decode()}"
    other = mint_secret(lambda size: b"\x08" * size)
    assert signed_headers(other, id="m", at=1, body=b"{}") != headers
