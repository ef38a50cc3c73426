"""The keys of one node over time: a chain in which each key names the next, checked by anybody who holds the first.

A node's STIX identity is derived from its first key and never changes; so authorship outlives a rotation. Pure: bytes
in, a history or a refusal out. docs/adr/0009 says why, and what a thief can do with a key.
"""

import hashlib
from collections.abc import Collection, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.kernel import BadInput, KeyStatement, Peer
from tocsin.trust.identity import PUBLIC_BYTES, NodeIdentity, stix_identity
from tocsin.wire.stix import canonical

DOMAIN = b"tocsin key statement v1\n"
"""Before the signed bytes, so that a signature over a statement is a signature over nothing else."""

MAX_STATEMENTS = 256
"""A rotation a month for twenty years. A longer history is an attack on who checks it."""

SIGNATURE_BYTES = 64


class Span(msgspec.Struct, frozen=True):
    """A key and when it spoke for the node: from `since` (None: the beginning) to `until` (None: still).

    `believed` is False for a key that only a revocation proposed and nobody compared, and for those it named.
    """

    key: bytes
    since: int | None
    until: int | None
    believed: bool


class History(msgspec.Struct, frozen=True):
    """The keys of an identity, oldest first. `spans` is empty for a node that never changed its key."""

    identity: str
    spans: tuple[Span, ...] = ()

    @property
    def last(self) -> bytes | None:
        """The key that the chain ends with, believed or not."""
        return self.spans[-1].key if self.spans else None

    @property
    def known(self) -> frozenset[bytes]:
        return frozenset(span.key for span in self.spans)


class ForkedHistory(BadInput):
    """Two statements of one sequence number, both signed: a key is in two hands. `since` is the earlier moment."""

    code = "forked-history"

    def __init__(self, since: int) -> None:
        super().__init__("two key histories are signed where there can be one: the key is in two hands")
        self.since = since


class RolledBack(BadInput):
    """Less was shown than was shown before."""

    code = "rolled-back"


def state(
    old: NodeIdentity, new: NodeIdentity, *, seq: int, at: int, since: int | None = None
) -> KeyStatement:
    """A rotation, or with `since` a revocation, signed by both keys."""
    plain = KeyStatement(
        kind="rotate" if since is None else "revoke",
        identity=old.stix_identity,
        seq=seq,
        old=old.public.hex(),
        new=new.public.hex(),
        at=at,
        since=since,
    )
    signed = signed_bytes(plain)
    return msgspec.structs.replace(plain, by_old=old.sign(signed).hex(), by_new=new.sign(signed).hex())


def signed_bytes(statement: KeyStatement) -> bytes:
    """What both keys sign: DOMAIN and the RFC 8785 form of the statement without its signatures."""
    plain = msgspec.to_builtins(statement)
    del plain["by_old"], plain["by_new"]
    return DOMAIN + canonical(plain)


def digest(statement: KeyStatement) -> str:
    """SHA-256 (hexadecimal) of what was signed: the same statement under another signature is the same."""
    return hashlib.sha256(signed_bytes(statement)).hexdigest()


def keys_of(
    identity: str, statements: Sequence[KeyStatement], *, confirmed: Collection[bytes] = ()
) -> History:
    """The history that a whole chain of statements proves. Raises BadInput, naming the statement that does not hold.

    `confirmed` are keys that an operator compared: a key that a revocation proposes counts only then.

    1. There are at most MAX_STATEMENTS, of this identity, numbered from 1 without a gap.
    2. The first is of the key that the identity was derived from; each other of the key the one before it named.
    3. No key comes twice. 4. Both keys signed. 5. Time does not run backwards, and nothing is revoked from later on.
    """
    if len(statements) > MAX_STATEMENTS:  # 1
        raise BadInput(f"a key history has at most {MAX_STATEMENTS} statements")
    spans: list[Span] = []
    for place, one in enumerate(statements, 1):
        if one.identity != identity or one.seq != place:
            raise BadInput(f"key statement {place} is of another identity or number")
        old, new = _key(one.old, place), _key(one.new, place)
        if not spans:
            if stix_identity(old) != identity:  # 2
                raise BadInput("key statement 1 is not of the key that the identity comes from")
            spans.append(Span(old, None, None, believed=True))
        if spans[-1].key != old:
            raise BadInput(f"key statement {place} is not of the key that spoke before it")
        if new in {span.key for span in spans}:  # 3
            raise BadInput(f"key statement {place} names a key that was there before")
        _check_signatures(one, old, new, place)  # 4
        if one.at < (spans[-1].since or 0) or (one.since is not None and one.since > one.at):  # 5
            raise BadInput(f"key statement {place} runs backwards in time")
        if (one.kind == "revoke") != (one.since is not None):
            raise BadInput(f"key statement {place} says since when a key is revoked, or is no revocation")
        spans = _ended(spans, one)
        believed = new in confirmed or (one.kind == "rotate" and spans[-1].believed)
        spans.append(Span(new, one.at, None, believed))
    return History(identity, tuple(spans))


