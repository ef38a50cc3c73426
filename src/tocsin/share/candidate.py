"""One record on its way through the gate, and the rules of the gate's own that may stop it."""

from typing import Any

import msgspec

from tocsin.kernel import Record
from tocsin.share.fields import TABLES
from tocsin.trust.units import always_shown
from tocsin.wire.stix import HandlingExtension
from tocsin.wire.stix.labels import Conduct

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


class Candidate(msgspec.Struct, gc=False):
    """One record on its way through the gate. It leaves while `refused` is empty."""

    record: Record
    value: dict[str, Any]
    conduct: Conduct | None
    handling: HandlingExtension | None
    fields: dict[str, str]
    partial: frozenset[str] = frozenset()
    """Lists of references of which some were withheld."""
    mentions: frozenset[str] = frozenset()
    """The STIX ids that any property mentions."""
    personal: bool = False
    """Personal data stands somewhere in it."""
    as_kept: bool = False
    """The kept bytes are in canonical form: they are the final bytes of a record that leaves whole."""
    fits: bool = False
    """As kept, every property is on the table of its type."""
    asks: tuple[str, ...] = ()
    rule: str = ""
    refused: str = ""

    def refuse(self, rule: str) -> None:
        self.refused = self.refused or rule

    def withhold(self, name: str, reason: str) -> None:
        """Take a property out; a record that needs it, or whose author's signature does, is refused whole."""
        self.value.pop(name, None)
        self.fields[name] = f"withheld: {reason}"
        table = TABLES.get(self.record.type)
        in_every_view = (*always_shown(self.record.type), "extensions") if self.record.root else ()
        if table is None or name in table.needed or name in in_every_view:
            self.refuse(f"{RULE_NEEDED_WITHHELD}: {name}")
