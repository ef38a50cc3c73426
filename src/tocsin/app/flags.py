"""What a peer's indicator raised before it was taken back, or found to be a thief's: said with the warning."""

from collections.abc import Collection

import msgspec

from tocsin.kernel import Reason, WarningKind
from tocsin.store.interface import Store

MAX_FLAGGED = 100_000


def flag_warnings(store: Store, indicators: Collection[str], reason: Reason) -> int:
    """Put `reason` first on every look-back that one of these indicators raised, once; returns how many.

    A person decides what follows: the node's own evidence about the accounts stands as it stood.
    """
    if not indicators:
        return 0
    flagged = 0
    for warning in store.warnings.list(kind=WarningKind.LOOK_BACK, limit=MAX_FLAGGED):
        if warning.indicator in indicators and reason not in warning.reasons:
            store.warnings.upsert(msgspec.structs.replace(warning, reasons=(reason, *warning.reasons)))
            flagged += 1
    return flagged
