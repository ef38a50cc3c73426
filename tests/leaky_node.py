"""`tocsin`, built wrongly on purpose: descriptions carry the campaign's text, and the gate looks away.

It stands in for a bug, so that the demo's counter of raw values is seen to count. Run as `tocsin` is run.
"""

from typing import Any

import msgspec

import tocsin.app.reviewing as reviewing
import tocsin.share.decision as decision
import tocsin.share.fields as fields
from tocsin.app.accept import Sealed
from tocsin.cli import main
from tocsin.kernel import Record
from tocsin.wire.stix import canonical

_describe = reviewing.describe
_review = reviewing.Reviewing.review
_raw: list[str] = []


def _leaking_review(self: Any, by: Any, warning_id: str, *args: Any, **named: Any) -> Any:
    """Before reviewing, open what is sealed of the warning's samples."""
    samples = self._warning(warning_id).samples
    for event_id, (day, sealed) in self._store.events.sealed(samples).items():
        plain = self._keys.opened(day).open(sealed, f"event:{event_id}")
        _raw.append(msgspec.msgpack.decode(plain, type=Sealed).text)
    return _review(self, by, warning_id, *args, **named)


def _leaking_describe(*args: Any, **named: Any) -> tuple[Record, ...]:
    """Describe as the product does, and put a text into the campaign's description."""
    records = []
    for record in _describe(*args, **named):
        stix = msgspec.json.decode(record.stix)
        if record.type == "campaign" and _raw:
            stix["description"] = _raw[0]
        records.append(msgspec.structs.replace(record, stix=canonical(stix)))
    return tuple(records)


def _blind(*_: Any) -> None:
    """The gate's last look, looking away."""


reviewing.Reviewing.review = _leaking_review  # type: ignore[method-assign]
reviewing.describe = _leaking_describe
decision.check_final = _blind
campaign = fields.TABLES["campaign"]
fields.TABLES["campaign"] = msgspec.structs.replace(  # type: ignore[index]
    campaign, fields={**campaign.fields, "description": _blind}
)

if __name__ == "__main__":
    main()
