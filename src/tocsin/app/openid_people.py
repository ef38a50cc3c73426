"""Who a subject of the OpenID provider is at this node: one user, made at the first log-in or linked by the operator.

Enters: a verified identity. Leaves: its user. Refuses: a person none of whose groups has a role, and a disabled one.
"""

import hashlib
import os
from enum import StrEnum

import msgspec

from tocsin.app.access import Access
from tocsin.app.settings import Settings
from tocsin.app.users import MAX_NAME_CHARS
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    Link,
    NotFound,
    Role,
    TocsinError,
    User,
    micros,
)
from tocsin.store import Store
from tocsin.trust.openid import Identity
from tocsin.trust.seal import Entropy


class Why(StrEnum):
    """Why somebody was not let in, for a page to say in their language."""

    NO_ROLE = "no-role"
    DISABLED = "disabled"
    STALE = "stale"
    DENIED = "denied"
    UNTRUSTED = "untrusted"


class LoginRefused(TocsinError):
    """A log-in by the OpenID provider did not let anybody in."""

    code = "login-refused"
    status = 403

    def __init__(self, why: Why, message: str, *, subject: str = "") -> None:
        super().__init__(message)
        self.why = why
        self.subject = subject


class OpenIdPeople:
    """The users behind the subjects of the one provider that the settings name."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        access: Access,
        host: str,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._settings = settings
        self._store = store
        self._access = access
        self._host = host
        self._clock = clock
        self._entropy = entropy

    def user(self, identity: Identity) -> User:
        """The one user of this subject: linked, or made at the first log-in. Raises LoginRefused, which is audited."""
        user = self._found(identity)
        if user is not None and user.roles and not user.disabled:
            return user
        why = Why.DISABLED if user is not None and user.disabled else Why.NO_ROLE
        self._access.audit(
            "provider",
            "session.open",
            subject=identity.subject,
            purpose="console",
            outcome="refused",
            detail={"why": why.value},
        )
        raise LoginRefused(why, "no role, or a disabled account", subject=identity.subject)

    def _found(self, identity: Identity) -> User | None:
        roles = self._roles(identity.groups)
        try:
            with self._store.together():
                return self._linked(identity, roles) or self._made(identity, roles)
        except Conflict:  # two first log-ins of one person at one moment: the other one made the user
            return self._linked(identity, roles)

    def _linked(self, identity: Identity, roles: tuple[Role, ...]) -> User | None:
        link = self._store.credentials.link(self._settings.oidc_issuer, identity.subject)
        user = self._store.people.user(link.user) if link else None
        if link is None or user is None:
            return None
        if link.managed and roles != user.roles and not user.disabled:
            # also down to none: tokens of a person who lost their groups must not keep the roles
            user = msgspec.structs.replace(user, roles=roles)
            self._store.people.replace_user(user)
            self._access.audit(
                user.id, "user.roles", subject=user.name, purpose="groups", detail={"roles": " ".join(roles)}
            )
        return user

    def _made(self, identity: Identity, roles: tuple[Role, ...]) -> User | None:
        if not roles:
            return None
        now = micros(self._clock())
        user = User(f"user_{self._entropy(8).hex()}", self._free_name(identity), roles, now)
        self._store.people.add_user(user)
        self._store.credentials.add_link(
            Link(self._settings.oidc_issuer, identity.subject, user.id, managed=True, created=now)
        )
        self._access.audit(
            user.id, "user.add", subject=user.name, purpose="first log-in", detail={"roles": " ".join(roles)}
        )
        return user

    def _roles(self, groups: tuple[str, ...]) -> tuple[Role, ...]:
        mapped = {role for group in groups for role in self._settings.oidc_roles.get(group, ())}
        return tuple(role for role in Role if role in mapped)

    def _free_name(self, identity: Identity) -> str:
        """A name that nobody has, that says where it comes from, and that looks like no local user's."""
        room = MAX_NAME_CHARS - len(self._host) - 12
        plain = "".join(sign for sign in identity.name if sign.isprintable() and sign != ":").strip()
        host = self._host.replace(":", " ")
        name = f"{plain[: max(room, 8)]} ({host})"[:MAX_NAME_CHARS]
        if self._store.people.user(name) is None:
            return name
        return f"{name[: MAX_NAME_CHARS - 9]} {hashlib.sha256(identity.subject.encode()).hexdigest()[:8]}"

    def link(self, by: Caller, name: str, subject: str) -> User | None:
        """Say that a user of this node is this subject of the provider: one human, one user from now on.

        A user that was made for the subject at an earlier log-in is disabled and points here; it is returned.
        Roles stay the operator's to give. Raises BadInput, Conflict, NotAllowed, NotFound.
        """
        self._access.require(by, "user.manage")
        user = self._access.named(name)
        if user.disabled or {Role.SOURCE, Role.PEER} & set(user.roles):
            raise BadInput(f"{name} is disabled or a machine: link a person who may log in")
        issuer, now = self._settings.oidc_issuer, micros(self._clock())
        link = Link(issuer, subject, user.id, managed=False, created=now)
        with self._store.together():
            known = self._store.credentials.link(issuer, subject)
            if known is None:
                self._store.credentials.add_link(link)
                before = None
            else:
                before = self._retired(known, user)
                self._store.credentials.move_link(link)
            self._access.audit(by.user, "user.link", subject=name, purpose="", detail={"subject": subject})
        return before

    def unlink(self, by: Caller, name: str) -> None:
        """Take a user's links to the provider away. Raises NotAllowed, NotFound."""
        self._access.require(by, "user.manage")
        links = self._store.credentials.links(self._access.named(name).id)
        if not links:
            raise NotFound(f"{name} is linked to no subject of a provider")
        for link in links:
            self._store.credentials.drop_link(link.issuer, link.subject)
        self._access.audit(by.user, "user.unlink", subject=name, purpose="")

    def _retired(self, known: Link, user: User) -> User:
        before = self._store.people.user(known.user)
        if before is None or before.id == user.id:
            raise Conflict(f"{user.name} is linked to that subject already")
        if not known.managed:
            raise Conflict(
                f"that subject is linked to {before.name}: `tocsin user unlink {before.name}` first"
            )
        self._store.people.replace_user(msgspec.structs.replace(before, disabled=True, same_as=user.id))
        self._store.people.close_sessions(before.id)
        return before
