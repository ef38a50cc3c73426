"""Recall: what was released and should not have been, taken back from those who had it; and what they say to that."""

from typing import Literal

import msgspec

EVERYBODY = ""
"""Stands for the name of the peer where a record was taken back from all who had it, and goes to nobody any more."""


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a node says it did when a record was taken back from it, signed with its key. Times in microseconds.

    `to` is the identity of who recalled, `by` of who answers; `held` the SHA-256 of each version that it had, in
    hexadecimal. `withdrawn`: it no longer looks for it, names it or passes it on; the versions it had stay in its
    archive, since nobody can prove that they are gone.
    """

    record: str
    version: int
    to: str
    by: str
    held: tuple[str, ...]
    done: Literal["withdrawn"]
    at: int
    key: str = ""
    signature: str = ""


class Recall(msgspec.Struct, frozen=True):
    """One record, taken back from one peer. `held` is the SHA-256 of each version that it was given."""

    record: str
    type: str
    peer: str
    version: int
    held: tuple[str, ...]
    at: int
    by: str
    reason: str
    receipt: Receipt | None = None

    @property
    def same_bytes(self) -> bool:
        """Whether what the peer says it had is what it was given, and no more."""
        return (
            self.receipt is not None and bool(self.receipt.held) and set(self.receipt.held) <= set(self.held)
        )
