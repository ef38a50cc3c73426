"""What the gate promised of one object, and whether the final bytes keep it.

Filters elsewhere leaked because they looked before the end: a derived field, an export, a reference was made
after the check. So this looks at the bytes themselves, parses them again, and knows nothing of how they came.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from tocsin.kernel import TLP, TocsinError
from tocsin.kernel.limits import MAX_STIX_OBJECT_BYTES
from tocsin.share.look import STRETCH, Look, Looks
from tocsin.share.mentions import all_known
from tocsin.trust.signed_fields import Refused, verify
from tocsin.wire.fold import undisguised
from tocsin.wire.stix import marking_id

MAX_PROOFS = 65_536
"""Objects of which it is remembered whether their author signed them; beyond it the memory starts afresh."""

Forbidden = Callable[[frozenset[str]], Collection[str]]
"""Of some strings, those that never leave this node: a pseudonym, an event id."""

_WORD = re.compile(r"[A-Za-z0-9_/+=-]+").fullmatch
_TOKENS = re.compile(r"[^\s,;()\[\]{}<>\"'`|]+")


class ReleaseStopped(TocsinError):
    """The final bytes are not what was decided. Nothing of the release left; this is a fault of the node."""

    code = "release-stopped"
    status = 500


class Promise(msgspec.Struct, frozen=True, gc=False):
    """What was decided of one object. `may_name` holds every STIX id that may stand anywhere in it."""

    id: str
    type: str
    version: str
    tlp: TLP
    properties: frozenset[str]
    may_name: frozenset[str]
    sha256: str
    root: bytes | None = None
    """What its author's signature is over; None where there is none."""


class FinalChecks:
    """The checks on the final bytes of one release. What is remembered of a string holds for equal strings only.

    1. It is within the bound, and its hash is the one in the manifest.
    2. It is one JSON object in canonical form: no property twice, nothing before or after.
    3. Type, id and version are those decided on.
    4. It has exactly the properties decided on, and every value at every depth fits its type's table.
    5. It carries one marking, the decided one.
    6. It is a view of what its author signed, under the root decided on: each field with its salt, no salt besides.
       Or it carries no signature, where none was decided on.
    7. It names no STIX id, in any string, but those it may name.
    8. It is a sound STIX object. No free text in it holds personal data.
    9. No string in it looks like something that never leaves this node. `finish` asks this of all at once.
    """

    def __init__(
        self, forbidden: Forbidden, looks: Looks | None = None, proofs: "Proofs | None" = None
    ) -> None:
        self._forbidden = forbidden
        self._proofs = proofs or Proofs()
        self._looks = looks or Looks()
        self._seen: set[str] = set()
        self._words: dict[str, str] = {}

    def check(self, final: bytes, promise: Promise) -> None:
        """Raises ReleaseStopped, naming the object and what is wrong, unless `final` keeps 1 to 8."""
        wrong = self._broken(final, promise)
        if wrong is not None:
            raise _stopped(promise.id, wrong)

    def check_all(self, finals: Sequence[bytes], promises: Sequence[Promise]) -> None:
        """As `check` of each: every step is asked of a stretch of objects before the next one is (`Looks.read_all`)."""
        for at in range(0, len(finals), STRETCH):
            stretch = list(zip(finals[at : at + STRETCH], promises[at : at + STRETCH], strict=True))
            if not self._all_kept(stretch):
                for final, promise in stretch:  # one breaks its promise: say which, and how
                    self.check(final, promise)

    def _all_kept(self, stretch: Sequence[tuple[bytes, Promise]]) -> bool:
        if any(_other_bytes(final, promise) for final, promise in stretch):
            return False
        seen = [(self._looks.at(final), promise) for final, promise in stretch]
        for step in STEPS:
            for look, promise in seen:
                if step(look, promise) is not None:
                    return False
        for (look, promise), (final, _) in zip(seen, stretch, strict=True):
            if _broken_signature(look, final, promise, self._proofs) is not None:
                return False
        for look, promise in seen:
            self._remember(look, promise)
        return True

    def finish(self) -> None:
        """Raises ReleaseStopped, naming the first object that breaks 9."""
        found = self._forbidden(frozenset(self._words))
        if found:
            raise _stopped(
                min(self._words[word] for word in found), "holds a value that never leaves this node"
            )

    def _broken(self, final: bytes, promise: Promise) -> str | None:
        other = _other_bytes(final, promise)
        if other is not None:
            return other
        look = self._looks.at(final)
        for step in STEPS:
            wrong = step(look, promise)
            if wrong is not None:
                return wrong
        unsigned = _broken_signature(look, final, promise, self._proofs)  # 6
        if unsigned is not None:
            return unsigned
        self._remember(look, promise)
        return None

    def _remember(self, look: Look, promise: Promise) -> None:
        """The words that `finish` asks about."""
        fresh = look.strings - self._seen
        self._seen |= fresh
        for text in fresh:
            for word in _words_of(text):
                self._words.setdefault(word, promise.id)


