"""What a node key says of its successor."""

from typing import Literal

import msgspec


class KeyStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One link of a node's key history, signed by both keys. Keys and signatures in hexadecimal, times in microseconds.

    `rotate`: from `at` on `new` speaks for `identity`, and `old` no more. `revoke`: what `old` signed since `since` is
    not this node's word; `new` is only proposed, because who stole `old` could propose as well. `seq` counts from 1.
    """

    kind: Literal["rotate", "revoke"]
    identity: str
    seq: int
    old: str
    new: str
    at: int
    since: int | None = None
    by_old: str = ""
    by_new: str = ""
