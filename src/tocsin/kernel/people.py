"""Who may act: users, roles, tokens."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from tocsin.kernel.records import TLP


class Role(StrEnum):
    """Roles are narrow and additive; what each may do is in trust/policies/access.cedar."""

    ADMIN = "admin"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    DUTY_OFFICER = "duty-officer"
    """Grades incidents, and answers for what is reported to whom by when."""
    AUDITOR = "auditor"
    SOURCE = "source"
    """A machine that may only send events."""
    PEER = "peer"
    """Another node: may only read what was released to it and post to its inbox."""


class Means(StrEnum):
    """What a caller came with. Only a session is a person's presence: a token works while its owner sleeps."""

    TOKEN = "token"
    """An API token: a machine, or a script somebody left running."""
    OPERATOR = "operator"
    """The command line in the node's own folder: whoever can read the keys in it."""
    SESSION = "session"
    """A person who logged in to the console."""
    STANDING = "standing"
    """The node itself, on a standing word that a person gave when they were there (`app.standing`)."""


class Login(StrEnum):
    """The first factor that opened a session."""

    TOKEN = "token"
    PASSWORD = "password"
    OIDC = "oidc"


class User(msgspec.Struct, frozen=True):
    id: str
    name: str
    roles: tuple[Role, ...]
    created: int
    disabled: bool = False
    peer: str | None = None
    """For a user with the role `peer`: the name of that peer."""
    same_as: str | None = None
    """The id of the user that this one turned out to be: one human is one person, whatever they once logged in as."""
    ceiling: TLP = TLP.RED
    """The most closed marking that they are shown over TAXII. A peer's own ceiling is in its `Peer`."""
    trained: int | None = None
    """Since when they may look at conversations: a grant of its own, by name and with a reason. No role brings it."""


MAX_SAME = 8
"""Users that turned out to be one human, one after another: a longer chain is a ring."""


def person_behind(user_id: str, user_of: Callable[[str], User | None]) -> str:
    """The one id of the human behind a user: the user's own, or that of the user they turned out to be."""
    for _ in range(MAX_SAME):
        user = user_of(user_id)
        if user is None or user.same_as is None:
            break
        user_id = user.same_as
    return user_id


class Link(msgspec.Struct, frozen=True):
    """Who somebody is at an OpenID provider. Never an e-mail address: those change hands (OIDC Core, 5.7).

    `managed` says that the provider's groups decide the user's roles, at every log-in anew.
    """

    issuer: str
    subject: str
    user: str
    managed: bool
    created: int


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
    means: Means = Means.TOKEN
    login: Login | None = None
    """How the session was opened; None without a session."""
    mfa: bool = False
    """The session was opened with a second factor."""
    groups: frozenset[str] = frozenset()
    """Groups that the OpenID provider named at the log-in."""
    withheld: frozenset[Role] = frozenset()
    """Roles of the user that do not count here: they need a second factor, and none was used."""
    ceiling: TLP = TLP.RED
    """The lower of the user's and the token's."""
    trained: bool = False
    """Was trained to look at conversations, and it was granted."""

    @property
    def present(self) -> bool:
        """Whether a person is there: the only callers whose approval counts."""
        return self.means is Means.SESSION

    def has(self, *roles: Role) -> bool:
        """Whether any of these roles is held."""
        return not self.roles.isdisjoint(roles)
