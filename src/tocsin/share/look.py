"""What the bytes of one object are, seen by themselves: read once, whoever asks, for the same bytes read the same.

The gate looks at what is kept before it decides, and at what would leave after. Where a record leaves as it was
kept these are the same bytes, and one look serves both. A single other byte is another look.
"""

from typing import Any

import msgspec

from tocsin.kernel import BadInput
from tocsin.share.fields import may_leave
from tocsin.share.mentions import Mentions, strings_of
from tocsin.trust.signed_fields import root_of, unsigned
from tocsin.wire.personal_data import Findings
from tocsin.wire.stix import HandlingExtension, decode_canonical, parse
from tocsin.wire.stix.handling import handling_of
from tocsin.wire.stix.labels import Conduct, conduct_of


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
        return known if known is not None else self.read(data)[0]

    def read(self, data: bytes) -> tuple[Look, Any]:
        """The look at these bytes, and their value, the caller's own: None when they are not canonical."""
        try:
            value = decode_canonical(data)
        except BadInput as error:
            look, value = Look(wrong=error.message), None
        else:
            look = (
                self._look(data, value)
                if isinstance(value, dict)
                else Look(wrong="is not one object in canonical form")
            )
        self._known[data] = look
        return look, value

    def _look(self, data: bytes, value: dict[str, Any]) -> Look:
        kind, marked = value.get("type"), value.get("object_marking_refs")
        conduct, labels, unsound = None, None, None
        try:
            conduct = conduct_of(parse(data))
            labels = handling_of(value)
        except BadInput as error:
            unsound = error.message
        names = tuple(value)
        root = root_of(value)
        strings = frozenset(strings_of(value if root is None else unsigned(value)))
        return Look(
            wrong=None,
            type=kind,
            id=value.get("id"),
            version=version_of(value),
            properties=self._names.get(names) or self._names.setdefault(names, frozenset(names)),
            markings=tuple(marked) if isinstance(marked, list) else (),
            strings=strings,
            mentions=self.mentions.in_strings(strings),
            personal=self.findings.in_strings(strings),
            misfit=may_leave(kind, value) if isinstance(kind, str) else "type",
            unsound=unsound,
            conduct=conduct,
            root=root,
            handling=labels,
        )


def version_of(value: dict[str, Any]) -> str:
    """The version of a decoded object: `modified`, or for a marking its `created`; empty when it has neither."""
    version = value.get("modified", value.get("created", ""))
    return version if isinstance(version, str) else ""
