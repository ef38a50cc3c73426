"""Approval: a person read a manifest and stands for its leaving."""

import msgspec


class Approval(msgspec.Struct, frozen=True):
    """`digest` is the manifest's, `user` a user id, `at` in microseconds. Another digest is another approval."""

    digest: str
    user: str
    peer: str
    at: int
