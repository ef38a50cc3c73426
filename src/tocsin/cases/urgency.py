"""Where a case goes at once, by its flags alone: no model and no score stands between a child and who helps.

Enters: flags, and the queues that there are. Leaves: a queue and an urgency.
"""

from collections.abc import Collection, Iterable

import msgspec

from tocsin.kernel import BadInput
from tocsin.kernel.cases import GENERAL, RANK, CaseFlag, Queue, Urgency

ORDER = (
    CaseFlag.CHILD_MATERIAL,
    CaseFlag.IMMINENT_DANGER,
    CaseFlag.SPECIAL_GROUP,
    CaseFlag.JOURNALIST_SOURCE,
)
"""Which flag chooses the queue where there are several: what nobody else may see first, then what cannot wait."""

URGENCY = {
    CaseFlag.IMMINENT_DANGER: Urgency.IMMINENT,
    CaseFlag.CHILD_MATERIAL: Urgency.HIGH,
    CaseFlag.SPECIAL_GROUP: Urgency.HIGH,
    CaseFlag.JOURNALIST_SOURCE: Urgency.NORMAL,
}


class Route(msgspec.Struct, frozen=True):
    """Where a case waits, and how long it can."""

    queue: str
    urgency: Urgency


def route(flags: Collection[CaseFlag], queues: Iterable[Queue]) -> Route:
    """The route of a case with these flags; an own queue that takes a flag comes before a packaged one."""
    listed = tuple(queues)
    urgency = min((URGENCY[flag] for flag in flags), key=RANK.__getitem__, default=Urgency.NORMAL)
    for flag in ORDER:
        if flag in flags:
            for queue in listed:
                if flag in queue.takes:
                    return Route(queue.id, urgency)
    return Route(GENERAL, urgency)


def check_queue(queue: Queue, flags: Collection[CaseFlag]) -> None:
    """Raises BadInput where a person chose a queue that these flags must not lie in."""
    if CaseFlag.CHILD_MATERIAL in flags and CaseFlag.CHILD_MATERIAL not in queue.takes:
        raise BadInput(
            "suspected child-abuse material stays in a queue that takes it, whose members alone see it"
        )
