"""A key for labels that a token holds: a card, a stick, a module of hardware, through PKCS#11. The key never leaves it.

Enters: the key's address (RFC 7512), the token's PIN, the certificates in PEM. Leaves: a `LabelKey` while the session
is open. Refuses: an address that says more than is understood here, and a key that is not of the first certificate.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import msgspec

from tocsin.kernel import BadInput, Unavailable
from tocsin.label.signing import LabelKey, key_in_hands

if TYPE_CHECKING:
    import pkcs11

SCHEME = "pkcs11:"
MAX_URI_CHARS = 4_096
"""A module's path has at most that many."""
EXAMPLE = "pkcs11:token=NAME;object=KEY?module-path=/usr/lib/softhsm/libsofthsm2.so"
SEVERAL = "the address fits several: name one by token=, object= and id="
_PATH, _QUERY = frozenset({"token", "object", "id", "type"}), frozenset({"module-path"})


class TokenAddress(msgspec.Struct, frozen=True):
    """Where a key lies. `object` is its label, `id` its number; one of them is given, and what is "" is not asked."""

    module: str
    token: str = ""
    object: str = ""
    id: bytes = b""


def address_of(uri: str) -> TokenAddress:
    """A PKCS#11 URI (RFC 7512, section 2.3) read strictly: what would narrow the choice is never skipped.

    Raises BadInput.
    """
    if not uri.startswith(SCHEME) or len(uri) > MAX_URI_CHARS:
        raise BadInput(f"a key in a token is named as {EXAMPLE}")
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    said = _pairs(path, ";", _PATH) | _pairs(query, "&", _QUERY)
    try:
        text = {name: value.decode() for name, value in said.items() if name != "id"}
    except UnicodeDecodeError:
        raise BadInput("a key's address is UTF-8, percent-encoded") from None
    if text.get("type", "private") != "private":
        raise BadInput("a label is signed with a private key: say type=private, or leave it out")
    if "module-path" not in text:
        raise BadInput(f"a key's address says which module speaks to the token: {EXAMPLE}")
    if not (text.get("object") or said.get("id")):
        raise BadInput(f"a key's address names the key, by object=LABEL or id=%01: {EXAMPLE}")
    return TokenAddress(
        text["module-path"], text.get("token", ""), text.get("object", ""), said.get("id", b"")
    )


@contextmanager
def key_in_token(address: TokenAddress, pin: str | None, chain: bytes) -> Iterator[LabelKey]:
    """The key while the token's session is open. Raises BadInput, Unavailable."""
    try:
        import pkcs11
    except ImportError:
        raise Unavailable(
            "keys in tokens need python-pkcs11: pip install 'tocsin[label]', or sign with --key FILE"
        ) from None
    try:
        token = pkcs11.lib(address.module).get_token(
            **({"token_label": address.token} if address.token else {})
        )
        session = token.open(user_pin=pin)
    except pkcs11.PKCS11Error as error:
        raise _told(error) from error
    with session:
        held = _found(session, address)

        def sign(message: bytes) -> bytes:
            try:  # the digest is made here: few tokens hash and sign at once
                return bytes(held.sign(hashlib.sha256(message).digest(), mechanism=pkcs11.Mechanism.ECDSA))
            except pkcs11.PKCS11Error as error:
                raise _told(error) from error

        yield key_in_hands(sign, chain)


def _found(session: "pkcs11.Session", address: TokenAddress) -> "pkcs11.SignMixin":
    """All that fit are listed: the library's own search for one leaves its query open when there are two."""
    import pkcs11

    wanted: dict[pkcs11.Attribute, object] = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY,
        pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.EC,
    }
    if address.object:
        wanted[pkcs11.Attribute.LABEL] = address.object
    if address.id:
        wanted[pkcs11.Attribute.ID] = address.id
    try:
        found = [one for one in session.get_objects(wanted) if isinstance(one, pkcs11.SignMixin)]
    except pkcs11.PKCS11Error as error:
        raise _told(error) from error
    if not found:
        raise BadInput(
            "the token holds no such private key on an elliptic curve; without a PIN it shows none"
        )
    if len(found) > 1:
        raise BadInput(SEVERAL)
    return found[0]


def _pairs(text: str, apart: str, known: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for one in filter(None, text.split(apart)):
        name, equals, value = one.partition("=")
        if name.startswith("pin-"):
            raise BadInput(
                "a PIN in the address shows in the list of processes: leave it out (docs/labels.md)"
            )
        if not equals or name not in known or name in found:
            raise BadInput(f"a key's address says {name[:40]!r}, which is not understood here: {EXAMPLE}")
        found[name] = unquote_to_bytes(value)
    return found


def _told(error: "pkcs11.PKCS11Error") -> BadInput | Unavailable:
    import pkcs11

    match error:
        case pkcs11.NoSuchToken():
            return BadInput("no token of this name is there: is it plugged in, and its module the right one?")
        case pkcs11.MultipleTokensReturned():
            return BadInput(SEVERAL)
        case pkcs11.PinIncorrect() | pkcs11.PinLenRange() | pkcs11.PinInvalid():
            return BadInput("the token refuses the PIN: too many wrong ones lock it")
        case pkcs11.PinLocked():
            return Unavailable("the token is locked after wrong PINs: its security officer can set a new one")
        case _:
            return Unavailable(
                f"the token or its module does not answer ({type(error).__name__}): {error}"[:300]
            )
