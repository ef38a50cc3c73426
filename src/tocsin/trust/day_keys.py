"""Day keys at rest: how one is wrapped, how long it may live, and the log of what is gone for good. Pure.

Enters: a holder of the key-store key, bytes of entries, lines of the log. Leaves: keys, entries, checked logs. Refuses:
an entry whose day or expiry was edited, a log with a line changed, moved or left out before its end. A log that was
cut at its end is still a log: what it lacks is known by its copy in the database (`app.key_settling`).
"""

import hmac
import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tocsin.kernel import Unavailable
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal, SealBroken

MAC_BYTES = 32
ID_CHARS = 32
"""128 bits of a MAC under the store's own key: two stores never share it."""

MAX_ENTRY_BYTES = 1_024
"""An entry has about 150; a larger file is none of ours."""

_WRAPPING = b"tocsin/key-store/1/wrapping"
_LOGGING = b"tocsin/key-store/1/log"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Holder(Protocol):
    """Holds the key-store key and never gives it out. There is one: `HeldInFile`.

    A token behind PKCS#11, or a key derived from a passphrase at each start, would be another of these: nothing else
    in the node touches the key.
    """

    def wrap(self, key: bytes, label: str) -> bytes:
        """`key`, readable only through this holder and only under the same label."""
        ...

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """What was wrapped. Raises SealBroken."""
        ...

    def mac(self, content: bytes) -> bytes:
        """MAC_BYTES that nobody without this holder can make."""
        ...


class HeldInFile:
    """The key-store key as bytes that lie in a file beside the entries: moving that folder moves both."""

    def __init__(self, secret: bytes, entropy: Entropy) -> None:
        if len(secret) != KEY_BYTES:
            raise Unavailable("the key of the key store is damaged: restore it with `tocsin keys restore`")
        self._seal = Seal(_derived(secret, _WRAPPING), entropy)
        self._mac = _derived(secret, _LOGGING)

    def wrap(self, key: bytes, label: str) -> bytes:
        return self._seal.close(key, label)

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        return self._seal.open(wrapped, label)

    def mac(self, content: bytes) -> bytes:
        return hmac.digest(self._mac, content, "sha256")


class DayKey(msgspec.Struct, frozen=True):
    """One entry: a day's key, wrapped, and the first day on which it must be gone. Both days are bound to the key."""

    day: str
    expires: str
    wrapped: bytes


class What(StrEnum):
    """What a line of the log says is gone."""

    DAY = "day"
    """A day's key; the name is the day."""
    PERSON = "person"
    """One account's texts and name; the name is a ticket (`ticket_for`), which names nobody."""
    CASE = "case"
    """A case's key; the name is a ticket (`case_ticket`)."""
    COUNT = "count"
    """Part of the budget of counts under differential privacy; the name is the payment's (`kernel.counts.Spend`)."""


class Gone(msgspec.Struct, frozen=True):
    """One line of the log. `mac` chains it to all lines before it; `at` in microseconds, 0 where unknown."""

    seq: int
    what: What
    name: str
    at: int
    mac: str


def store_id(holder: Holder) -> str:
    """The public name of a key store: who knows it can neither open nor write anything."""
    return holder.mac(b"the name of this store").hex()[:ID_CHARS]


def ticket_for(holder: Holder, pseudonym: str) -> str:
    """Stands for an erased account: only this key store can tell whether a pseudonym is the one it stands for."""
    return holder.mac(b"an erased account\x00" + pseudonym.encode()).hex()


def case_ticket(holder: Holder, case_id: str) -> str:
    """Stands for a case whose key was destroyed, as `ticket_for` does for an account."""
    return holder.mac(b"a case without its key\x00" + case_id.encode()).hex()


def wrapped_day(holder: Holder, day: str, expires: date, key: bytes) -> bytes:
    """The bytes of an entry."""
    label = _label(day, expires.isoformat())
    return msgspec.json.encode(DayKey(day, expires.isoformat(), holder.wrap(key, label)))


def read_entry(content: bytes, day: str) -> DayKey:
    """An entry, not opened yet. Raises SealBroken when the bytes are none, or another day's."""
    try:
        entry = msgspec.json.decode(content, type=DayKey) if len(content) <= MAX_ENTRY_BYTES else None
        if entry is not None and entry.day == day:
            date.fromisoformat(entry.expires)
            return entry
    except (msgspec.DecodeError, ValueError):
        pass
    raise SealBroken(f"the key of {day} is damaged: restore it with `tocsin keys restore`")


def opened_entry(holder: Holder, entry: DayKey) -> bytes:
    """The key of an entry. Raises SealBroken when its day, its expiry or its bytes were changed."""
    return holder.unwrap(entry.wrapped, _label(entry.day, entry.expires))


def following(holder: Holder, log: Sequence[Gone], gone: Iterable[tuple[What, str]], at: int) -> list[Gone]:
    """The lines that say that these are gone, to stand after `log`."""
    lines: list[Gone] = []
    before = log[-1].mac if log else ""
    for seq, (what, name) in enumerate(gone, len(log) + 1):
        line = Gone(seq, what, name, at, _mac(holder, before, seq, what, name, at))
        lines.append(line)
        before = line.mac
    return lines


def checked(holder: Holder, lines: Sequence[Gone], where: str) -> None:
    """Raises Unavailable, naming the line, when one was changed, moved or taken out. `where` says whose log it is."""
    before = ""
    for place, line in enumerate(lines, 1):
        expected = _mac(holder, before, place, line.what, line.name, line.at)
        if line.seq != place or not hmac.compare_digest(expected.encode(), line.mac.encode(errors="replace")):
            raise Unavailable(
                f"{where} was changed at line {place}: no sealed text is opened until "
                "`tocsin keys repair` has destroyed every day that either list names"
            )
        before = line.mac


def encoded(lines: Iterable[Gone]) -> bytes:
    """Lines as the log keeps them."""
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def decoded(content: bytes, where: str) -> tuple[tuple[Gone, ...], int]:
    """Lines of a log, and how many bytes of it they are: a last line without an end was never said.

    Raises Unavailable naming a line that is none.
    """
    lines: list[Gone] = []
    whole = content[: content.rfind(b"\n") + 1]
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            lines.append(msgspec.json.decode(line, type=Gone))
        except (msgspec.DecodeError, ValueError) as error:
            raise Unavailable(
                f"{where} was changed at line {number}: no sealed text is opened until "
                "`tocsin keys repair` has destroyed every day that either list names"
            ) from error
    return tuple(lines), len(whole)


def is_day(name: str) -> bool:
    """Whether this is a day's name, and so may become a file's."""
    return _DAY.fullmatch(name) is not None


def _mac(holder: Holder, before: str, seq: int, what: str, name: str, at: int) -> str:
    return holder.mac(msgspec.json.encode(("gone", before, seq, what, name, at))).hex()


def _label(day: str, expires: str) -> str:
    return f"day-key:{day}:{expires}"


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), KEY_BYTES, purpose).derive(secret)
