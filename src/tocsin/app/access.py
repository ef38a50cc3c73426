"""Who is asking, and may they: tokens, sessions, users, and the policy on acts."""

import hashlib
import os
import threading

import msgspec

from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    Clock,
    NotAllowed,
    NotFound,
    PeerStatus,
    Role,
    Token,
    User,
    micros,
)
from tocsin.store.interface import AuditRow, Session, Store
from tocsin.trust import tokens
from tocsin.trust.identity import node_id
from tocsin.trust.policy import Policies
from tocsin.trust.seal import Entropy
from tocsin.trust.signed_requests import NotSigned, ReplayMemory, Shown, Verified, verify

SESSION_HOURS = 12
MAX_NAME_CHARS = 64
_HOUR = 3_600_000_000


class Opened(msgspec.Struct, frozen=True):
    """A console session as opened: `secret` goes into the cookie and is not kept."""

    secret: str
    csrf: str
    caller: Caller


class Access:
    """Authentication and authorisation of one node. Nothing configured means refuse."""

    def __init__(self, store: Store, policies: Policies, clock: Clock, entropy: Entropy = os.urandom) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._entropy = entropy
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
        caller = self._caller(kept.user, kept.ceiling)
        return caller if caller and name in (None, caller.name) else None

    def signed_by(self, given: Shown, *, recipient: str) -> tuple[Verified, Caller]:
        """The trusted peer whose pinned key signed this request, once. Raises NotSigned."""
        now = self._clock()
        pinned = {
            node_id(peer.node_key): peer
            for peer in self._store.peers.list()
            if peer.status is PeerStatus.TRUSTED and peer.node_key is not None
        }

        def key_of(keyid: str) -> bytes | None:
            return pinned[keyid].node_key if keyid in pinned else None

        verified = verify(given, recipient=recipient, key_of=key_of, now=now, started=self._started)
        with self._turn:
            self._seen.take(verified, now)
        name = pinned[verified.keyid].name
        for user in self._store.people.users():
            if user.peer == name and Role.PEER in user.roles and not user.disabled:
                return verified, _as_caller(user)
        raise NotSigned("this peer's user was disabled")

    def may(self, caller: Caller, act: str) -> bool:
        """Whether the policy lets this caller do `act` ("event.append", "warning.review", ...)."""
        return self._policies.may(caller.roles, act).allowed

    def require(self, caller: Caller, act: str) -> None:
        """Raises NotAllowed, and audits the refusal, unless the caller may do `act`."""
        if self.may(caller, act):
            return
        self.audit(caller.user, act, subject="", purpose="", outcome="refused")
        raise NotAllowed(f"this needs a role that may do {act}: ask the node's administrator")

    def audit(
        self,
        who: str,
        act: str,
        *,
        subject: str,
        purpose: str,
        outcome: str = "done",
        detail: dict[str, str | int | float] | None = None,
    ) -> None:
        """Write one line of the audit trail."""
        self._store.audit.write(
            AuditRow(
                at=micros(self._clock()),
                who=who,
                act=act,
                subject=subject,
                purpose=purpose,
                outcome=outcome,
                detail=detail or {},
            )
        )

    def open_session(self, token: str) -> Opened | None:
        """A console session for a person's token; None when the token does not stand for a person.

        None, too, for one who has a ceiling: the console knows no markings and would show what is above it.
        """
        caller = self.authenticate(token)
        if caller is None or caller.ceiling is not TLP.RED or not caller.roles - {Role.SOURCE, Role.PEER}:
            return None
        secret, csrf = self._entropy(32).hex(), self._entropy(32).hex()
        now = micros(self._clock())
        self._store.people.open_session(
            Session(
                digest=hashlib.sha256(secret.encode()).digest(),
                user=caller.user,
                csrf=csrf,
                created=now,
                expires=now + SESSION_HOURS * _HOUR,
            )
        )
        self.audit(caller.user, "session.open", subject=caller.name, purpose="console")
        return Opened(secret=secret, csrf=csrf, caller=caller)

    def session(self, secret: str) -> Opened | None:
        """The open session of a cookie, or None."""
        kept = self._store.people.session(hashlib.sha256(secret.encode()).digest())
        if kept is None or kept.expires <= micros(self._clock()):
            return None
        caller = self._caller(kept.user) if self._has_token(kept.user) else None
        if caller is not None and caller.ceiling is not TLP.RED:
            return None
        return Opened(secret=secret, csrf=kept.csrf, caller=caller) if caller else None

    def _has_token(self, user_id: str) -> bool:
        """Whether any token of the user still counts: a session does not outlive the last."""
        now = micros(self._clock())
        return any(_counts(token, now) for token in self._store.people.tokens(user_id))

    def close_session(self, secret: str) -> None:
        self._store.people.close_session(hashlib.sha256(secret.encode()).digest())

    def add_user(
        self,
        by: Caller,
        name: str,
        roles: tuple[Role, ...],
        *,
        peer: str | None = None,
        ceiling: TLP = TLP.RED,
    ) -> User:
        """A new named user, who is shown nothing above `ceiling`. Raises BadInput, Conflict, NotAllowed."""
        self.require(by, "user.manage")
        if not (name.isprintable() and 0 < len(name) <= MAX_NAME_CHARS and ":" not in name):
            raise BadInput(f"a user's name has 1 to {MAX_NAME_CHARS} printable characters and no colon")
        if not roles:
            raise BadInput(f"name at least one role of: {', '.join(Role)}")
        user = User(
            id=f"user_{self._entropy(8).hex()}",
            name=name,
            roles=roles,
            created=micros(self._clock()),
            peer=peer,
            ceiling=ceiling,
        )
        self._store.people.add_user(user)
        detail: dict[str, str | int | float] = {"roles": " ".join(roles), "ceiling": ceiling.value}
        self.audit(by.user, "user.add", subject=name, purpose="", detail=detail)
        return user

    def issue_token(
        self,
        by: Caller,
        name: str,
        *,
        label: str = "",
        days: int | None = None,
        ceiling: TLP | None = None,
    ) -> str:
        """A new token for a user, shown once; a `ceiling` below the user's counts. Raises NotFound."""
        self.require(by, "user.manage")
        user = self._user(name)
        minted = tokens.mint(self._entropy)
        now = micros(self._clock())
        expires = None if days is None else now + days * 24 * _HOUR
        self._store.people.add_token(
            Token(
                id=minted.id,
                user=user.id,
                digest=minted.digest,
                label=label,
                created=now,
                expires=expires,
                ceiling=ceiling,
            )
        )
        self.audit(by.user, "token.issue", subject=name, purpose=label, detail={"token": minted.id})
        return minted.text

    def revoke_token(self, by: Caller, token_id: str) -> None:
        """End a token now. Raises NotFound."""
        self.require(by, "user.manage")
        if not self._store.people.revoke_token(token_id, micros(self._clock())):
            raise NotFound(
                f"there is no token {token_id} that is not revoked: `tocsin token list` shows them"
            )
        self.audit(by.user, "token.revoke", subject=token_id, purpose="")

    def disable_user(self, by: Caller, name: str) -> None:
        """A person who left: their tokens and sessions stop counting at once. Raises NotFound."""
        self.require(by, "user.manage")
        user = self._user(name)
        self._store.people.replace_user(msgspec.structs.replace(user, disabled=True))
        self.audit(by.user, "user.disable", subject=name, purpose="")

    def operator(self, name: str = "admin") -> Caller:
        """The caller that the command line acts as: whoever can read the folder is its operator."""
        user = self._user(name)
        return _as_caller(user)

    def _user(self, name: str) -> User:
        user = self._store.people.user(name)
        if user is None:
            raise NotFound(f"there is no user {name}: `tocsin user list` shows them")
        return user

    def _caller(self, user_id: str, ceiling: TLP | None = None) -> Caller | None:
        user = self._store.people.user(user_id)
        if user is None or user.disabled:
            return None
        return _as_caller(user, ceiling)


def _as_caller(user: User, ceiling: TLP | None = None) -> Caller:
    lower = min(user.ceiling, ceiling or user.ceiling, key=lambda tlp: tlp.rank)
    return Caller(user=user.id, name=user.name, roles=frozenset(user.roles), peer=user.peer, ceiling=lower)


def _counts(token: Token, now: int) -> bool:
    return token.revoked is None and (token.expires is None or token.expires > now)
