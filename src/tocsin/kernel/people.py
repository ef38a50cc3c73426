"""Who may act: users, roles, tokens."""

from enum import StrEnum

import msgspec

from tocsin.kernel.records import TLP


class Role(StrEnum):
    """Roles are narrow and additive; what each may do is in trust/policies/access.cedar."""

    ADMIN = "admin"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    SOURCE = "source"
    """A machine that may only send events."""
    PEER = "peer"
    """Another node: may only read what was released to it and post to its inbox."""


class User(msgspec.Struct, frozen=True):
    id: str
    name: str
    roles: tuple[Role, ...]
    created: int
    disabled: bool = False
    peer: str | None = None
    """For a user with the role `peer`: the name of that peer."""
    ceiling: TLP = TLP.RED
    """The most closed marking that they are shown over TAXII. A peer's own ceiling is in its `Peer`."""


class Token(msgspec.Struct, frozen=True):
    """A token as kept: the secret itself is shown once and stored only as its SHA-256."""

    id: str
    user: str
    digest: bytes
    label: str
    created: int
    expires: int | None = None
    revoked: int | None = None
    ceiling: TLP | None = None
    """Lower than its user's, for a machine that should see less than its owner."""


class Caller(msgspec.Struct, frozen=True):
    """Who is asking, after authentication."""

    user: str
    name: str
    roles: frozenset[Role]
    peer: str | None = None
    ceiling: TLP = TLP.RED
    """The lower of the user's and the token's."""

    def has(self, *roles: Role) -> bool:
        """Whether any of these roles is held."""
        return not self.roles.isdisjoint(roles)
