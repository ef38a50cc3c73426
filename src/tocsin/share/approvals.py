"""Two people for what is delicate: which releases need them, and whose approval counts.

An approval is of a manifest's digest, so of these very bytes to this very peer for this purpose; a release that has
changed since has another digest, and none.
"""

from tocsin.kernel import TLP, Means, NotAllowed, Role, User
from tocsin.kernel.people import person_behind
from tocsin.share.decision import Draft
from tocsin.store.interface import Store
from tocsin.trust.policy import Policies, Standing

PEOPLE = 2
APPROVAL_DAYS = 7
"""Older ones no longer count: who approved has moved on, and the peer may have too."""

RULE_TWO_PERSON = "gate.two-person"
"""A record's marking is at or above the level from which two people approve."""

_DAY = 86_400_000_000
_PRESENT = Standing(means=Means.SESSION, mfa=True)
_NO_PERSON = frozenset({Role.PEER, Role.SOURCE})


def asked_by(draft: Draft, two_person_from: TLP) -> tuple[str, ...]:
    """The rules that want two people for this release; none when one person's publishing is enough."""
    level = (RULE_TWO_PERSON,) if draft.final and draft.highest.rank >= two_person_from.rank else ()
    return (*level, *draft.asks)


def approvers(store: Store, policies: Policies, digest: str, *, now: int) -> tuple[User, ...]:
    """The people whose approval of a manifest counts now (microseconds): distinct, present, and allowed to.

    1. Not older than APPROVAL_DAYS. 2. A user that exists and is not disabled; two users that are one human are one.
    3. No peer and no source, whatever other roles it has. 4. The policy lets it approve today.
    """
    found: dict[str, User] = {}
    for approval in store.approvals.of(digest):
        if not now - APPROVAL_DAYS * _DAY <= approval.at <= now:  # 1
            continue
        user = _person(store, approval.user)
        if user is None or user.disabled:  # 2
            continue
        if may_approve(policies, user.roles, user.peer):  # 3, 4
            found[user.id] = user
    return tuple(found.values())


def _person(store: Store, user_id: str) -> User | None:
    """The user of an id, or the one that this one turned out to be (`User.same_as`)."""
    person = person_behind(user_id, store.people.user)
    user = store.people.user(person)
    return user if user is not None and user.id == person else None


def may_approve(policies: Policies, roles: tuple[Role, ...] | frozenset[Role], peer: str | None) -> bool:
    """Whether somebody with these roles is a person whom the policy lets approve."""
    if peer is not None or _NO_PERSON & set(roles):
        return False
    # Whether they were there was asked when they approved; here, whether their roles still let them.
    return policies.may(roles, "share.approve", standing=_PRESENT).allowed


def require_people(store: Store, policies: Policies, draft: Draft, *, two_person_from: TLP, now: int) -> None:
    """Raises NotAllowed, naming the rules, while a release that needs two people has fewer."""
    rules = asked_by(draft, two_person_from)
    if not rules:
        return
    digest = draft.manifest.digest
    have = len(approvers(store, policies, digest, now=now))
    if have < PEOPLE:
        raise NotAllowed(
            f"{', '.join(rules)}: {PEOPLE} people approve this release before it leaves, {have} did; "
            f"`tocsin share approve {digest}`, or the preview in the console"
        )
