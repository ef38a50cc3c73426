"""What the bytes of one object are, seen by themselves: read once, whoever asks, for the same bytes read the same.

The gate looks at what is kept before it decides, and at what would leave after. Where a record leaves as it was
kept these are the same bytes, and one look serves both. A single other byte is another look.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from tocsin.kernel import BadInput
from tocsin.share.fields import may_leave
from tocsin.share.mentions import Mentions, strings_of
from tocsin.trust.signed_fields import root_of, unsigned
from tocsin.wire.personal_data import Findings
from tocsin.wire.stix import HandlingExtension, decode_canonical, parse
from tocsin.wire.stix.handling import handling_of
from tocsin.wire.stix.kinds import kind_of
from tocsin.wire.stix.labels import Conduct, conduct_of

STRETCH = 256
"""Objects asked the same question in a row: their values (1 MB at 4 KB each) stay in a processor's cache too."""


class Look(msgspec.Struct, frozen=True, gc=False):
    """One object's bytes. `wrong` says why they are no object in canonical form; then there is nothing else.

    `misfit` is what its type's table does not let leave, `unsound` what is wrong with it as STIX; None when
    nothing. `strings` are all in it, names of properties included, but those of its author's signature; `mentions`
    the STIX ids in any of them, `personal` the kinds of personal data.
    """

    wrong: str | None
    type: object = None
    id: object = None
    version: str = ""
    names: tuple[str, ...] = ()
    """Of its properties, in their order."""
    properties: frozenset[str] = frozenset()
    markings: tuple[object, ...] = ()
    strings: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    misfit: str | None = ""
    unsound: str | None = ""
    conduct: Conduct | None = None
    root: bytes | None = None
    """What the author's signature says it is over; None without one. Whether it verifies is another question."""
    handling: HandlingExtension | None = None
    author: object = None
    """What `created_by_ref` says; None without one."""
    sighting_of: object = None
    """What `sighting_of_ref` says."""
    granular: bool = False
    """Parts of it are marked by themselves."""
    kind: str = ""
    """The extension that it carries of those that policies know by name (`wire.stix.kinds.TYPED_KINDS`)."""


class Looks:
    """The looks of one release, by the bytes themselves; nothing that anybody can change is kept."""

    def __init__(self) -> None:
        self.mentions = Mentions()
        self.findings = Findings()
        self._known: dict[bytes, Look] = {}
        self._names: dict[tuple[str, ...], frozenset[str]] = {}

    def at(self, data: bytes) -> Look:
        """The look at these bytes."""
        known = self._known.get(data)
        return known if known is not None else self.all_at((data,))[0]

    def all_at(self, many: Sequence[bytes]) -> list[Look]:
        """As `at` of each, none of which was looked at before.

        Each question is asked of a stretch of objects before the next is: its code and tables stay in the
        processor's cache, and the whole takes three quarters of the time.
        """
        found: list[Look] = []
        for at in range(0, len(many), STRETCH):
            found += self._stretch(many[at : at + STRETCH])
        return found

    def _stretch(self, many: Sequence[bytes]) -> list[Look]:
        values = [_decoded(data) for data in many]
        objects = [(data, value) for data, value in zip(many, values, strict=True) if isinstance(value, dict)]
        looks = self._looks(objects)
        found = [next(looks) if isinstance(value, dict) else Look(wrong=value) for value in values]
        self._known.update(zip(many, found, strict=True))
        return found

    def _looks(self, objects: Sequence[tuple[bytes, dict[str, Any]]]) -> Iterator[Look]:
        labels = [_labels(data, value) for data, value in objects]
        roots = [root_of(value) for _, value in objects]
        strings = [
            frozenset(strings_of(value if root is None else unsigned(value)))
            for (_, value), root in zip(objects, roots, strict=True)
        ]
        mentions = [self.mentions.in_strings(texts) for texts in strings]
        personal = [self.findings.in_strings(texts) for texts in strings]
        misfits = [
            may_leave(kind, value) if isinstance(kind := value.get("type"), str) else "type"
            for _, value in objects
        ]
        columns = (labels, roots, strings, mentions, personal, misfits)
        for (_, value), said, root, texts, ids, kinds, misfit in zip(objects, *columns, strict=True):
            marked, names = value.get("object_marking_refs"), tuple(value)
            yield Look(
                wrong=None,
                type=value.get("type"),
                id=value.get("id"),
                version=version_of(value),
                names=names,
                properties=self._names.get(names) or self._names.setdefault(names, frozenset(names)),
                markings=tuple(marked) if isinstance(marked, list) else (),
                strings=texts,
                mentions=ids,
                personal=kinds,
                misfit=misfit,
                unsound=said.unsound,
                conduct=said.conduct,
                root=root,
                handling=said.handling,
                author=value.get("created_by_ref"),
                sighting_of=value.get("sighting_of_ref"),
                granular="granular_markings" in value,
                kind=kind_of(value),
            )


class _Labels(NamedTuple):
    """What is asked of an object as STIX; with `unsound`, nothing else."""

    conduct: Conduct | None
    handling: HandlingExtension | None
    unsound: str | None


def _decoded(data: bytes) -> dict[str, Any] | str:
    """The object, or why it is none in canonical form."""
    try:
        value = decode_canonical(data)
    except BadInput as error:
        return error.message
    return value if isinstance(value, dict) else "is not one object in canonical form"


def _labels(data: bytes, value: dict[str, Any]) -> _Labels:
    try:
        return _Labels(conduct_of(parse(data)), handling_of(value), None)
    except BadInput as error:
        return _Labels(None, None, error.message)


def version_of(value: dict[str, Any]) -> str:
    """The version of a decoded object: `modified`, or for a marking its `created`; empty when it has neither."""
    version = value.get("modified", value.get("created", ""))
    return version if isinstance(version, str) else ""
