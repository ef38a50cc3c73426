"""An author's signature that survives withholding and relay: salted digests of fields, and a signature over them.

Enters: a decoded STIX object, with a key and a seed when it is to be signed. Leaves: the object with its
`signed-fields` extension, a narrower view of it, or a verdict with its reason. Refuses: whatever is not, byte for byte
in canonical form, what the author signed. Pure; whether that author is to be believed is another question.
Format 1, after SD-JWT (RFC 9901) over RFC 8785. Unaudited. Docs: docs/signatures.md.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from msgspec import UNSET

from tocsin.kernel import BadInput, KeyStatement
from tocsin.trust.identity import NodeIdentity, stix_identity
from tocsin.trust.key_history import keys_of, verifies
from tocsin.trust.salted_digests import (
    DOMAIN,
    base64url,
    digest_of,
    from_base64url,
    hash_of,
    salt_of,
    salts_by_place,
)
from tocsin.trust.units import EXTENSIONS, SIGNED_FIELDS, Unfit, Unit, in_order, pointer, units_of
from tocsin.wire.stix import SignedFieldsExtension, canonical

ALGORITHM = "Ed25519"
HASH = "sha-256"
SEED_BYTES = 32
KEY_BYTES = 32
SIGNATURE_BYTES = 64
_IN_STATEMENT = frozenset({"/type", "/id", "/created", "/modified", "/created_by_ref"})
_BY_MEMBER = re.compile(r" - at `\$\.?([a-z_]+)|unknown field `([^`]{1,64})`|required field `([a-z_]+)`")


class Statement(msgspec.Struct, frozen=True):
    """What the author signs. `key` and `root` in base64url; `version` is `modified`, or `created` without one."""

    algorithm: str
    author: str
    hash: str
    id: str
    key: str
    root: str
    type: str
    version: str

    @property
    def message(self) -> bytes:
        """The bytes under the signature."""
        return DOMAIN + b"\x00" + canonical(self)


class Signed(msgspec.Struct, frozen=True):
    """A statement with its signature: together they prove what an author said, to anybody."""

    statement: Statement
    signature: bytes
    chain: tuple[KeyStatement, ...] = ()
    """How the key follows from the author's first key, when it is another."""

    def holds(self) -> bool:
        """Whether the key in the statement made the signature, and is its author's by the chain."""
        said = self.statement
        key = from_base64url(said.key)
        if (said.algorithm, said.hash, len(key)) != (ALGORITHM, HASH, KEY_BYTES):
            return False
        if not _is_of(said.author, key, self.chain, confirmed=None):
            return False
        return verifies(key, self.signature, said.message)


class Verified(msgspec.Struct, frozen=True):
    """The object is a view of what its author signed. `shown` are pointers; `withheld` units are not in it.

    `shown` names what could have been withheld and was not; what every view shows is not in it.
    """

    signed: Signed
    root: bytes
    shown: tuple[str, ...]
    withheld: int

    @property
    def author(self) -> str:
        return self.signed.statement.author

    @property
    def key(self) -> bytes:
        return from_base64url(self.signed.statement.key)


class Refused(msgspec.Struct, frozen=True):
    """The object is not what its author signed. `field` is a JSON Pointer to what is wrong."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field} {self.reason}"


def carries_signature(value: Mapping[str, Any]) -> bool:
    """Whether an object has the extension; says nothing of whether it verifies."""
    extensions = value.get(EXTENSIONS)
    return isinstance(extensions, dict) and SIGNED_FIELDS in extensions


def root_of(value: Mapping[str, Any]) -> bytes | None:
    """The root of the digests that an object carries; None without the extension, empty when it is not of its form.

    It says what the author's signature would be over. Only `verify` says whether it is.
    """
    if not carries_signature(value):
        return None
    extension = value[EXTENSIONS][SIGNED_FIELDS]
    digests = extension.get("digests") if isinstance(extension, dict) else None
    return from_base64url(hash_of(b"root", canonical(digests))) if isinstance(digests, list) else b""


def unsigned(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object without its author's signature: without digests, salts, and the names of what was signed."""
    left = {key: inner for key, inner in value.get(EXTENSIONS, {}).items() if key != SIGNED_FIELDS}
    return {**value, EXTENSIONS: left}


def sign(
    value: Mapping[str, Any], identity: NodeIdentity, seed: bytes, chain: Sequence[KeyStatement] = ()
) -> dict[str, Any]:
    """The object with its author's signature; lists of LISTS are put in order.

    `seed`: SEED_BYTES that nobody can guess, for this content of this version alone. `chain`: the author's key
    history, needed once its key is not its first. Raises BadInput when the object is signed already, is another
    author's, or cannot be signed (Unfit names the field).
    """
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a seed has {SEED_BYTES} bytes, not {len(seed)}")
    if carries_signature(value):
        raise BadInput("is signed already: a change is a new version")
    ordered = in_order(value)
    units = units_of(ordered)
    if _author(ordered) != identity.stix_identity:
        raise BadInput("created_by_ref is another's: an author signs only what is its own")
    salts = {unit.key: salt_of(ordered, unit, seed) for unit in units if unit.salted}
    digests = sorted(digest_of(salts.get(unit.key), unit) for unit in units)
    key = base64url(identity.public)
    statement = _statement(ordered, key, digests)
    extension = SignedFieldsExtension(
        algorithm=ALGORITHM,
        hash=HASH,
        key=key,
        signature=base64url(identity.sign(statement.message)),
        digests=digests,
        salts={},
        chain=list(chain) if identity.public != identity.first else UNSET,
    )
    return _assembled(units, salts, extension)


