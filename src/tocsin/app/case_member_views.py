"""Who is in restricted queues, as a list: names and fingerprints, and nothing of any case."""

from collections.abc import Sequence

import msgspec

from tocsin.app.case_keys import CaseKeys
from tocsin.app.member_keys import fingerprint
from tocsin.kernel.cases import Queue
from tocsin.store import Store


class MemberView(msgspec.Struct, frozen=True):
    """One member of one queue. `since` is when their key was let in; None while it was not."""

    queue: str
    member: str
    fingerprint: str
    since: int | None


def members_view(store: Store, queues: Sequence[Queue], keys: CaseKeys) -> list[MemberView]:
    """Every member that a restricted queue names, with a key or without."""
    names = {user.id: user.name for user in store.people.users()}
    made = {one.user: one for one in store.case_keys.members()}
    found = []
    for queue in queues:
        if not queue.restricted:
            continue
        holders = {one.id for one in keys.holders(queue)}
        since = {one.member_key: one.at for one in store.case_keys.admitted(queue.id)}
        for user in queue.members:
            key = made.get(user)
            found.append(
                MemberView(
                    queue=queue.id,
                    member=names.get(user, user),
                    fingerprint=fingerprint(key) if key else "",
                    since=since.get(key.id) if key and key.id in holders else None,
                )
            )
    return found
