"""Rules and their tallies, over either backend."""

from tests.contracts.store.samples import DAY, START
from tocsin.kernel import BackTest, KeptRule, RuleSource, RuleState, RuleTally
from tocsin.store import Store


def kept(number: int, **changes: object) -> KeptRule:
    fields = {
        "id": f"rule-{number}",
        "source": RuleSource.OWN,
        "text": "title: 彩票\n",
        "state": RuleState.SHADOW,
        "added": START + number,
        "changed": START + number,
        **changes,
    }
    return KeptRule(**fields)  # type: ignore[arg-type]


def tally(rule: int, day: int, **changes: object) -> RuleTally:
    fields = {"hits": 9, "events": 5, "actors": 3, "warnings": 1, **changes}
    return RuleTally(f"rule-{rule}", START + day * DAY, "v", RuleState.SHADOW, **fields)  # type: ignore[arg-type]


def test_a_rule_is_kept_changed_and_removed(store: Store) -> None:
    assert store.rules.get("rule-1") is None
    store.rules.put(kept(2))
    store.rules.put(kept(1, peer="lab", source=RuleSource.PEER))
    tested = BackTest(START, "v", 30, 100, 7, ((START, 3, 5),))
    store.rules.put(
        kept(2, state=RuleState.ENABLED, by="user", why="it rings well", added=START + 99, backtest=tested)
    )
    assert [rule.id for rule in store.rules.list()] == ["rule-1", "rule-2"]
    found = store.rules.get("rule-2")
    assert found == kept(2, state=RuleState.ENABLED, by="user", why="it rings well", backtest=tested)
    assert store.rules.remove("rule-2")
    assert not store.rules.remove("rule-2")


def test_a_tally_takes_the_place_of_the_one_before(store: Store) -> None:
    store.rules.put(kept(1))
    store.rules.tally([tally(1, 0), tally(1, 1), tally(2, 1)])
    store.rules.tally([tally(1, 1, events=6)])
    assert store.rules.tallies("rule-1") == (tally(1, 1, events=6), tally(1, 0))
    assert store.rules.tallies(since=START + DAY) == (tally(1, 1, events=6), tally(2, 1))
    store.rules.remove("rule-1")
    assert store.rules.tallies() == (tally(2, 1),)
