"""A count over several nodes, all in this process: CPU seconds and bytes of a member.

`python -m benchmarks.distinct 3 1000` for three members with a thousand entries each.
"""

import secrets
import sys
from typing import NamedTuple

from benchmarks.rows import cpu_seconds
from tocsin.kernel.distinct import DistinctRoster
from tocsin.trust.distinct import Member

SIZES = ((3, 1_000), (5, 2_000), (10, 4_000))
COST = 1_000


class Spent(NamedTuple):
    """Of one member on average, and the inputs that it could count."""

    cpu: float
    megabytes: float
    room: int


def count(members: int, capacity: int) -> Spent:
    """One count with as many inputs as there is room for, a tenth of them everybody's."""
    names = tuple(f"node-{number}" for number in range(members))
    roster = DistinctRoster(
        session=secrets.token_bytes(16),
        kind="handle",
        purpose="benchmark",
        members=names,
        capacity=capacity,
        cost=COST,
    )
    shared = [b"all-%d" % number for number in range(roster.room // 10)]
    started, sent = cpu_seconds(), 0
    made = {
        name: Member(
            roster,
            name,
            [*shared, *(b"%s-%d" % (name.encode(), number) for number in range(roster.room - len(shared)))],
            [0] * members,
            secrets.token_bytes,
        )
        for name in names
    }
    for name, one in made.items():
        said = one.joined()
        sent += len(said) * (members - 1)
        for other in made.values():
            if other is not one:
                other.hear_joined(name, said)
    for name, one in made.items():
        said = one.sent()
        sent += len(said)
        made[names[0]].hear_sent(name, said)
    pool = made[names[0]].mixed()
    for name in names[1:]:
        sent += len(pool)
        pool = made[name].mixed(pool)
    for one in made.values():
        one.hear_pool(pool)
    sent += len(pool) * (members - 1)
    parts = {name: one.opened() for name, one in made.items()}
    sent += sum(map(len, parts.values())) * (members - 1)
    for name, one in made.items():
        for sender, part in parts.items():
            if sender != name:
                one.hear_opened(sender, part)
    (found,) = {one.counted() for one in made.values()}
    assert found.shared[-1].inputs == len(shared), "no noise was given, so the numbers are exact"
    return Spent((cpu_seconds() - started) / members, sent / members / 1e6, roster.room)


if __name__ == "__main__":
    given = tuple(map(int, sys.argv[1:]))
    for members, capacity in (given,) if len(given) == 2 else SIZES:
        spent = count(members, capacity)
        print(
            f"{members} members, {capacity:,} entries each (room for {spent.room:,} inputs):"
            f" {spent.cpu:.1f} CPU-s and {spent.megabytes:.2f} MB a member",
            flush=True,
        )