def check_final(final: bytes, promise: Promise, forbidden: Forbidden) -> None:
    """Every one of `FinalChecks` on one object. Raises ReleaseStopped."""
    checks = FinalChecks(forbidden)
    checks.check(final, promise)
    checks.finish()


class Proofs:
    """Which bytes their author signed. The same bytes are checked once: releases to many peers ask again and again."""

    def __init__(self) -> None:
        self._known: dict[bytes, str | bytes] = {}

    def of(self, final: bytes) -> str | bytes:
        """The root of what these bytes (one object) are a view of; as text, what is wrong with them."""
        name = hashlib.sha256(final).digest()
        known = self._known.get(name)
        if known is None:
            found = verify(msgspec.json.decode(final), confirmed=None)
            known = str(found) if isinstance(found, Refused) else found.root
            if len(self._known) >= MAX_PROOFS:
                self._known.clear()
            self._known[name] = known
        return known


def _other_bytes(final: bytes, promise: Promise) -> str | None:  # 1
    if len(final) > MAX_STIX_OBJECT_BYTES:
        return f"is larger than {MAX_STIX_OBJECT_BYTES} bytes"
    if hashlib.sha256(final).hexdigest() != promise.sha256:
        return "has another hash than the manifest says"
    return None


def _broken_signature(look: Look, final: bytes, promise: Promise, proofs: Proofs) -> str | None:
    if promise.root is None:
        return None if look.root is None else "carries a signature that was not decided on"
    proof = proofs.of(final)
    if isinstance(proof, str):
        return f"is not what its author signed: {proof}"
    return None if proof == promise.root else "is of another version than its author signed"


def _form(look: Look, _: Promise) -> str | None:  # 2
    return look.wrong


def _identity(look: Look, promise: Promise) -> str | None:  # 3
    same = (look.type, look.id, look.version) == (promise.type, promise.id, promise.version)
    return None if same else "has another type, id or version than was decided"


def _properties(look: Look, promise: Promise) -> str | None:  # 4
    differ = look.properties ^ promise.properties
    return f"has other properties than were decided: {', '.join(sorted(differ))[:200]}" if differ else None


def _table(look: Look, _: Promise) -> str | None:  # 4
    return None if look.misfit is None else f"{look.misfit or 'it'} may not leave"


def _marking(look: Look, promise: Promise) -> str | None:  # 5
    right = promise.type == "marking-definition" or look.markings == (marking_id(promise.tlp),)
    return None if right else "carries another marking than was decided"


def _names(look: Look, promise: Promise) -> str | None:  # 7
    return None if all_known(look.mentions, promise.may_name) else "names an object that was not released"


def _sound(look: Look, _: Promise) -> str | None:  # 8
    return None if look.unsound is None else f"is not sound STIX: {look.unsound}"


def _personal(look: Look, _: Promise) -> str | None:  # 8
    return f"holds personal data ({', '.join(sorted(look.personal))})" if look.personal else None


STEPS = (_form, _identity, _properties, _table, _marking, _names, _sound, _personal)
"""2 to 8, in their order; what fails first is said."""


def _words_of(text: str) -> Iterator[str]:
    """A string and its words, with and without the marks around them; and the same in plain letters."""
    yield text
    if " " not in text and _WORD(text):
        return
    yield from _tokens_of(text)
    if not text.isascii():
        plain = undisguised(text)
        yield plain
        yield from _tokens_of(plain)


def _tokens_of(text: str) -> Iterator[str]:
    for word in _TOKENS.findall(text):
        if word != text:
            yield word
        stripped = word.strip(".:!?")
        if stripped != word:
            yield stripped


def _stopped(identifier: str, wrong: str) -> ReleaseStopped:
    return ReleaseStopped(f"{identifier}: {wrong}; nothing was released")
