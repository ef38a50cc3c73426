"""A case as one MISP event: what a person chose to say of it, and the identifiers that they chose to name.

Enters: words and identifiers. Leaves: JSON that MISP imports, to be seen by its own organisation until somebody there
widens it. PyMISP (with `tocsin[misp]`) makes it.
"""

import uuid

from tocsin.kernel import Unavailable, at_micros
from tocsin.kernel.cases import Urgency
from tocsin.wire.handed_over import HandedOver

NAMESPACE = uuid.UUID("6e2b6b0a-9f5c-5a40-8a54-0d2a7f7f3c11")
"""Of event ids: UUIDv5 of node and case, so that the same case is one event however often it is handed over."""

THREAT = {Urgency.IMMINENT: 1, Urgency.HIGH: 1, Urgency.NORMAL: 2, Urgency.LOW: 3}
"""MISP: 1 high, 2 medium, 3 low."""

OWN_ORGANISATION = 0
ONGOING, COMPLETED = 1, 2

TYPES = {"domain": "domain", "email": "email", "phone": "phone-number", "address-prefix": "ip-dst"}
"""Of our kinds of observable; those that MISP has no name for on every platform go as text."""

HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
"""By the number of hexadecimal digits."""


def case_event(told: HandedOver) -> bytes:
    """The event, as JSON. Raises Unavailable."""
    try:
        from pymisp import MISPEvent
    except ImportError:
        raise Unavailable("MISP's form needs PyMISP: pip install 'tocsin[misp]'") from None
    event = MISPEvent()
    event.uuid = str(uuid.uuid5(NAMESPACE, f"{told.node}/{told.case}"))
    event.info = told.title
    event.date = at_micros(told.received).date()
    event.threat_level_id = THREAT[told.urgency]
    event.analysis = COMPLETED if told.decided else ONGOING
    event.distribution = OWN_ORGANISATION
    event.add_tag(f"tlp:{told.marking.value}")
    if told.category:
        event.add_tag(f'tocsin:category="{told.category}"')
    event.add_attribute("comment", told.description, to_ids=False, distribution=OWN_ORGANISATION)
    for kind, value in told.observables:
        kept = HASHES.get(len(value), "text") if kind == "file-hash" else TYPES.get(kind, "text")
        event.add_attribute(kept, value, to_ids=False, distribution=OWN_ORGANISATION)
    return event.to_json(sort_keys=True).encode()
