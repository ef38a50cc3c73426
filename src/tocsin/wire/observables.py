"""One spelling for each identifier, so that two accounts that share it are seen to share it.

Enters: the type and value a source sent. Leaves: the canonical value. Refuses, in words that never repeat
the value, what cannot be an identifier of that type.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable

from tocsin.kernel import BadInput, Observable, ObservableType
from tocsin.kernel.limits import MAX_ID_CHARS

MAX_DOMAIN_CHARS = 253
"""RFC 1035 section 2.3.4, without the closing dot."""

PHONE_DIGITS = (7, 15)
"""ITU-T E.164: at most 15 digits; below 7 it is a short code that many people share."""

IPV4_PREFIX = 24
IPV6_PREFIX = 48
"""What one customer or household usually holds: narrower names a person, wider names a town."""

HASH_LENGTHS = {32: "MD5", 40: "SHA-1", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PHONE_DECORATION = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
_SEPARATORS = re.compile(r"[\s\-]+")
_BASE16_WALLET = re.compile(r"0x[0-9a-fA-F]{40}")
_BECH32_WALLET = re.compile(r"(?:bc|tb|ltc)1[02-9ac-hj-np-z]{6,87}", re.IGNORECASE)


def _text(value: str) -> str:
    if len(value) > 4 * MAX_ID_CHARS:  # normalising may lengthen a text eighteen times
        raise BadInput(f"is longer than {MAX_ID_CHARS} characters; send a shorter identifier")
    text = unicodedata.normalize("NFKC", value).strip()
    if not text:
        raise BadInput("is empty; leave the observable out")
    if len(text) > MAX_ID_CHARS:
        raise BadInput(f"is longer than {MAX_ID_CHARS} characters; send a shorter identifier")
    if any(unicodedata.category(char) == "Cc" for char in text):
        raise BadInput("holds a control character; send the plain identifier")
    return text


def _domain(value: str) -> str:
    text = re.sub(r"[\u3002\uff0e\uff61]", ".", value).rstrip(".").casefold()
    labels: list[str] = []
    for label in text.split("."):
        try:
            ascii_label = label if label.isascii() else label.encode("idna").decode("ascii")
        except UnicodeError:
            raise BadInput("is not a domain name; send it as in DNS, without scheme or path") from None
        if _LABEL.fullmatch(ascii_label) is None:
            raise BadInput("is not a domain name; send it as in DNS, without scheme or path")
        labels.append(ascii_label)
    name = ".".join(labels)
    if len(labels) < 2 or len(name) > MAX_DOMAIN_CHARS or labels[-1].isdigit():
        raise BadInput("is not a full domain name; send it as in DNS, with its top level")
    return name


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at or not local or any(char.isspace() for char in value):
        raise BadInput("is not an e-mail address; send name@domain")
    return f"{local.casefold()}@{_domain(domain)}"


def _phone(value: str) -> str:
    text = _PHONE_DECORATION.sub("", value)
    digits = text[1:] if text.startswith("+") else text.removeprefix("00")
    if not (digits.isascii() and digits.isdigit() and PHONE_DIGITS[0] <= len(digits) <= PHONE_DIGITS[1]):
        raise BadInput("is not a telephone number; send it in international form, +49...")
    return f"+{digits}"


def _wallet(value: str) -> str:
    # Base58 is case-sensitive; hexadecimal and bech32 addresses are the same in either case.
    text = _SEPARATORS.sub("", value) if " " in value else value
    if _BASE16_WALLET.fullmatch(text) or _BECH32_WALLET.fullmatch(text):
        return text.lower()
    return text


def _payment(value: str) -> str:
    return _SEPARATORS.sub("", value).upper()


def _address_prefix(value: str) -> str:
    try:
        # A zone (%eth0) names an interface of one machine, not a prefix.
        parsed = ipaddress.ip_interface(value if "%" not in value else "")
    except ValueError:
        raise BadInput("is not an address or prefix; send 198.51.100.0/24 or 2001:db8::/48") from None
    ip = parsed.ip
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        if parsed.network.prefixlen < 96 + IPV4_PREFIX:
            raise BadInput("is wider than a prefix that says anything; send /24 or narrower")
        ip = ip.ipv4_mapped
        return str(ipaddress.ip_network((ip, IPV4_PREFIX), strict=False))
    width = IPV4_PREFIX if ip.version == 4 else IPV6_PREFIX
    if parsed.network.prefixlen < width:
        raise BadInput(f"is wider than a prefix that says anything; send /{width} or narrower")
    return str(ipaddress.ip_network((ip, width), strict=False))


def _handle(value: str) -> str:
    text = value.lstrip("@").casefold()
    if not text:
        raise BadInput("is empty; leave the observable out")
    return text


def _file_hash(value: str) -> str:
    _, _, text = value.rpartition(":")
    text = text.lower()
    if len(text) not in HASH_LENGTHS or re.fullmatch(r"[0-9a-f]+", text) is None:
        raise BadInput(f"is not a file hash; send {', '.join(HASH_LENGTHS.values())} in hexadecimal")
    return text


def _as_is(value: str) -> str:
    return value


_CANONICAL: dict[ObservableType, Callable[[str], str]] = {
    ObservableType.PAYMENT: _payment,
    ObservableType.WALLET: _wallet,
    ObservableType.DOMAIN: _domain,
    ObservableType.DEVICE: _as_is,
    ObservableType.ADDRESS_PREFIX: _address_prefix,
    ObservableType.INVITATION: _as_is,
    ObservableType.EMAIL: _email,
    ObservableType.PHONE: _phone,
    ObservableType.HANDLE: _handle,
    ObservableType.FILE_HASH: _file_hash,
}


def canonical(kind: ObservableType, value: str) -> str:
    """The one spelling of an identifier; canonical of canonical is itself.

    Raises BadInput whose message is a verb phrase ("is not ...") and never holds the value.
    """
    text = _CANONICAL[kind](_text(value))
    if not text:
        raise BadInput("is empty; leave the observable out")
    if len(text) > MAX_ID_CHARS:
        raise BadInput(f"is longer than {MAX_ID_CHARS} characters; send a shorter identifier")
    return text


def canonical_observable(observable: Observable) -> Observable:
    """The same observable in its one spelling. Raises BadInput as `canonical` does."""
    value = canonical(observable.type, observable.value)
    return observable if value == observable.value else Observable(observable.type, value)
