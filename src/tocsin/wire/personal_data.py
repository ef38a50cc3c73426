"""Personal data in free text, found by its shape and its check digits. Docs: docs/sharing.md, with measured recall.

Enters: a string. Leaves: the kinds found in it. What a string of a closed form holds (an id, a moment, a
fingerprint) is not looked at. Names of persons are not found: no shape tells one, and no field of ours holds one.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator

from tocsin.wire.fold import undisguised

_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\s?(?:@|[\[({]\s?at\s?[\])}])\s?"
    r"(?:[\w-]{1,63}\s?(?:\.|[\[({]\s?dot\s?[\])}])\s?){1,8}[^\W\d_]{2,24}"
)
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)\s?[1-9](?:[\s./()-]{0,2}[0-9]){7,14}(?![\w])")
_NATIONAL_PHONE = re.compile(
    r"(?<![\w.])(?:\(0?[1-9][0-9]{1,4}\)|0[1-9][0-9]{0,4}|[2-9][0-9]{2})[\s./-]{1,2}[0-9]{2,4}(?:[\s./-][0-9]{2,5}){1,4}(?![\w])"
    r"|(?<![\w.])1[3-9][0-9]{9}(?![\w])|(?<![\w.])0[1-9][0-9]{8,10}(?![\w])"
)
_IBAN = re.compile(r"(?<![0-9a-z])[a-z]{2}[0-9]{2}(?:\s?[0-9a-z]{1,4}){3,8}(?![0-9a-z])")
_DIGITS = re.compile(r"(?<![\w])[0-9](?:[ -]?[0-9]){11,18}(?![\w])")
_IP = re.compile(
    r"(?<![\w.:])(?:[0-9]{1,3}(?:\[?\.\]?[0-9]{1,3}){3}(?!\w)|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:]))"
)
_HANDLE = re.compile(r"(?<![\w@./])@[a-z_][\w.]{2,31}|(?<![\w])u/[\w-]{3,32}")
_PROFILE = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)?(?:x\.com|twitter\.com|facebook\.com|fb\.com|instagram\.com|tiktok\.com|t\.me|telegram\.me"
    r"|vk\.com|weibo\.com|github\.com|linkedin\.com/in|youtube\.com|reddit\.com/u(?:ser)?|threads\.net|medium\.com|line\.me)"
    r"/@?[\w.-]{2,64}|https?://[^\s/@:]{1,64}(?::[^\s/@]{1,64})?@[\w.-]+"
)
_NATIONAL = (
    re.compile(
        r"(?<![\w-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])"
    ),  # US, social security
    re.compile(
        r"(?<!\w)(?!bg|gb|nk|kn|tn|nt|zz)[a-ceghj-prs-tw-z][a-ceghj-npr-tw-z]\s?(?:[0-9]{2}\s?){3}[a-d](?!\w)"
    ),  # GB
    re.compile(r"(?<!\w)[a-z]{6}[0-9]{2}[a-ehlmpr-t][0-9]{2}[a-z][0-9]{3}[a-z](?!\w)"),  # IT, codice fiscale
    re.compile(r"(?<!\w)[0-9]{2}[01][0-9][0-3][0-9]-[1-8][0-9]{6}(?!\w)"),  # KR, resident registration
)
_CN_ID = re.compile(r"(?<!\w)[1-9][0-9]{16}[0-9x](?!\w)")
_ES_ID = re.compile(r"(?<!\w)([0-9]{8}|[xyz][0-9]{7})-?([a-z])(?!\w)")
_BR_ID = re.compile(r"(?<!\w)[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?!\w)")
_FR_ID = re.compile(
    r"(?<!\w)[12]\s?[0-9]{2}\s?[01][0-9]\s?(?:[0-9]{2}|2[ab])\s?[0-9]{3}\s?[0-9]{3}\s?[0-9]{2}(?!\w)"
)


def personal_data_in(text: str) -> tuple[str, ...]:
    """The kinds of personal data in a text, sorted; digits of any script and look-alike letters are read as plain."""
    plain = undisguised(text)
    if not _HINT.search(plain):
        return ()
    return tuple(kind for kind, found in DETECTORS.items() if found(plain))


_HINT = re.compile(r"@|[0-9]{2}|[\[({]\s?at|/|::|\bu/")


def _has(*patterns: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: any(pattern.search(text) for pattern in patterns)


def _is_iban(text: str) -> bool:
    return any(_mod_97(candidate) for found in _IBAN.finditer(text) for candidate in _heads(found[0]))


def _heads(text: str) -> Iterator[str]:
    """A candidate whole, and without the words that may have run into it."""
    parts = text.split()
    for end in range(len(parts), 0, -1):
        joined = "".join(parts[:end])
        if 15 <= len(joined) <= 34:
            yield joined


def _mod_97(iban: str) -> bool:
    """ISO 13616: the country and check digits moved to the end, letters as numbers, the remainder is 1."""
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    for found in _DIGITS.finditer(text):
        digits = [int(char) for char in found[0] if char.isdigit()]
        if digits[0] in (2, 3, 4, 5, 6) and _luhn(digits):
            return True
    return False


def _luhn(digits: list[int]) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_address(text: str) -> bool:
    for found in _IP.finditer(text):
        try:
            ipaddress.ip_address(found[0].replace("[", "").replace("]", ""))
        except ValueError:
            continue
        if found[0] != "::":
            return True
    return False


def _is_national_id(text: str) -> bool:
    return (
        any(pattern.search(text) for pattern in _NATIONAL)
        or any(_chinese(found[0]) for found in _CN_ID.finditer(text))
        or any(_spanish(found[1], found[2]) for found in _ES_ID.finditer(text))
        or any(_brazilian([int(c) for c in found[0] if c.isdigit()]) for found in _BR_ID.finditer(text))
        or any(_french("".join(found[0].split())) for found in _FR_ID.finditer(text))
    )


def _chinese(number: str) -> bool:
    """GB 11643-1999: ISO 7064 MOD 11-2."""
    weighed = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(number[:17]))
    return "10x98765432"[weighed % 11] == number[17]


def _spanish(number: str, letter: str) -> bool:
    plain = number.translate(str.maketrans("xyz", "012"))
    return "trwagmyfpdxbnjzsqvhlcke"[int(plain) % 23] == letter


def _brazilian(digits: list[int]) -> bool:
    if len(set(digits)) == 1:
        return False
    return all(
        sum(digit * weight for digit, weight in zip(digits, range(length + 1, 1, -1), strict=False))
        * 10
        % 11
        % 10
        == digits[length]
        for length in (9, 10)
    )


def _french(number: str) -> bool:
    plain = number.replace("2a", "19").replace("2b", "18")
    return 97 - int(plain[:13]) % 97 == int(plain[13:])


DETECTORS: dict[str, Callable[[str], bool]] = {
    "account": _is_iban,
    "address": _is_address,
    "card": _is_card,
    "email": _has(_EMAIL),
    "handle": _has(_HANDLE, _PROFILE),
    "national-id": _is_national_id,
    "phone": _has(_PHONE, _NATIONAL_PHONE),
}
"""By kind: `account` is an IBAN, `address` an IP address, `card` a payment card, `handle` also a profile's address."""

_CLOSED = re.compile(
    r"[a-z][a-z0-9-]*--[0-9a-f-]{36}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]+)?Z|[A-Za-z0-9+/]{342}=="
    r"|\[x-tocsin-text:minhash_1 = '[0-9a-f]{64}'\]|TMR:1\.0/[A-Z:/]+"
).fullmatch


class Findings:
    """Personal data in strings, each distinct string looked at once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._found: dict[str, tuple[str, ...]] = {}

    def in_strings(self, texts: frozenset[str] | set[str]) -> frozenset[str]:
        """The kinds found in any of some strings."""
        for text in texts - self._seen:
            self._seen.add(text)
            kinds = () if text.isalpha() or _CLOSED(text) else personal_data_in(text)
            if kinds:
                self._found[text] = kinds
        if not self._found:
            return frozenset()
        return frozenset(kind for text in texts & self._found.keys() for kind in self._found[text])
