"""Rules from peers: into shadow, never to warn before somebody decided; and a hostile peer learns nothing."""

from datetime import timedelta

import msgspec
import pytest

from tests.app.test_rules import WHY, operator, post, put, rung
from tests.fixtures import Made
from tests.sigma_rules import SAYS_REFUND, correlation, rule, uuid_of
from tocsin.app.rule_sharing import MAX_OF_PEER
from tocsin.kernel import (
    TLP,
    BadInput,
    EvidenceStatus,
    Origin,
    Peer,
    PeerStatus,
    Record,
    RuleSource,
    RuleState,
    WarningKind,
    WarningStatus,
)
from tocsin.share import describe_rule
from tocsin.trust.identity import NodeIdentity
from tocsin.wire.sigma import read_rule

LAB = NodeIdentity(b"\x02" * 32)
TEXT = correlation("value_count", SAYS_REFUND, group_by="[source]", condition="{gte: 3, field: actor}")


def trust(made: Made, status: PeerStatus = PeerStatus.TRUSTED) -> None:
    made.node.store.peers.add(
        Peer(
            name="lab",
            url="https://lab.example",
            status=status,
            identity=LAB.stix_identity,
            ceiling=TLP.GREEN,
        )
    )


def given(
    made: Made, text: str = TEXT, *, later: int = 0, status: EvidenceStatus = EvidenceStatus.TESTED
) -> Record:
    """A rule as the lab would give it, kept as pulled."""
    record = describe_rule(
        read_rule(text.encode(), "theirs"),
        author=LAB.stix_identity,
        name="lab",
        tlp=TLP.GREEN,
        status=status,
        basis="Tried for a month on their own traffic.",
        now=made.now + timedelta(seconds=later),
    )[-1]
    record = msgspec.structs.replace(record, origin=Origin.PEER, peer="lab")
    made.node.store.records.put([record])
    return record


def direct(made: Made) -> None:
    changed = msgspec.structs.replace(made.node.settings, rules_directly_from=("lab",))
    made.node.rule_sharing._settings = changed


def test_a_peers_rule_waits_in_shadow_until_a_person_enables_it(made: Made) -> None:
    trust(made)
    record = given(made)
    (one,) = made.node.rules.listed()
    assert (one.kept.id, one.kept.source, one.kept.state, one.kept.peer) == (
        record.id,
        RuleSource.PEER,
        RuleState.SHADOW,
        "lab",
    )
    post(made, *["your lottery refund"] * 6, actors=3)
    assert rung(made) == []
    (tally,) = made.node.rules.tallies(record.id)
    assert (tally.actors, tally.warnings) == (3, 1)
    made.node.rules.set_state(operator(made), record.id, RuleState.ENABLED, why=WHY)
    assert rung(made) == [(record.id, 3, 6)]
    (warning,) = made.node.store.warnings.list(kind=WarningKind.RULE)
    assert (warning.peer, warning.indicator) == ("lab", record.id)
    assert "rule.from-peer" in {reason.code for reason in warning.reasons}


def test_a_peer_that_may_rings_at_once_for_five_accounts_or_more(made: Made) -> None:
    trust(made)
    direct(made)
    record = given(made)
    post(made, *["your lottery refund"] * 8, actors=4)
    assert rung(made) == []
    post(made, *["your lottery refund"] * 5, actors=5, first=50)
    assert rung(made) == [(record.id, 5, 13)]


@pytest.mark.parametrize("status", [PeerStatus.ADDED, PeerStatus.SUSPENDED, PeerStatus.REVOKED])
def test_a_rule_of_one_who_is_not_trusted_does_not_even_count(made: Made, status: PeerStatus) -> None:
    trust(made, status)
    record = given(made)
    made.node.rules.set_state(operator(made), record.id, RuleState.ENABLED, why=WHY)
    post(made, *["your lottery refund"] * 6, actors=3)
    assert rung(made) == []
    assert made.node.rules.tallies(record.id) == ()


