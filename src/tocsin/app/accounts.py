"""A person's way in, and what they may change of it: password, second factor, sessions, their own tokens.

Enters: what somebody typed. Leaves: a session, or the half of one that waits for a code. Refuses: without saying why.
"""

import base64
import binascii
import os
import threading

import msgspec

from tocsin.app.access import Access, Opened
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    Clock,
    Login,
    NotAllowed,
    NotFound,
    Role,
    Token,
    Unavailable,
    User,
    micros,
)
from tocsin.store import Session, Store, Totp
from tocsin.trust import passwords, second_factor
from tocsin.trust.seal import Entropy, Seal, SealBroken

HALF_SECONDS = 300
"""Between the first factor and the code: time to fetch a telephone."""
ENROL_SECONDS = 900
"""Between the square on the screen and the first code that confirms it."""
MAX_HALF_CHARS = 4_096
"""The half of a log-in in its cookie; browsers keep no longer ones."""
MAX_CODE_CHARS = 64

HASHING_SECONDS = 2.0
"""A password waits this long for its turn: one at a time keeps a flood of guesses at 64 MiB."""

_HALF_LABEL = "half a log-in"
_SECOND = 1_000_000


class Half(msgspec.Struct, frozen=True):
    """A log-in whose first factor was right. It travels sealed: only this node can make or read one."""

    user: str
    login: Login
    groups: tuple[str, ...]
    address: str
    made: int


class NeedsCode(msgspec.Struct, frozen=True):
    """The first factor was right, and a second is enrolled: `half` goes into a cookie of its own."""

    half: str


class Enrolment(msgspec.Struct, frozen=True):
    """A secret on its way into an authenticator: as a square's address, and spelt for typing."""

    address: str
    spelt: str


class Account(msgspec.Struct, frozen=True):
    """What a person sees of their own account."""

    user: User
    password: bool
    second_factor: int
    """When it was confirmed; 0 for none."""
    recovery_left: int
    issuers: tuple[str, ...]
    sessions: tuple[Session, ...]
    tokens: tuple[Token, ...]


