"""One record on its way through the gate, and the rules of the gate's own that may stop it."""

from typing import Any

import msgspec

from tocsin.kernel import Record
from tocsin.share.fields import TABLES
from tocsin.share.look import Look
from tocsin.trust.units import always_shown
from tocsin.wire.stix import decode_canonical

KEPT = "kept"

RULE_UNREADABLE = "gate.unreadable"
"""The kept bytes are not a JSON object of the record's type, id and version."""
RULE_LABELS = "gate.labels-disagree"
"""Marking, category or author in the bytes are not those the record was kept under."""
RULE_TYPE = "gate.type-has-no-table"
"""A type nobody wrote a table for, or an object that everybody has, but with another content."""
RULE_NOT_OURS_TO_CHANGE = "gate.not-ours-to-change"
"""A record of another author that its author did not sign: nobody could tell what we changed in it."""
RULE_BACK = "gate.back-to-its-giver"
"""A record of another goes neither to its author nor to the peer that gave it to us."""
RULE_SIGNATURE = "gate.not-as-signed"
"""The kept bytes are not what their author signed: they were changed here, behind everybody's back."""
RULE_NEEDED_WITHHELD = "gate.needed-property-withheld"
RULE_PERSONAL = "gate.personal-data"
"""Personal data was found in a property: it is withheld, and a record that needs it stays."""

RULE_NOT_A_PARTY = "gate.not-a-party"
"""A red line between named parties, or a message of a joint case, goes to those parties alone."""


class Candidate(msgspec.Struct, gc=False):
    """One record on its way through the gate. It leaves while `refused` is empty."""

    record: Record
    look: Look | None
    """What its bytes in canonical form are; None when they have no such form or are another object's."""
    content: bytes
    """Those bytes."""
    fields: dict[str, str]
    mentions: frozenset[str] = frozenset()
    """The STIX ids that any property mentions."""
    partial: frozenset[str] = frozenset()
    """Lists of references of which some were withheld."""
    as_kept: bool = False
    """The kept bytes are in canonical form: they are the final bytes of a record that leaves whole."""
    asks: tuple[str, ...] = ()
    rule: str = ""
    refused: str = ""
    opened: dict[str, Any] | None = None
    """`content` decoded, less what was withheld; made when it is first asked for, as most leave whole."""

    @property
    def value(self) -> dict[str, Any]:
        """The object as it would leave."""
        if self.opened is None:
            self.opened = decode_canonical(self.content)
        return self.opened

    @property
    def whole(self) -> bool:
        """Nothing of it was withheld."""
        return self.opened is None or set(self.fields.values()) == {KEPT}

    def refuse(self, rule: str) -> None:
        self.refused = self.refused or rule

    def withhold(self, name: str, reason: str) -> None:
        """Take a property out; a record that needs it, or whose author's signature does, is refused whole."""
        self.value.pop(name, None)
        self.fields[name] = f"withheld: {reason}"
        table = TABLES.get(self.record.type)
        in_every_view = (*always_shown(self.record.type), "extensions") if self.record.root else ()
        says_it = name == "extensions" and self.look is not None and bool(self.look.kind)
        if table is None or name in table.needed or name in in_every_view or says_it:
            self.refuse(f"{RULE_NEEDED_WITHHELD}: {name}")
