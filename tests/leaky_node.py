"""`tocsin`, built wrongly on purpose: descriptions carry the campaign's text, and the gate looks away.

It stands in for a bug, so that the demo's counter of raw values is seen to count. Run as `tocsin` is run.
"""

from typing import Any
from unittest.mock import patch

import msgspec

from tocsin import share
from tocsin.app import reviewing
from tocsin.app.accept import Sealed
from tocsin.cli import main
from tocsin.kernel import Record
from tocsin.share import decision, fields, promise
from tocsin.wire.stix import canonical

_describe = share.describe
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


patch.object(reviewing.Reviewing, "review", _leaking_review).start()
patch.object(reviewing, "describe", _leaking_describe).start()
patch.object(promise.FinalChecks, "check", _blind).start()
patch.object(promise.FinalChecks, "finish", _blind).start()
_campaign = fields.TABLES["campaign"]
_open = msgspec.structs.replace(_campaign, fields={**_campaign.fields, "description": _blind})
patch.object(fields, "TABLES", {**fields.TABLES, "campaign": _open}).start()
patch.object(decision, "TABLES", fields.TABLES).start()

if __name__ == "__main__":
    main()
