"""Noise of one look at one aggregator: drawn once, for one set of submissions, and kept before the sums leave.

A second draw for the same sums would average the first away; the same draw for other sums would cancel out between the
two. So what was drawn lies, sealed with the week's key, in the database and in the key store, which no one backup holds
together, with a digest of what it was drawn for.
"""

from collections.abc import Sequence

import msgspec

from tocsin.app.sum_state import Desk
from tocsin.kernel import Conflict
from tocsin.store.sum_interface import SumHeard

DRAWN = "drawn"
"""Under which it lies in the store; no message is of this kind."""


class Drawn(msgspec.Struct, frozen=True):
    """`of` is a digest of all submissions and of both lists, `noise` what was added to their sums."""

    of: bytes
    noise: tuple[int, ...]


def drawn_once(
    desk: Desk, epoch: int, roster: str, look: int, of: bytes, number: int, scale: int
) -> Sequence[int]:
    """The noise of a look, new or as it was drawn before. `roster` is its digest in hexadecimal.

    Raises Conflict where it was drawn for other sums: the look is left out. Unavailable without OpenDP.
    """
    name, label = f"{look}.{roster}", f"noise of look {look} of {roster}"
    seal = desk.keys.made(epoch)
    kept = _known(desk, epoch, roster, look) or desk.keys.drawn(epoch, name)
    if kept is None:
        fresh = Drawn(of, tuple(desk.draw(number, scale)))
        kept = desk.keys.keep_drawn(epoch, name, seal.close(msgspec.msgpack.encode(fresh), label))
    # In either place alone after a restore, or a crash between the two: in both from here.
    desk.keys.keep_drawn(epoch, name, kept)
    desk.store.hear(SumHeard(epoch, roster, look, DRAWN, desk.me, desk.now, kept))
    found = msgspec.msgpack.decode(seal.open(kept, label), type=Drawn)
    if found.of != of or len(found.noise) != number:
        raise Conflict(
            "noise was drawn for other submissions at this look, before a restore: the look is left out"
        )
    return found.noise


def _known(desk: Desk, epoch: int, roster: str, look: int) -> bytes | None:
    wanted = (roster, look, DRAWN)
    return next(
        (one.body for one in desk.store.heard(epoch) if (one.roster, one.look, one.kind) == wanted), None
    )
