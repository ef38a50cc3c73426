"""Handling labels: what TLP does not say of a record. How a recipient may act on it (PAP), where it may go and be
kept, from when, and for which purposes.

The levels are those of the Permissible Actions Protocol (as MISP and CIRCL use it): clear, green (passive and active
actions that cannot be told from ordinary ones), amber (passive only), red (nothing that can be detected).
Places are ISO 3166-1 alpha-2 codes in capitals, or one of the blocs below.
"""

from typing import Any

import msgspec

from tocsin.kernel import BadInput
from tocsin.wire.stix.extensions import HandlingExtension, extension_id
from tocsin.wire.stix.times import micros_of

PAP = ("clear", "green", "amber", "red")
"""From most open to least; a level's place is its rank."""

_EU = (
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"  # the 27 of 2020-02-01
)
BLOCS: dict[str, frozenset[str]] = {
    "ASEAN": frozenset(["BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"]),
    "EEA": frozenset(f"{_EU} IS LI NO".split()),
    "EFTA": frozenset(["CH", "IS", "LI", "NO"]),
    "EU": frozenset(_EU.split()),
    "FVEY": frozenset(["AU", "CA", "GB", "NZ", "US"]),
    "G7": frozenset(["CA", "DE", "FR", "GB", "IT", "JP", "US"]),
}
"""Named blocs, spelled out so that everybody reads the same: who joins or leaves is a change of this table."""


def handling_of(value: dict[str, Any]) -> HandlingExtension | None:
    """The handling labels of a decoded object, None when it has none. Raises BadInput when they break their schema."""
    extensions = value.get("extensions")
    if not isinstance(extensions, dict) or extension_id(HandlingExtension) not in extensions:
        return None
    try:
        return msgspec.convert(extensions[extension_id(HandlingExtension)], HandlingExtension)
    except msgspec.ValidationError:
        raise BadInput("its handling labels are not as their schema says") from None


def countries(places: tuple[str, ...]) -> tuple[str, ...]:
    """Countries that places name, sorted; a bloc stands for its members, an unknown name for nobody."""
    return tuple(sorted({code for place in places for code in BLOCS.get(place, {place}) if len(code) == 2}))


def under_embargo(labels: HandlingExtension, now: int) -> bool:
    """Whether an embargo lasts at `now` (microseconds)."""
    until = labels.embargo_until
    return not isinstance(until, msgspec.UnsetType) and now < micros_of(until)
