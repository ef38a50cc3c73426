"""Who there is at a node: users with roles and tokens, and the policy that each of their acts is asked of."""

import os
from collections.abc import Iterable
from contextlib import nullcontext

import msgspec

from tocsin.app.log_entries import entry_of
from tocsin.kernel import TLP, BadInput, Caller, Clock, Means, NotAllowed, NotFound, Role, Token, User, micros
from tocsin.kernel.people import person_behind
from tocsin.store import AuditRow, Store
from tocsin.trust import tokens
from tocsin.trust.policy import Policies
from tocsin.trust.seal import Entropy

MAX_NAME_CHARS = 64
MIN_REASON_CHARS, MAX_REASON_CHARS = 8, 400
OPERATOR = "admin"
"""The user that the command line acts as."""
HOUR = 3_600_000_000


class Users:
    """Users, and what a caller may. Every change needs a role and leaves a trace."""

    def __init__(self, store: Store, policies: Policies, clock: Clock, entropy: Entropy = os.urandom) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._entropy = entropy

    def may(self, caller: Caller, act: str) -> bool:
        """Whether the policy lets this caller do `act` ("event.append", "warning.review", ...)."""
        return self._policies.permits(caller, act)

    def require(self, caller: Caller, act: str) -> None:
        """Raises NotAllowed, and audits the refusal with its rules, unless the caller may do `act`."""
        decision = self._policies.decide(caller, act)
        if decision.allowed:
            return
        rules = " ".join(decision.rules)
        self.audit(caller.user, act, subject="", purpose="", outcome="refused", detail={"rules": rules})
        if caller.withheld:
            raise NotAllowed(f"this needs a role that may do {act}, and some of yours need a second factor")
        raise NotAllowed(
            f"this needs a role that may do {act}, and no rule against it (here: {rules}): "
            "ask the node's administrator"
        )

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
        """Write one line of the audit trail, and in the same transaction its entry in the log, where it has one."""
        row = AuditRow(
            at=micros(self._clock()),
            who=who,
            act=act,
            subject=subject,
            purpose=purpose,
            outcome=outcome,
            detail=detail or {},
        )
        entry = entry_of(row, self._entropy)
        with self._store.together() if entry else nullcontext():
            self._store.audit.write(row)
            if entry:
                self._store.log.add([entry])

    def named(self, name: str) -> User:
        """The user of a name. Raises NotFound."""
        user = self._store.people.user(name)
        if user is None:
            raise NotFound(f"there is no user {name}: `tocsin user list` shows them")
        return user

    def operator(self, name: str = OPERATOR) -> Caller:
        """The caller that the command line acts as: whoever can read the folder is its operator."""
        user = self.named(name)
        return Caller(
            user=user.id,
            name=user.name,
            roles=frozenset(user.roles),
            peer=user.peer,
            means=Means.OPERATOR,
            ceiling=user.ceiling,
            trained=user.trained is not None,
        )

    def standing(self, user_id: str) -> Caller | None:
        """The node acting on a word that a user gave earlier, with the roles they have now; None once disabled."""
        user = self._store.people.user(user_id)
        if user is None or user.disabled:
            return None
        return Caller(
            user=user.id,
            name=user.name,
            roles=frozenset(user.roles),
            means=Means.STANDING,
            ceiling=user.ceiling,
        )

    def person(self, user_id: str) -> str:
        """The one id of the human behind a user: the user's own, or that of the user they turned out to be."""
        return person_behind(user_id, self._store.people.user)

    def distinct_people(self, user_ids: Iterable[str]) -> frozenset[str]:
        """How many humans stand behind these ids, as far as this node was told: for approvals by several."""
        return frozenset(map(self.person, user_ids))

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
        user = self.named(name)
        minted = tokens.mint(self._entropy)
        now = micros(self._clock())
        expires = None if days is None else now + days * 24 * HOUR
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
        user = self.named(name)
        self._store.people.replace_user(msgspec.structs.replace(user, disabled=True))
        self._store.people.close_sessions(user.id)
        self.audit(by.user, "user.disable", subject=name, purpose="")

    def enable_user(self, by: Caller, name: str) -> None:
        """Let a disabled user in again, with the tokens that were not revoked. Raises NotFound."""
        self.require(by, "user.manage")
        user = self.named(name)
        if user.same_as is not None:
            raise BadInput(f"{name} was found to be another user's second account: use that one")
        self._store.people.replace_user(msgspec.structs.replace(user, disabled=False))
        self.audit(by.user, "user.enable", subject=name, purpose="")

    def set_roles(self, by: Caller, name: str, roles: tuple[Role, ...]) -> None:
        """Other roles for a user, at once and for open sessions too. Raises BadInput, NotFound."""
        self.require(by, "user.manage")
        user = self.named(name)
        if not roles:
            raise BadInput("name at least one role, or disable the user")
        if user.name == OPERATOR and Role.ADMIN not in roles:
            raise BadInput(f"the command line acts as {OPERATOR}, who stays {Role.ADMIN.value}")
        if any(link.managed for link in self._store.credentials.links(user.id)):
            raise BadInput(f"the roles of {name} come from the OpenID provider: change the groups there")
        self._store.people.replace_user(msgspec.structs.replace(user, roles=roles))
        self.audit(by.user, "user.roles", subject=name, purpose="", detail={"roles": " ".join(roles)})

    def set_trained(self, by: Caller, name: str, *, trained: bool, statement: str) -> None:
        """Say that a reviewer was trained to look at conversations, or take it back. Raises BadInput, NotFound."""
        self.require(by, "user.manage")
        user = self.named(name)
        if not MIN_REASON_CHARS <= len(statement.strip()) <= MAX_REASON_CHARS:
            raise BadInput(
                f"say what the training was, or why it ends, in {MIN_REASON_CHARS} to 400 characters"
            )
        if trained and Role.REVIEWER not in user.roles:
            raise BadInput(f"{name} is no reviewer: give that role first, `tocsin user roles`")
        since = micros(self._clock()) if trained else None
        self._store.people.replace_user(msgspec.structs.replace(user, trained=since))
        act = "user.train" if trained else "user.untrain"
        self.audit(by.user, act, subject=name, purpose=statement.strip())