class Accounts:
    """Logging in with passwords and codes, and looking after them."""

    def __init__(
        self,
        store: Store,
        access: Access,
        seal: Seal,
        node: str,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._seal = seal
        self._node = node
        self._clock = clock
        self._entropy = entropy
        self._hashing = threading.BoundedSemaphore(1)

    def by_token(self, token: str, address: str = "") -> Opened | NeedsCode | None:
        """Log in with an access token. Not with one that has a ceiling: the console would show what is above it."""
        caller = self._access.authenticate(token)
        if caller is None or caller.ceiling is not TLP.RED:
            return None
        return self.admit(caller.user, Login.TOKEN, address=address)

    def by_password(self, name: str, password: str, address: str = "") -> Opened | NeedsCode | None:
        """Log in with a name and a password. The same work for an unknown name. Raises Unavailable."""
        user = self._store.people.user(name)
        known = user is not None and user.name == name and not user.disabled
        kept = self._store.credentials.password(user.id) if user and known else None
        if not self._one_at_a_time(password, kept) or user is None:
            return None
        return self.admit(user.id, Login.PASSWORD, address=address)

    def admit(
        self,
        user_id: str,
        login: Login,
        *,
        groups: tuple[str, ...] = (),
        mfa: bool = False,
        address: str = "",
    ) -> Opened | NeedsCode | None:
        """After the first factor: a session, or half of one for whoever enrolled a second factor."""
        totp = self._store.credentials.totp(user_id)
        if mfa or totp is None or not totp.confirmed:
            return self._access.open_session(user_id, login, mfa=mfa, groups=groups, address=address)
        half = Half(user_id, login, groups, address, micros(self._clock()))
        sealed = self._seal.close(msgspec.msgpack.encode(half), _HALF_LABEL)
        return NeedsCode(base64.urlsafe_b64encode(sealed).decode())

    def half(self, text: str) -> Half | None:
        """The half that a cookie carries, while it is young."""
        if not 0 < len(text) <= MAX_HALF_CHARS:
            return None
        try:
            opened = self._seal.open(base64.urlsafe_b64decode(text.encode()), _HALF_LABEL)
            half = msgspec.msgpack.decode(opened, type=Half)
        except (binascii.Error, ValueError, SealBroken, msgspec.DecodeError):
            return None
        return half if micros(self._clock()) - half.made <= HALF_SECONDS * _SECOND else None

    def by_code(self, half: Half, code: str) -> Opened | None:
        """The second half: a code of the authenticator, or a recovery code, each once."""
        if not self._take_code(half.user, code):
            self._access.audit(half.user, "session.code", subject="", purpose="console", outcome="refused")
            return None
        return self._access.open_session(
            half.user, half.login, mfa=True, groups=half.groups, address=half.address
        )

    def of(self, caller: Caller) -> Account:
        """A person's own account: open sessions and tokens that still count."""
        people, credentials, now = self._store.people, self._store.credentials, micros(self._clock())
        user = self._access.named(caller.user)
        totp = credentials.totp(user.id)
        return Account(
            user=user,
            password=credentials.password(user.id) is not None,
            second_factor=totp.confirmed if totp else 0,
            recovery_left=credentials.recovery_left(user.id),
            issuers=tuple(link.issuer for link in credentials.links(user.id)),
            sessions=tuple(filter(self._access.stands, people.sessions(user.id))),
            tokens=tuple(
                token
                for token in people.tokens(user.id)
                if token.revoked is None and (token.expires is None or token.expires > now)
            ),
        )

    def set_password(self, by: Caller, name: str, password: str) -> None:
        """By the operator. Ends the user's sessions. Raises BadInput, NotFound, NotAllowed."""
        self._access.require(by, "user.manage")
        self._keep_password(by, self._access.named(name), password, but=b"")

    def clear_password(self, by: Caller, name: str) -> None:
        """By the operator: from now on by token or provider. Raises NotFound, NotAllowed."""
        self._access.require(by, "user.manage")
        user = self._access.named(name)
        if not self._store.credentials.clear_password(user.id):
            raise NotFound(f"{name} has no password")
        self._access.audit(by.user, "password.clear", subject=name, purpose="")

    def set_own_password(self, opened: Opened, password: str) -> None:
        """By its owner, just after logging in. Ends their other sessions. Raises BadInput, NotAllowed."""
        self._access.require_fresh(opened)
        user = self._access.named(opened.caller.user)
        self._keep_password(opened.caller, user, password, but=opened.digest)

    def begin_enrolment(self, user: User) -> Enrolment:
        """A new secret, kept unconfirmed. The caller has shown that it is theirs. Raises Conflict."""
        secret = second_factor.new_secret(self._entropy)
        sealed = self._seal.close(secret, _totp_label(user.id))
        self._store.credentials.begin_totp(Totp(user.id, sealed, micros(self._clock())))
        return self._enrolment(user, secret)

    def enrol(self, by: Caller, name: str) -> Enrolment:
        """By the operator, with the person beside them. Raises Conflict, NotAllowed, NotFound."""
        self._access.require(by, "user.manage")
        return self.begin_enrolment(self._access.named(name))

    def enrolment(self, user: User) -> Enrolment | None:
        """The enrolment under way, while it may still be confirmed."""
        totp = self._store.credentials.totp(user.id)
        if totp is None or totp.confirmed or not self._may_confirm(totp):
            return None
        return self._enrolment(user, self._seal.open(totp.sealed, _totp_label(user.id)))

    def confirm_enrolment(self, by: Caller, user: User, code: str) -> tuple[str, ...]:
        """Make the enrolled secret count from its first code on. Returns recovery codes, shown once.

        Ends the user's sessions: each was opened without it. Raises BadInput.
        """
        totp = self._store.credentials.totp(user.id)
        if totp is None or totp.confirmed or not self._may_confirm(totp):
            raise BadInput("this enrolment is over: begin it again")
        step = self._step(totp, code)
        codes = second_factor.recovery_codes(self._entropy)
        now = micros(self._clock())
        if step is None or not self._store.credentials.confirm_totp(
            user.id, step, now, [second_factor.recovery_digest(code) for code in codes]
        ):
            raise BadInput("that is not the code it shows now: wait for the next one, and check its clock")
        self._store.people.close_sessions(user.id)
        self._access.audit(by.user, "second-factor.enrol", subject=user.name, purpose="")
        return codes

    def begin_own_enrolment(self, opened: Opened) -> None:
        """By its owner, just after logging in. Raises Conflict, NotAllowed."""
        self._access.require_fresh(opened)
        self.begin_enrolment(self._access.named(opened.caller.user))

    def confirm_own_enrolment(
        self, opened: Opened, code: str, address: str = ""
    ) -> tuple[tuple[str, ...], Opened | None]:
        """By its owner: the recovery codes, and a new session that the code just shown makes a stronger one."""
        self._access.require_fresh(opened)
        caller = opened.caller
        codes = self.confirm_enrolment(caller, self._access.named(caller.user), code)
        stronger = self._access.open_session(
            caller.user, caller.login or Login.TOKEN, mfa=True, groups=sorted(caller.groups), address=address
        )
        return codes, stronger

    def new_recovery_codes(self, opened: Opened, code: str) -> tuple[str, ...]:
        """Recovery codes in place of all earlier ones, for a code. Raises NotAllowed."""
        self._require_code(opened, code)
        codes = second_factor.recovery_codes(self._entropy)
        self._store.credentials.set_recovery(
            opened.caller.user, [second_factor.recovery_digest(code) for code in codes]
        )
        self._access.audit(opened.caller.user, "second-factor.codes", subject=opened.caller.name, purpose="")
        return codes

    def remove_second_factor(self, opened: Opened, code: str) -> None:
        """By its owner, for a code. Raises NotAllowed."""
        self._require_code(opened, code)
        self._store.credentials.clear_totp(opened.caller.user)
        self._access.audit(opened.caller.user, "second-factor.remove", subject=opened.caller.name, purpose="")

    def reset_second_factor(self, by: Caller, name: str) -> None:
        """By the operator, who knows the person: a lost telephone. Ends their sessions. Raises NotFound."""
        self._access.require(by, "user.manage")
        user = self._access.named(name)
        if not self._store.credentials.clear_totp(user.id):
            raise NotFound(f"{name} has no second factor")
        self._store.people.close_sessions(user.id)
        self._access.audit(by.user, "second-factor.reset", subject=name, purpose="")

    def close_own_session(self, opened: Opened, digest: str) -> None:
        """End one of one's own sessions. Raises NotFound."""
        caller = opened.caller
        for session in self._store.people.sessions(caller.user):
            if session.digest.hex() == digest:
                self._store.people.close_session(session.digest)
                self._access.audit(caller.user, "session.close", subject=caller.name, purpose="console")
                return
        raise NotFound("that session has ended already")

    def revoke_own_token(self, opened: Opened, token_id: str) -> None:
        """End one of one's own tokens. Raises NotFound."""
        caller = opened.caller
        token = self._store.people.token(token_id)
        now = micros(self._clock())
        if token is None or token.user != caller.user:
            raise NotFound("that token was revoked already")
        if not self._store.people.revoke_token(token_id, now):
            raise NotFound("that token was revoked already")
        self._access.audit(caller.user, "token.revoke", subject=token_id, purpose="")

    def _keep_password(self, by: Caller, user: User, password: str, *, but: bytes) -> None:
        if {Role.SOURCE, Role.PEER} & set(user.roles):
            raise BadInput(f"{user.name} is a machine: it has tokens and no password")
        passwords.check(password, user.name)
        self._store.credentials.set_password(
            user.id, passwords.make(password, self._entropy), micros(self._clock())
        )
        self._store.people.close_sessions(user.id, but=but)
        self._access.audit(by.user, "password.set", subject=user.name, purpose="")

    def _one_at_a_time(self, password: str, kept: str | None) -> bool:
        if not self._hashing.acquire(timeout=HASHING_SECONDS):
            raise Unavailable("too many people log in just now: try again in a moment")
        try:
            return passwords.matches(password, kept)
        finally:
            self._hashing.release()

    def _require_code(self, opened: Opened, code: str) -> None:
        if not self._take_code(opened.caller.user, code):
            raise NotAllowed("that code does not count: wait for the next one")

    def _take_code(self, user_id: str, code: str) -> bool:
        totp = self._store.credentials.totp(user_id)
        if totp is None or not totp.confirmed or len(code) > MAX_CODE_CHARS:
            return False
        step = self._step(totp, code)
        if step is not None:
            return self._store.credentials.use_step(user_id, step)
        return self._store.credentials.use_recovery(user_id, second_factor.recovery_digest(code))

    def _step(self, totp: Totp, code: str) -> int | None:
        secret = self._seal.open(totp.sealed, _totp_label(totp.user))
        return second_factor.step_of(secret, code, self._clock().timestamp())

    def _may_confirm(self, totp: Totp) -> bool:
        return micros(self._clock()) - totp.begun <= ENROL_SECONDS * _SECOND

    def _enrolment(self, user: User, secret: bytes) -> Enrolment:
        return Enrolment(
            address=second_factor.address(secret, account=user.name, node=self._node),
            spelt=second_factor.spelt(secret),
        )


def _totp_label(user_id: str) -> str:
    return f"second factor of {user_id}"
