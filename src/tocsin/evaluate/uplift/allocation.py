"""Who goes into which arm: permuted blocks within strata, from a seed that was committed to before the first
participant.

The places of a block stand in the order of their keyed digests, so anybody who is shown the seed afterwards can draw
every assignment again; before that, nobody who has not the seed can know the next. The size of the next block is
drawn too.
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

from tocsin.kernel.errors import BadInput
from tocsin.kernel.studies import Study
from tocsin.trust.pseudonyms import Pseudonyms

SEED_BYTES = 32
_TICKET = re.compile(r"(?=.*\d)[A-Za-z0-9-]{1,32}\Z")


def cell_of(study: Study, strata: Mapping[str, str]) -> str:
    """A participant's combination of strata, in one spelling. Raises BadInput for values that were not registered."""
    if strata.keys() != study.strata.keys():
        raise BadInput(f"say each stratum once: {', '.join(sorted(study.strata)) or 'there are none'}")
    for name, value in strata.items():
        if value not in study.strata[name]:
            raise BadInput(f"{name} is one of {', '.join(study.strata[name])}")
    return "|".join(f"{name}={strata[name]}" for name in sorted(strata))


def arm_at(seed: bytes, study: Study, cell: str, place: int) -> str:
    """The arm of the `place`-th participant (from 0) of a cell."""
    for number, arm in enumerate(_arms(seed, study, cell)):
        if number == place:
            return arm
    raise AssertionError("blocks have no end")


def _arms(seed: bytes, study: Study, cell: str) -> Iterator[str]:
    block = 0
    while True:
        drawn = int.from_bytes(_digest(seed, cell, block, "size"), "big")
        size = study.block_sizes[drawn % len(study.block_sizes)]
        places = [arm.name for arm in study.arms for _ in range(size)]
        order = sorted(range(len(places)), key=lambda at: _digest(seed, cell, block, str(at)))
        yield from (places[at] for at in order)
        block += 1


def _digest(seed: bytes, cell: str, block: int, what: str) -> bytes:
    # names of strata hold none of these signs, so no two drawings share their bytes
    return hmac.digest(seed, f"{cell};{block};{what}".encode(), sha256)


def names_of(key: bytes, ticket: str) -> tuple[str, str]:
    """(participant, work): pseudonyms of a ticket number, which is kept nowhere. Who has which ticket is the
    institute's.

    Raises BadInput for what could be a person's name or address.
    """
    if not _TICKET.match(ticket):
        raise BadInput(
            "a ticket is a number that the institute gave, letters, digits and hyphens, 32 at most:"
            " never a name or a mail"
        )
    names = Pseudonyms(key)
    participant = names.of("study-participant", ticket)
    return participant, names.of("study-work", participant)
