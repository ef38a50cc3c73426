"""Act: what one message of a conversation does to somebody, remembered for some days and for nobody else."""

import msgspec


class Act(msgspec.Struct, frozen=True, gc=False):
    """`session` is a pseudonym, `side` who spoke ("person" or "model"), `kinds` what was done, `time` in microseconds.

    `aim` says that the message names what the acts would be for; `hedges` what speaks against taking it at its word.
    It lives in `store.conversations`, expires, and is part of no signal, event, warning or record.
    """

    event: str
    session: str
    time: int
    received: int
    side: str
    kinds: tuple[str, ...]
    aim: bool
    hedges: tuple[str, ...]
    weight: float
