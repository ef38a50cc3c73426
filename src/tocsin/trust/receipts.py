"""Receipts: signed by who answers, over the RFC 8785 form behind a domain of its own."""

import msgspec

from tocsin.kernel import BadInput, Receipt
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.key_history import SIGNATURE_BYTES, verifies
from tocsin.wire.stix import canonical

DOMAIN = b"tocsin recall receipt v1\n"
MAX_HELD = 1_000
"""Versions of one record: nobody says a thing so often."""


def signed(receipt: Receipt, identity: NodeIdentity) -> Receipt:
    """The receipt under the key that the node has now."""
    keyed = msgspec.structs.replace(receipt, key=identity.public.hex())
    return msgspec.structs.replace(keyed, signature=identity.sign(signed_bytes(keyed)).hex())


def signed_bytes(receipt: Receipt) -> bytes:
    """What is signed: DOMAIN and the canonical form without the signature."""
    plain = msgspec.to_builtins(receipt)
    del plain["signature"]
    return DOMAIN + canonical(plain)


def read_receipt(body: bytes) -> Receipt:
    """A receipt as it came; nothing of it is believed yet. Raises BadInput."""
    try:
        receipt = msgspec.json.decode(body, type=Receipt)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput("this is no receipt") from error
    if len(receipt.held) > MAX_HELD:
        raise BadInput(f"a receipt names at most {MAX_HELD} versions")
    return receipt


def check_receipt(receipt: Receipt, *, to: str, by: str, key: bytes, latest: int) -> None:
    """Raise BadInput unless this is a receipt of `by`, for `to`, under `key`, not after `latest` (microseconds)."""
    if (receipt.to, receipt.by, receipt.key) != (to, by, key.hex()):
        raise BadInput("this receipt is for another node, of another, or under a key that is not pinned")
    if receipt.at > latest:
        raise BadInput("this receipt is from a time to come")
    try:
        signature = bytes.fromhex(receipt.signature)
    except ValueError:
        signature = b""
    if len(signature) != SIGNATURE_BYTES or not verifies(key, signature, signed_bytes(receipt)):
        raise BadInput("this receipt has a signature that does not hold")
