"""What a person chose to say of a case to another case system: everything that leaves, and nothing else."""

import msgspec

from tocsin.kernel import TLP
from tocsin.kernel.cases import Urgency


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    """`received` in microseconds, `observables` as (our type, value) in their order."""

    node: str
    case: str
    title: str
    description: str
    urgency: Urgency
    received: int
    category: str
    marking: TLP
    decided: bool
    observables: tuple[tuple[str, str], ...] = ()
