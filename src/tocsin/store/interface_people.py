"""What a store promises of people: users, tokens, sessions, passwords, second factors, links (see `interface`)."""

from collections.abc import Collection
from typing import Protocol

import msgspec

from tocsin.kernel import Link, Token, User


class Session(msgspec.Struct, frozen=True):
    """A console log-in. `digest` is SHA-256 of the cookie's secret; `csrf` is bound to it.

    `login` is a kernel.Login, `mfa` 1 after a second factor, `groups` the provider's, one a line.
    """

    digest: bytes
    user: str
    csrf: str
    created: int
    expires: int
    login: str = "token"
    mfa: int = 0
    groups: str = ""
    address: str = ""


class Totp(msgspec.Struct, frozen=True):
    """A shared secret, sealed. `confirmed` is 0 until its owner has shown one code, in microseconds after that.

    `step` is the newest time step whose code was used: that one and all before it are refused from then on.
    """

    user: str
    sealed: bytes
    begun: int
    confirmed: int = 0
    step: int = 0


class PeopleStore(Protocol):
    def add_user(self, user: User) -> None:
        """Raises Conflict when the name is taken."""
        ...

    def user(self, name_or_id: str) -> User | None: ...
    def users(self) -> tuple[User, ...]: ...
    def replace_user(self, user: User) -> None: ...
    def add_token(self, token: Token) -> None: ...
    def token(self, token_id: str) -> Token | None: ...
    def tokens(self, user_id: str | None = None) -> tuple[Token, ...]: ...
    def revoke_token(self, token_id: str, at: int) -> bool: ...
    def open_session(self, session: Session) -> None: ...
    def session(self, digest: bytes) -> Session | None: ...
    def close_session(self, digest: bytes) -> None: ...
    def sessions(self, user_id: str) -> tuple[Session, ...]:
        """Newest first; those that ended by time may still be among them."""
        ...

    def close_sessions(self, user_id: str, *, but: bytes = b"") -> int:
        """End every session of a user except the one with the digest `but`; returns how many."""
        ...


class CredentialStore(Protocol):
    def password(self, user_id: str) -> str | None:
        """The PHC string of a user's password."""
        ...

    def set_password(self, user_id: str, phc: str, at: int) -> None:
        """Set or replace it. Raises NotFound for an unknown user."""
        ...

    def clear_password(self, user_id: str) -> bool: ...

    def any_password(self) -> bool:
        """Whether anybody has one, so that the log-in page asks for it."""
        ...

    def totp(self, user_id: str) -> Totp | None: ...

    def begin_totp(self, totp: Totp) -> None:
        """Keep a new secret, in place of one that was not confirmed. Raises Conflict when one was."""
        ...

    def confirm_totp(self, user_id: str, step: int, at: int, recovery: Collection[bytes]) -> bool:
        """Confirm the secret by the code of `step`, and keep its recovery codes' digests; False if it was before."""
        ...

    def use_step(self, user_id: str, step: int) -> bool:
        """Take the code of a step: True once, for a confirmed secret and a step after the newest used."""
        ...

    def clear_totp(self, user_id: str) -> bool:
        """Forget secret and recovery codes."""
        ...

    def set_recovery(self, user_id: str, digests: Collection[bytes]) -> None:
        """Replace all recovery codes."""
        ...

    def use_recovery(self, user_id: str, digest: bytes) -> bool:
        """Take a recovery code: True once."""
        ...

    def recovery_left(self, user_id: str) -> int: ...

    def add_link(self, link: Link) -> None:
        """Raises Conflict when this subject of this issuer has a user already."""
        ...

    def link(self, issuer: str, subject: str) -> Link | None: ...
    def links(self, user_id: str | None = None) -> tuple[Link, ...]: ...

    def move_link(self, link: Link) -> None:
        """Replace the link of its issuer and subject. Raises NotFound."""
        ...

    def drop_link(self, issuer: str, subject: str) -> bool: ...
