"""Where a case goes at once."""

import itertools

import pytest

from tocsin.cases.urgency import check_queue, route
from tocsin.kernel import BadInput
from tocsin.kernel.cases import CaseFlag, Queue, Urgency
from tocsin.taxonomy.queue_files import packaged_queues

PACKAGED = tuple(
    Queue(id=name, name=file.name, restricted=file.restricted, takes=file.takes)
    for name, file in packaged_queues().items()
)


@pytest.mark.parametrize("flags", [one for n in range(4) for one in itertools.permutations(CaseFlag, n)])
def test_suspected_child_abuse_material_always_goes_where_its_members_alone_see_it(
    flags: tuple[CaseFlag, ...],
) -> None:
    led = route(flags, PACKAGED)
    (queue,) = (one for one in PACKAGED if one.id == led.queue)
    assert queue.restricted is (CaseFlag.CHILD_MATERIAL in flags)
    assert (led.urgency is Urgency.IMMINENT) is (CaseFlag.IMMINENT_DANGER in flags)
    if queue.id == "urgent":
        assert CaseFlag.IMMINENT_DANGER in flags
    if not flags:
        assert (led.queue, led.urgency) == ("general", Urgency.NORMAL)
    check_queue(queue, flags)


def test_an_own_queue_comes_before_a_packaged_one() -> None:
    own = Queue(id="night", name={"en": "Night"}, takes=(CaseFlag.IMMINENT_DANGER,))
    assert route([CaseFlag.IMMINENT_DANGER], (own, *PACKAGED)).queue == "night"


def test_nobody_puts_what_children_suffer_into_an_open_queue() -> None:
    for queue in PACKAGED:
        if not queue.restricted:
            with pytest.raises(BadInput, match="members alone"):
                check_queue(queue, [CaseFlag.CHILD_MATERIAL])