def test_it_ends_and_it_is_revoked(made: Made) -> None:
    trust(made)
    record = given(made)
    assert made.node.rules.armed()
    ended = made.now
    made.now = ended + timedelta(days=181)
    made.node.rules.listed()
    assert made.node.rules.armed() == ()
    made.now = ended
    value = msgspec.json.decode(record.stix) | {"revoked": True, "modified": "2999-01-01T00:00:00.000Z"}
    last = msgspec.structs.replace(
        record,
        stix=msgspec.json.encode(value, order="sorted"),
        version=32_472_144_000_000_000,
        added=record.added + 9,
    )
    made.node.store.records.put([last])
    assert made.node.rules.listed() == ()


def test_a_new_text_of_theirs_is_a_new_decision(made: Made) -> None:
    trust(made)
    record = given(made)
    made.node.rules.set_state(operator(made), record.id, RuleState.ENABLED, why=WHY)
    again = given(made, later=60)
    assert again.id == record.id
    assert made.node.rules.get(record.id).kept.state is RuleState.ENABLED, "the same text, said again"
    given(made, TEXT.replace("lottery refund", "refund"), later=120)
    found = made.node.rules.get(record.id).kept
    assert (found.state, found.by) == (RuleState.SHADOW, "")


def test_what_is_refused_is_in_the_audit(made: Made) -> None:
    trust(made)
    given(made, status=EvidenceStatus.THEORETICAL)
    assert made.node.rules.listed() == ()
    (row,) = made.node.store.audit.read(act="rule.refused")
    assert (row.who, row.outcome) == ("peer:lab", "refused")
    assert "never tried" in str(row.detail["reason"])


def test_a_peer_cannot_fill_the_node_with_rules(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.app.rule_sharing.MAX_OF_PEER", 2)
    assert MAX_OF_PEER > 2
    trust(made)
    for number in range(4):
        given(made, rule(SAYS_REFUND, number=number + 1), later=number)
    assert len(made.node.rules.listed()) == 2
    assert len(made.node.store.audit.read(act="rule.refused")) == 2


def test_a_slogan_in_a_rule_tells_its_author_nothing(made: Made) -> None:
    """Under a false category it is a rule in shadow: counts stay here, and nothing is made that could leave."""
    trust(made)
    given(made, rule("selection:\n  text|contains: the river belongs to all"))
    before = len(made.node.store.records.list(origin=Origin.OWN))
    post(made, *["the river belongs to all"] * 20, actors=20)
    assert rung(made) == []
    assert made.node.store.warnings.list() == ()
    assert len(made.node.store.records.list(origin=Origin.OWN)) == before
    operator_sees = made.node.rules.tallies(made.node.rules.listed()[0].kept.id)
    assert operator_sees[0].actors == 20


def test_sharing_needs_a_trial_and_a_basis(made: Made) -> None:
    share = made.node.rule_sharing.share
    one = made.node.rules.add(operator(made), TEXT)
    with pytest.raises(BadInput, match="try it first"):
        share(operator(made), one.kept.id, basis="Our terms of use, section four.")
    made.node.backtesting.run(operator(made), one.kept.id, days=3, purpose="before sharing it")
    with pytest.raises(BadInput, match="basis"):
        share(operator(made), one.kept.id, basis="see anna@mail.example, she knows")
    record = share(operator(made), one.kept.id, basis="Our terms of use, section four.")
    assert record.origin is Origin.OWN
    assert record.root is not None, "signed by its author"
    kept = made.node.store.records.get(record.id)
    assert kept is not None
    assert kept.stix == record.stix


def test_a_confirmed_warning_makes_it_observed(made: Made) -> None:
    put(made, "a.yml", rule(SAYS_REFUND))
    post(made, "your lottery refund")
    made.node.lookouts.tick()
    (warning,) = made.node.store.warnings.list(kind=WarningKind.RULE)
    made.node.reviewing.review(
        operator(made),
        warning.id,
        WarningStatus.CONFIRMED,
        category="fraud.scam",
        statement="looked at it",
        basis="rule 4",
    )
    record = made.node.rule_sharing.share(operator(made), uuid_of(1), basis="Our terms of use, section four.")
    assert b'"evidence_status":"observed"' in record.stix


def test_a_peers_rule_is_not_said_as_ours(made: Made) -> None:
    trust(made)
    record = given(made)
    with pytest.raises(BadInput, match="passed on"):
        made.node.rule_sharing.share(operator(made), record.id, basis="Our terms of use, section four.")
