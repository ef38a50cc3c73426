"""The queues of this node: packaged ones, an operator's own, and who is in them."""

from functools import cached_property
from pathlib import Path

from tocsin.app.access import Access
from tocsin.kernel import BadInput, Caller, Means, NotFound
from tocsin.kernel.cases import Queue
from tocsin.store.interface import Store
from tocsin.taxonomy.queue_files import QueueFile, load_queues

QUEUES_FOLDER = "queues"


class Queues:
    """Read once, when first asked for: a node that is served is started anew after a file changed."""

    def __init__(self, data: Path, store: Store, access: Access) -> None:
        self._folder = data / QUEUES_FOLDER
        self._store = store
        self._access = access

    def all(self) -> tuple[Queue, ...]:
        """Own queues first, then the packaged ones. Raises BadInput naming a bad file."""
        return tuple(self._by_id.values())

    def get(self, queue_id: str) -> Queue:
        """Raises NotFound."""
        queue = self._by_id.get(queue_id)
        if queue is None:
            raise NotFound(f"there is no queue {queue_id[:64]}: `tocsin case queues` lists those you may see")
        return queue

    def visible_to(self, by: Caller) -> frozenset[str]:
        """Ids of the queues whose cases this caller may see: open ones by role, restricted ones as a member.

        The command line acts as whomever it names and so is nobody's membership: a member shows a token, or logs in.
        """
        reads = self._access.may(by, "case.read")
        member = by.means is not Means.OPERATOR
        return frozenset(
            queue.id
            for queue in self.all()
            if (member and by.user in queue.members if queue.restricted else reads)
        )

    def ids(self) -> frozenset[str]:
        """Every queue: for what the node itself does, and never for what somebody is shown."""
        return frozenset(self._by_id)

    def unrestricted(self) -> frozenset[str]:
        """Every queue that is not restricted: whose cases what is published may be counted by."""
        return frozenset(queue.id for queue in self.all() if not queue.restricted)

    @cached_property
    def _by_id(self) -> dict[str, Queue]:
        return {name: self._queue(name, file) for name, file in load_queues(self._folder).items()}

    def _queue(self, queue_id: str, file: QueueFile) -> Queue:
        members = []
        for name in file.members:
            user = self._store.people.user(name)
            if user is None:
                raise BadInput(
                    f"queue {queue_id}.yaml: there is no user {name!r}: `tocsin user list` shows them"
                )
            members.append(user.id)
        plain = Queue(id=queue_id, name=file.name)
        return Queue(
            id=queue_id,
            name=file.name,
            restricted=file.restricted,
            members=tuple(members),
            claim_hours=file.claim_hours or plain.claim_hours,
            decide_hours=file.decide_hours or plain.decide_hours,
            claim_lasts_hours=file.claim_lasts_hours or plain.claim_lasts_hours,
            appeal_days=file.appeal_days or plain.appeal_days,
            takes=file.takes,
        )
