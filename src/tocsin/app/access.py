"""Who is asking: tokens, sessions, signed requests. Who there is, and what they may, is `users`'."""

import hashlib
import os
import threading
from collections.abc import Collection

import msgspec

from tocsin.app.users import HOUR, Users
from tocsin.kernel import (
    TLP,
    Caller,
    Clock,
    Login,
    Means,
    NotAllowed,
    PeerStatus,
    Role,
    Token,
    micros,
)
from tocsin.store import Session, Store
from tocsin.trust import tokens
from tocsin.trust.identity import node_id
from tocsin.trust.policy import Policies
from tocsin.trust.seal import Entropy
from tocsin.trust.signed_requests import NotSigned, ReplayMemory, Shown, Verified, verify

SESSION_HOURS = 12
FRESH_MINUTES = 10
"""A password or a second factor is changed only this soon after logging in: a cookie stolen later changes nothing."""


class Opened(msgspec.Struct, frozen=True):
    """A console session as opened: `secret` goes into the cookie and is not kept."""

    secret: str
    csrf: str
    caller: Caller
    created: int
    digest: bytes


class Access(Users):
    """Authentication of one node, over its users and what they may. Nothing configured means refuse."""

    def __init__(
        self,
        store: Store,
        policies: Policies,
        clock: Clock,
        entropy: Entropy = os.urandom,
        *,
        second_factor_roles: Collection[Role] = (),
    ) -> None:
        super().__init__(store, policies, clock, entropy)
        self._second_factor_roles = frozenset(second_factor_roles)
        self._started = clock()
        self._seen = ReplayMemory()
        self._turn = threading.Lock()

    def authenticate(self, token: str, *, name: str | None = None) -> Caller | None:
        """The caller a token stands for, or None: unknown, wrong, revoked, expired, disabled, another's name.

        The comparison takes the same time whether the token's id exists or not.
        """
        presented = tokens.read(token)
        if presented is None:
            return None
        kept = self._store.people.token(presented.id)
        if not tokens.matches(presented, kept.digest if kept else None) or kept is None:
            return None
        if not _counts(kept, micros(self._clock())):
            return None
        caller = self._caller(kept.user, Means.TOKEN, ceiling=kept.ceiling)
        return caller if caller and name in (None, caller.name) else None

    def signed_by(self, given: Shown, *, recipient: str) -> tuple[Verified, Caller]:
        """The trusted peer whose pinned key signed this request, once. Raises NotSigned."""
        now = self._clock()
        pinned = {
            node_id(peer.node_key): peer
            for peer in self._store.peers.list()
            if peer.status_at(micros(now)) is PeerStatus.TRUSTED and peer.node_key is not None
        }

        def key_of(keyid: str) -> bytes | None:
            return pinned[keyid].node_key if keyid in pinned else None

        verified = verify(given, recipient=recipient, key_of=key_of, now=now, started=self._started)
        with self._turn:
            self._seen.take(verified, now)
        name = pinned[verified.keyid].name
        for user in self._store.people.users():
            if user.peer == name and Role.PEER in user.roles and not user.disabled:
                caller = self._caller(user.id, Means.TOKEN)
                if caller is not None:
                    return verified, caller
        raise NotSigned("this peer's user was disabled")

    def open_session(
        self,
        user_id: str,
        login: Login,
        *,
        mfa: bool = False,
        groups: Collection[str] = (),
        address: str = "",
    ) -> Opened | None:
        """A console session for a person whose factors were checked; None for a machine, and for nobody."""
        secret, csrf = self._entropy(32).hex(), self._entropy(32).hex()
        now = micros(self._clock())
        kept = Session(
            digest=_digest(secret),
            user=user_id,
            csrf=csrf,
            created=now,
            expires=now + SESSION_HOURS * HOUR,
            login=login.value,
            mfa=int(mfa),
            groups="\n".join(groups),
            address=address,
        )
        caller = self._present(kept)
        if caller is None or not (caller.roles | caller.withheld) - {Role.SOURCE, Role.PEER}:
            return None
        self._store.people.open_session(kept)
        detail: dict[str, str | int | float] = {"login": login.value, "second_factor": int(mfa)}
        self.audit(user_id, "session.open", subject=caller.name, purpose="console", detail=detail)
        return Opened(secret, csrf, caller, kept.created, kept.digest)

    def session(self, secret: str) -> Opened | None:
        """The open session of a cookie, or None: ended, or what opened it stands no more."""
        kept = self._store.people.session(_digest(secret))
        if kept is None or not self.stands(kept):
            return None
        caller = self._present(kept)
        return Opened(secret, kept.csrf, caller, kept.created, kept.digest) if caller else None

    def stands(self, session: Session) -> bool:
        """Whether a session still counts: it outlives neither its hours nor the credential that opened it."""
        now = micros(self._clock())
        if session.expires <= now:
            return False
        match Login(session.login):
            case Login.PASSWORD:
                return self._store.credentials.password(session.user) is not None
            case Login.OIDC:
                return bool(self._store.credentials.links(session.user))
            case Login.TOKEN:
                return any(_counts(token, now) for token in self._store.people.tokens(session.user))

    def require_fresh(self, opened: Opened) -> None:
        """Raises NotAllowed unless the person logged in just now."""
        if micros(self._clock()) - opened.created > FRESH_MINUTES * HOUR // 60:
            raise NotAllowed(
                f"this is changed within {FRESH_MINUTES} minutes of logging in: log in again, then do it"
            )

    def close_session(self, secret: str) -> None:
        self._store.people.close_session(_digest(secret))

    def _present(self, kept: Session) -> Caller | None:
        """The person of a session. None for one with a ceiling: the console would show what is above it."""
        caller = self._caller(
            kept.user,
            Means.SESSION,
            login=Login(kept.login),
            mfa=bool(kept.mfa),
            groups=frozenset(kept.groups.split("\n")) - {""},
        )
        return caller if caller is not None and caller.ceiling is TLP.RED else None

    def _caller(
        self,
        user_id: str,
        means: Means,
        *,
        login: Login | None = None,
        mfa: bool = False,
        groups: frozenset[str] = frozenset(),
        ceiling: TLP | None = None,
    ) -> Caller | None:
        user = self._store.people.user(user_id)
        if user is None or user.disabled:
            return None
        withheld = frozenset() if mfa else self._second_factor_roles & frozenset(user.roles)
        return Caller(
            user=user.id,
            name=user.name,
            roles=frozenset(user.roles) - withheld,
            peer=user.peer,
            means=means,
            login=login,
            mfa=mfa,
            groups=groups,
            withheld=withheld,
            trained=user.trained is not None,
            ceiling=min(user.ceiling, ceiling or user.ceiling, key=lambda tlp: tlp.rank),
        )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _counts(token: Token, now: int) -> bool:
    return token.revoked is None and (token.expires is None or token.expires > now)
