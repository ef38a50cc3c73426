"""A case as TheHive 5 takes it in: the body of `POST /api/v1/alert`, which its users then promote to a case of theirs.

Enters: what a person chose to hand over. Leaves: JSON. There is no field here for a reporter, a colleague's name or a
local account. Fields and levels by thehive4py 2 (`InputAlert`, `InputObservable`).
"""

import msgspec

from tocsin.kernel import TLP
from tocsin.kernel.cases import Urgency
from tocsin.wire.handed_over import HandedOver

TYPE = "tocsin-case"
MAX_TITLE_CHARS = 512
MAX_DESCRIPTION_CHARS = 100_000
MAX_OBSERVABLES = 1_000

SEVERITY = {Urgency.LOW: 1, Urgency.NORMAL: 2, Urgency.HIGH: 3, Urgency.IMMINENT: 4}
"""1 low to 4 critical."""

MARKING = {TLP.CLEAR: 0, TLP.GREEN: 1, TLP.AMBER: 2, TLP.AMBER_STRICT: 3, TLP.RED: 4}
"""TheHive 5; in TheHive 4 red was 3, and this is not for that."""

AMBER = 2
"""PAP: to be looked up by passive means alone."""

DATA_TYPES = {"domain": "domain", "email": "mail", "file-hash": "hash"}
"""Of our kinds of observable; TheHive has no name for the others, and they go as "other"."""


class HiveObservable(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    data_type: str
    data: str
    message: str = ""
    tlp: int | None = None
    tags: tuple[str, ...] = ()


class HiveAlert(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """`date` in milliseconds. `source` and `source_ref` together are unique in TheHive: the same case is sent once."""

    type: str
    source: str
    source_ref: str
    title: str
    description: str
    severity: int
    date: int
    tags: tuple[str, ...]
    tlp: int
    pap: int
    observables: tuple[HiveObservable, ...] = ()


def alert(told: HandedOver) -> bytes:
    """The body, as JSON. What is longer than TheHive takes is cut, and says so at its end."""
    tlp = MARKING[told.marking]
    chosen = tuple(
        HiveObservable(DATA_TYPES.get(kind, "other"), value, tlp=tlp)
        for kind, value in told.observables[:MAX_OBSERVABLES]
    )
    return msgspec.json.encode(
        HiveAlert(
            type=TYPE,
            source=told.node,
            source_ref=told.case,
            title=_cut(told.title, MAX_TITLE_CHARS),
            description=_cut(told.description, MAX_DESCRIPTION_CHARS),
            severity=SEVERITY[told.urgency],
            date=told.received // 1_000,
            tags=(f"tocsin:category={told.category}", "tocsin") if told.category else ("tocsin",),
            tlp=tlp,
            pap=AMBER,
            observables=chosen,
        )
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 2] + " …"