def valid_key(history: History, key: bytes, at: int) -> bool:
    """Whether `key` spoke for the node at `at` (microseconds). Without a chain: whether the identity comes from it.

    `at` is what the author wrote: who holds a key that was retired can write an earlier time. Where the time of
    receipt is known, ask for that as well.
    """
    if not history.spans:
        return stix_identity(key) == history.identity
    return any(
        span.believed
        and span.key == key
        and (span.since is None or span.since <= at)
        and (span.until is None or at < span.until)
        for span in history.spans
    )


def news(kept: Sequence[KeyStatement], offered: Sequence[KeyStatement]) -> tuple[KeyStatement, ...]:
    """What a checked chain adds to what is kept of an identity (a fork that was found before is kept whole).

    Raises ForkedHistory when it parts from all that is kept, RolledBack when it ends where more is known.
    """
    known: dict[int, dict[str, KeyStatement]] = {}
    for one in kept:
        known.setdefault(one.seq, {})[digest(one)] = one
    for one in offered:
        rivals = known.get(one.seq, {})
        if rivals and digest(one) not in rivals:
            raise ForkedHistory(min(_begins(said) for said in (one, *rivals.values())))
    following = known.get(len(offered) + 1, {}).values()
    if any(not offered or one.old == offered[-1].new for one in following):
        raise RolledBack("it shows an older key history than it showed before")
    return tuple(one for one in offered if one.seq not in known)


def _begins(statement: KeyStatement) -> int:
    return statement.at if statement.since is None else statement.since


def _ended(spans: list[Span], statement: KeyStatement) -> list[Span]:
    """The spans with the last one ended; a revocation also cuts what reaches beyond its `since`."""
    end = _begins(statement)
    return [
        msgspec.structs.replace(span, until=end if span.until is None else min(span.until, end))
        if statement.kind == "revoke" or span is spans[-1]
        else span
        for span in spans
    ]


def _key(text: str, place: int) -> bytes:
    return _bytes(text, PUBLIC_BYTES, f"key statement {place} holds no key")


def _bytes(text: str, length: int, message: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != length or found.hex() != text:  # one spelling: no two digests for one statement
        raise BadInput(message)
    return found


def _check_signatures(statement: KeyStatement, old: bytes, new: bytes, place: int) -> None:
    signed = signed_bytes(statement)
    for key, text in ((old, statement.by_old), (new, statement.by_new)):
        signature = _bytes(text, SIGNATURE_BYTES, f"key statement {place} is not signed")
        if not verifies(key, signature, signed):
            raise BadInput(f"key statement {place} has a signature that does not hold")


def verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature (RFC 8032) of `key` over `message` holds."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def party_of(public: bytes) -> str:
    """A node as a record names it that is not to name a STIX identity: "sha256:..." of its first key, whole."""
    return f"sha256:{hashlib.sha256(public).hexdigest()}"


def peer_as_party(peer: Peer, statements: Sequence[KeyStatement]) -> str:
    """`party_of` a peer's first key, of which its identity is made; empty where that key is not known here."""
    keys = [one.old for one in statements[:1]]
    if peer.node_key is not None:
        keys.append(peer.node_key.hex())
    for key in keys:
        if stix_identity(bytes.fromhex(key)) == peer.identity:
            return party_of(bytes.fromhex(key))
    return ""