def verify(
    value: Mapping[str, Any], *, confirmed: Collection[bytes] | None = frozenset()
) -> Verified | Refused:
    """Whether an object is a view of what its author signed.

    `confirmed` are keys that an operator compared: one that only a revocation names counts when it is among them.
    None: any key that the chain leads to, for who asks what was signed and not whom to believe.

    1. It carries the extension, in the form of its schema, with an algorithm and a hash known here.
    2. Every part of it can be a unit: no null, no empty extension, nothing without canonical form, lists in order.
    3. The digests ascend, so that none stands twice.
    4. `created_by_ref` (or the id where there is none: an identity's) is made of the key, or of a first key from
       which the chain leads to it (`key_history.keys_of`).
    5. The signature is that key's, over id, type, version and the root of the digests.
    6. Each unit has a salt where it needs one, and its digest is among those signed.
    7. No salt stands without its unit.

    Where 4 or 5 fails because the object itself was changed, the property is named and not the signature.
    """
    try:
        extension = _extension(value)  # 1
        units = units_of(value)  # 2
    except Unfit as unfit:
        return Refused(unfit.field, unfit.reason)
    if any(one >= other for one, other in pairwise(extension.digests)):  # 3
        return Refused(_own("digests"), "do not ascend")
    salts = salts_by_place(extension.salts)
    refused = _first_unsigned(units, salts, frozenset(extension.digests))
    chain = () if extension.chain is UNSET else tuple(extension.chain)
    signed = Signed(
        _statement(value, extension.key, extension.digests), from_base64url(extension.signature), chain
    )
    if not _is_of(signed.statement.author, from_base64url(extension.key), chain, confirmed):  # 4
        changed = _of_statement(refused)
        return changed or Refused(_own("key"), "is not the key of the author that the object names")
    if not signed.holds():  # 5
        changed = _of_statement(refused)
        return changed or Refused(_own("signature"), "is not the author's over these digests")
    if refused is not None:  # 6
        return refused
    for stray in sorted(salts.keys() - {unit.place for unit in units if unit.salted}, key=repr):  # 7
        return Refused(pointer(*stray), "has a salt and no value")
    return Verified(
        signed=signed,
        root=from_base64url(signed.statement.root),
        shown=tuple(sorted(unit.pointer for unit in units if unit.salted)),
        withheld=len(extension.digests) - len(units),
    )


