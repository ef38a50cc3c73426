"""A copy of the key store: one file, sealed under a passphrase that is in no other file of the node.

    first line   JSON: format, whose, when, the day after which nothing in it may live, how the passphrase is stretched
    the rest     AES-256-GCM, bound to the first line: day keys with their expiries, and the log of what is gone

**A copy of a day's key is a copy of its texts** for whoever has the passphrase. So a newer copy takes the place of an
older one of the same node, it never stands beside it; and bringing one back adds no day that is gone, by any list, or
overdue.
"""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tocsin.app.key_settling import mirror
from tocsin.app.key_store import shred
from tocsin.app.keyring import Keyring
from tocsin.app.writing import sync_folder, write_once
from tocsin.kernel import BadInput, micros
from tocsin.store.interface import Store
from tocsin.trust.day_keys import Gone, What, is_day
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal, SealBroken

FORMAT = 1
SALT_BYTES = 16
SCRYPT_COST = 1 << 17
"""128 MiB and some 0.4 s a guess: OWASP's first choice for scrypt (N = 2^17, r = 8, p = 1)."""

MIN_PASSPHRASE_CHARS = 16
"""It is guessed at leisure by whoever holds the file, so longer than a password that is asked for here."""

MAX_HEAD_BYTES = 4_096
MAX_FILE_BYTES = 16 << 20
"""Some 200 bytes a day that is kept and a line of the log: centuries."""

MAX_DAYS = 20_000

Ask = Callable[[], str]


class About(msgspec.Struct, frozen=True):
    """What a copy says of itself without its passphrase. `delete_by` is when the last day in it is over."""

    format: int
    node_id: str
    created: str
    delete_by: str
    salt: bytes


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A day's key in a copy."""

    day: str
    expires: str
    key: bytes


class Content(msgspec.Struct, frozen=True):
    """What lies sealed in a copy."""

    days: tuple[Kept, ...]
    gone: tuple[Gone, ...]


class Sealed(NamedTuple):
    """A copy as opened."""

    about: About
    content: Content


class Copied(msgspec.Struct, frozen=True):
    file: str
    days: int
    delete_by: str


class Brought(msgspec.Struct, frozen=True):
    """`days` have a key now; `destroyed` stayed gone; `others` have another key here already, and keep it."""

    days: int
    destroyed: int
    others: tuple[str, ...]


def write_copy(
    keys: Keyring, file: Path, passphrase: str, now: datetime, entropy: Entropy = os.urandom
) -> Copied:
    """Write a copy, 0600; an older one of the same node in its place is destroyed first. Raises BadInput."""
    if len(passphrase) < MIN_PASSPHRASE_CHARS:
        raise BadInput(f"a passphrase for keys has at least {MIN_PASSPHRASE_CHARS} characters")
    node = keys.identity.node_id
    pending = file.with_name(f".{file.name}.writing")
    if pending.exists():  # whole, and killed before it took its place
        _take_place(pending, file)
    for stray in file.parent.glob(f".{pending.name}.*"):
        shred(stray)
    if file.exists() and read_about(file).node_id != node:
        raise BadInput(f"{file} holds the keys of another node: name another file")
    store = keys.day_keys
    days = tuple(Kept(day, store.expiry(day).isoformat(), store.key(day)) for day in keys.days())
    content = Content(days=days, gone=store.log())
    about = About(
        format=FORMAT,
        node_id=node,
        created=now.isoformat(timespec="seconds"),
        delete_by=max((keys.ends(one.day).isoformat() for one in days), default=now.date().isoformat()),
        salt=entropy(SALT_BYTES),
    )
    head = msgspec.json.encode(about)
    body = Seal(_stretched(passphrase, about.salt), entropy).close(
        msgspec.msgpack.encode(content), _label(head)
    )
    write_once(pending, head + b"\n" + body)
    _take_place(pending, file)
    return Copied(file=str(file), days=len(days), delete_by=about.delete_by)


def _take_place(pending: Path, file: Path) -> None:
    shred(file)
    pending.replace(file)
    sync_folder(file.parent)


def read_about(file: Path) -> About:
    """What a copy says of itself. Raises BadInput."""
    return _split(_bytes(file), file.name)[0]


def read_copy(file: Path, passphrase: str) -> Sealed:
    """A copy, opened. Raises BadInput when it is none, was changed, or the passphrase is another."""
    return decode(_bytes(file), passphrase, file.name)


def decode(content: bytes, passphrase: str, name: str) -> Sealed:
    """The bytes of a copy, opened. Raises BadInput."""
    about, head, body = _split(content, name)
    try:
        plain = Seal(_stretched(passphrase, about.salt), os.urandom).open(body, _label(head))
        inside = msgspec.msgpack.decode(plain, type=Content)
    except (SealBroken, msgspec.DecodeError) as error:
        raise BadInput(f"{name} does not open: another passphrase, or it was changed") from error
    if len(inside.days) > MAX_DAYS or not all(_sound(one) for one in inside.days):
        raise BadInput(f"{name} holds what is no day's key: take an older copy")
    return Sealed(about, inside)


def bring(keys: Keyring, store: Store, copy: Sealed, now: datetime) -> Brought:
    """Add the days of a copy that are not gone by the copy, by the key store or by the database, and not overdue.

    What the copy knows to be gone is destroyed here too. Raises BadInput for another node's copy.
    """
    if copy.about.node_id != keys.identity.node_id:
        raise BadInput("these are the keys of another node")
    ours, today = keys.day_keys, now.date()
    with ours.alone():
        said = {(line.what, line.name) for line in ours.log()}
        known = {(line.what, line.name) for line in (*copy.content.gone, *store.gone.list())}
        news = sorted(one for one in known - said if one[0] is not What.DAY or is_day(one[1]))
        ours.append(news, micros(now))
        ours.finish()
        brought, destroyed, others = 0, 0, []
        for one in copy.content.days:
            if one.day in ours.gone_days or keys.end_of(one.day, date.fromisoformat(one.expires)) <= today:
                destroyed += 1
            elif not ours.has(one.day):
                ours.put(one.day, date.fromisoformat(one.expires), one.key)
                brought += 1
            elif ours.key(one.day) != one.key:
                others.append(one.day)
            else:
                brought += 1
    mirror(keys, store)
    return Brought(days=brought, destroyed=destroyed, others=tuple(others))


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error


def _split(content: bytes, name: str) -> tuple[About, bytes, bytes]:
    head, end, body = content[:MAX_FILE_BYTES].partition(b"\n")
    wrong = f"{name} is not a copy that `tocsin keys backup` wrote"
    if not end or len(head) > MAX_HEAD_BYTES or len(content) > MAX_FILE_BYTES:
        raise BadInput(wrong)
    try:
        about = msgspec.json.decode(head, type=About)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadInput(wrong) from error
    if about.format != FORMAT or len(about.salt) != SALT_BYTES:
        raise BadInput(f"{name} has another format than this version reads ({FORMAT})")
    return about, head, body


def _sound(one: Kept) -> bool:
    try:
        date.fromisoformat(one.day)
        date.fromisoformat(one.expires)
    except ValueError:
        return False
    return is_day(one.day) and len(one.key) == KEY_BYTES


def _label(head: bytes) -> str:
    return f"key-backup:{head.hex()}"


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=SCRYPT_COST, r=8, p=1).derive(passphrase.encode())
