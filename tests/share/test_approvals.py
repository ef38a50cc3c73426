"""Two people for what is delicate: who counts, for what, and how long."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from tests.share.said import AUTHOR, NOW, PEER, PURPOSE, of_type, review, warning
from tocsin.kernel import TLP, Approval, NotAllowed, Role, User, micros
from tocsin.share import Gate, approvers, describe, gate
from tocsin.share.approvals import APPROVAL_DAYS, RULE_TWO_PERSON
from tocsin.store import ReleaseFilter, Store, open_store
from tocsin.trust.policy import Policies

POLICIES = Policies.load()
GATE = Gate(POLICIES)
AMBER = msgspec.structs.replace(PEER, ceiling=TLP.AMBER)
ANA = User("u1", "ana", (Role.REVIEWER,), 0)
BO = User("u2", "bo", (Role.REVIEWER, Role.ADMIN), 0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path, None)
    store.migrate()
    store.peers.add(AMBER)
    for user in (ANA, BO):
        store.people.add_user(user)
    store.records.put(describe(warning(), review(), author=AUTHOR, name="platform", tlp=TLP.AMBER, now=NOW))
    yield store
    store.close()


def digest_of(store: Store, gate: Gate = GATE) -> str:
    return gate.preview(store, AMBER, PURPOSE, now=NOW).manifest.digest


def publish(store: Store, gate: Gate = GATE, level: TLP = TLP.AMBER) -> int:
    manifest = gate.publish(
        store, AMBER, PURPOSE, by="u1", expected=digest_of(store, gate), now=NOW, two_person_from=level
    )
    return len(manifest.released)


def approve(store: Store, user: str, digest: str, ago: timedelta = timedelta(0)) -> None:
    store.approvals.add(Approval(digest, user, "lab", micros(NOW - ago)))


def left(store: Store) -> int:
    return len(store.releases.page("lab", ReleaseFilter()).rows)


def test_from_the_level_on_two_people_approve_these_very_bytes(store: Store) -> None:
    digest = digest_of(store)
    with pytest.raises(NotAllowed, match=f"{RULE_TWO_PERSON}.*0 did"):
        publish(store)
    approve(store, "u1", digest)
    approve(store, "u1", digest)  # the same person again
    with pytest.raises(NotAllowed, match="1 did"):
        publish(store)
    approve(store, "u2", "0" * 64)  # another release
    with pytest.raises(NotAllowed, match="1 did"):
        publish(store)
    assert left(store) == 0
    approve(store, "u2", digest)
    assert publish(store) == left(store) > 0


def test_below_the_level_one_person_is_enough(store: Store) -> None:
    assert publish(store, level=TLP.AMBER_STRICT) > 0


def test_what_changed_since_needs_two_people_anew(store: Store) -> None:
    digest = digest_of(store)
    approve(store, "u1", digest)
    approve(store, "u2", digest)
    later = NOW + timedelta(hours=1)
    newer = describe(warning(actors=99), review(), author=AUTHOR, name="platform", tlp=TLP.AMBER, now=later)
    store.records.put([of_type(newer, "campaign")])
    assert digest_of(store) != digest
    with pytest.raises(NotAllowed, match="0 did"):
        publish(store)


@pytest.mark.parametrize(
    "changes",
    [
        {"disabled": True},
        {"roles": (Role.ANALYST,)},
        {"roles": (Role.ADMIN, Role.AUDITOR)},
        {"roles": (Role.REVIEWER, Role.PEER), "peer": "lab"},
        {"roles": (Role.REVIEWER, Role.PEER)},
        {"roles": (Role.REVIEWER, Role.SOURCE)},
    ],
)
def test_who_left_or_is_no_reviewer_or_no_person_does_not_count(
    store: Store, changes: dict[str, object]
) -> None:
    digest = digest_of(store)
    approve(store, "u1", digest)
    approve(store, "u2", digest)
    store.people.replace_user(msgspec.structs.replace(BO, **changes))
    assert [user.id for user in approvers(store, POLICIES, digest, now=micros(NOW))] == ["u1"]
    with pytest.raises(NotAllowed, match="1 did"):
        publish(store)


def test_nobody_counts_under_a_name_and_an_old_word_is_no_word(store: Store) -> None:
    digest = digest_of(store)
    approve(store, "ana", digest)
    approve(store, "u1", digest, timedelta(days=APPROVAL_DAYS, seconds=1))
    approve(store, "u2", digest, timedelta(seconds=-1))
    assert approvers(store, POLICIES, digest, now=micros(NOW)) == ()


def test_a_policy_may_ask_for_two_people(store: Store) -> None:
    text = (
        '@id("ours.two-for-fraud") @two_person @says("fraud is delicate")\n'
        'forbid (principal, action == Action::"share.release", resource)\n'
        'when { resource.category == "fraud.scam" && resource.type == "campaign" };'
    )
    asking = Gate(POLICIES.beside({"own/two.cedar": text}))
    draft = asking.preview(store, AMBER, PURPOSE, now=NOW)
    assert draft.asks == ("ours.two-for-fraud",)
    assert "ours.two-for-fraud" in next(one.rule for one in draft.manifest.released if one.type == "campaign")
    with pytest.raises(NotAllowed, match=r"ours\.two-for-fraud"):
        publish(store, asking, TLP.RED)
    for user in ("u1", "u2"):
        approve(store, user, digest_of(store, asking))
    assert publish(store, asking, TLP.RED) > 0


def test_without_the_step_it_would_leave(store: Store) -> None:
    """The mutant: with the step taken out, the first test here fails."""
    with patch.object(gate, "require_people", lambda *_, **__: None):
        assert publish(store) > 0