def narrow(view: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The view that shows of `view` only what `wanted` still has: withheld is the value, and with it the salt.

    Raises BadInput when `wanted` has something that `view` has not, or lacks what every view shows. `view` verifies.
    """
    extension = _extension(view)
    units, kept = units_of(view), {unit.key for unit in units_of(wanted)}
    if not kept <= {unit.key for unit in units}:  # what every view shows is a unit where it is absent, too
        raise BadInput("a view shows what its author signed, nothing else, and all that no view leaves out")
    left = [unit for unit in units if unit.key in kept]
    salts = salts_by_place(extension.salts)
    return _assembled(left, {unit.key: salts[unit.place] for unit in left if unit.salted}, extension)


def withhold(view: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, Any]:
    """The view without what these JSON Pointers name in it, or have below them.

    Raises BadInput for a pointer to nothing, to what every view shows, or to the last reference of `object_refs`.
    """
    gone = tuple(pointers)
    units = units_of(view)
    for one in gone:
        named = [unit for unit in units if _below(unit.pointer, one)]
        if not named or not all(unit.salted for unit in named):
            raise BadInput(f"{one} names nothing that can be withheld")
    left = [unit for unit in units if not any(_below(unit.pointer, one) for one in gone)]
    if _has(units, "object_refs") and not _has(left, "object_refs"):
        raise BadInput("/object_refs is required: withhold the whole object instead")
    if {unit.place[1] for unit in units if len(unit.place) == 3} != {
        unit.place[1] for unit in left if len(unit.place) == 3
    }:
        raise BadInput("an extension is not withheld whole: it says what the object is")
    extension = _extension(view)
    salts = salts_by_place(extension.salts)
    return _assembled(left, {unit.key: salts[unit.place] for unit in left if unit.salted}, extension)


def values_of(view: Mapping[str, Any]) -> dict[str, bytes]:
    """The canonical bytes of each unit that can have only one value, by path: elements of lists are left out."""
    return {unit.path: unit.text for unit in units_of(view) if len(unit.place) != 2}


def combine(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The view that shows what either of two views under one root shows. The same whichever comes first.

    Where they differ in what proves and not in what is shown (a second signature, an element under two salts), the
    smaller is taken.
    """
    units: dict[tuple[str, bytes], Unit] = {}
    salts: dict[tuple[str, bytes], str] = {}
    first, second = _extension(one), _extension(other)
    for view, extension in ((one, first), (other, second)):
        beside = salts_by_place(extension.salts)
        for unit in units_of(view):
            units[unit.key] = unit
            if unit.salted:
                salts[unit.key] = min(beside[unit.place], salts.get(unit.key, beside[unit.place]))
    smaller = first if first.signature <= second.signature else second
    return _assembled(units.values(), salts, smaller)


def _is_of(
    author: str, key: bytes, chain: Sequence[KeyStatement], confirmed: Collection[bytes] | None
) -> bool:
    """Whether a key speaks for an author: by being its first, or the last that a chain of statements leads to."""
    if not chain:
        return stix_identity(key) == author
    named = (
        confirmed if confirmed is not None else {bytes.fromhex(one.new) for one in chain if _is_key(one.new)}
    )
    try:
        history = keys_of(author, chain, confirmed=named)
    except BadInput:
        return False
    return bool(history.spans) and history.spans[-1].key == key and history.spans[-1].believed


def _is_key(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def _below(place: str, above: str) -> bool:
    return place == above or place.startswith(f"{above}/")


def _has(units: Iterable[Unit], name: str) -> bool:
    return any(unit.place[0] == name for unit in units)


def _author(value: Mapping[str, Any]) -> str:
    """Whom an object speaks for. An identity may leave `created_by_ref` out, and speaks for itself."""
    author: str = value.get("created_by_ref", value["id"])
    return author


def _own(member: str = "") -> str:
    """A pointer to a member of the extension."""
    return pointer(EXTENSIONS, SIGNED_FIELDS, *([member] if member else []))


def _extension(value: Mapping[str, Any]) -> SignedFieldsExtension:
    if not carries_signature(value):
        raise Unfit(_own(), "is not there: the object is not signed by its author")
    try:
        extension = msgspec.convert(value[EXTENSIONS][SIGNED_FIELDS], SignedFieldsExtension)
    except msgspec.ValidationError as error:
        found = _BY_MEMBER.search(str(error))
        named = next((part for part in found.groups() if part), "") if found else ""
        raise Unfit(_own(named), "is not as its schema says") from None
    for member, known in (("algorithm", ALGORITHM), ("hash", HASH)):
        if getattr(extension, member) != known:
            raise Unfit(_own(member), f"is not known here: this node checks {known}; update it")
    for member, size in (("key", KEY_BYTES), ("signature", SIGNATURE_BYTES)):
        if len(from_base64url(getattr(extension, member))) != size:
            raise Unfit(_own(member), f"is not base64url of {size} bytes")
    return extension


def _statement(value: Mapping[str, Any], key: str, digests: list[str]) -> Statement:
    return Statement(
        algorithm=ALGORITHM,
        author=_author(value),
        hash=HASH,
        id=value["id"],
        key=key,
        root=hash_of(b"root", canonical(digests)),
        type=value["type"],
        version=value.get("modified", value["created"]),
    )


def _first_unsigned(
    units: Iterable[Unit], salts: Mapping[tuple[str | int, ...], str], digests: frozenset[str]
) -> Refused | None:
    for unit in units:
        salt = salts.get(unit.place)
        if unit.salted and salt is None:
            return Refused(unit.pointer, "has no salt: its author did not sign it, or not here")
        if digest_of(salt if unit.salted else None, unit) not in digests:
            return Refused(unit.pointer, "is not what its author signed")
    return None


def _of_statement(refused: Refused | None) -> Refused | None:
    """The refusal, when it is of a property that the statement repeats: these come first."""
    return refused if refused is not None and refused.field in _IN_STATEMENT else None


def _assembled(
    units: Iterable[Unit], salts: Mapping[tuple[str, bytes], str], extension: SignedFieldsExtension
) -> dict[str, Any]:
    """The object of these units: the same units and salts give the same bytes, in whatever order they come."""
    value: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    for unit in sorted(units, key=lambda unit: unit.key):
        salt = salts.get(unit.key)
        if len(unit.place) == 3:
            _, key, name = map(str, unit.place)
            extensions.setdefault(key, {})[name] = unit.value
            beside.setdefault(EXTENSIONS, {}).setdefault(key, {})[name] = salt
        elif len(unit.place) == 2:
            value.setdefault(str(unit.place[0]), []).append(unit.value)
            beside.setdefault(str(unit.place[0]), []).append(salt)
        elif unit.value is not None and unit.place != (EXTENSIONS,):
            value[str(unit.place[0])] = unit.value
            if salt is not None:
                beside[str(unit.place[0])] = salt
    plain = msgspec.to_builtins(msgspec.structs.replace(extension, salts=beside))
    for statement in plain.get("chain", ()):  # STIX knows no null
        if statement["since"] is None:
            del statement["since"]
    return {**value, EXTENSIONS: {**extensions, SIGNED_FIELDS: plain}}
