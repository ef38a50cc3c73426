"""Rules over history: warnings by day and group, shadow that warns nobody, and what a peer's rule needs."""

from collections.abc import Sequence

import msgspec
import pytest

from tests.contracts.store.samples import DAY, HOUR, START
from tests.sigma_rules import SAYS_REFUND, correlation, rule
from tocsin.correlate import Armed, RuleWatch, rule_of
from tocsin.correlate.describing import MAX_SAMPLES
from tocsin.correlate.rules import MAX_GROUPS
from tocsin.kernel import (
    Event,
    Kind,
    Observable,
    ObservableType,
    RuleState,
    RuleTally,
    Signal,
    Warning,
    WarningKind,
)
from tocsin.store import batch_of
from tocsin.taxonomy.messages import sentences
from tocsin.wire.sigma import DETECTOR, Rule, read_rule

NOW = START + 20 * DAY
TODAY = NOW + 9 * HOUR
LATER = TODAY + 3 * HOUR


def read(text: str) -> Rule:
    return read_rule(text.encode(), "mine")


def event(seq: int, *, time: int = TODAY, actor: str = "a", wallet: str = "", **more: object) -> Event:
    seen = (Observable(ObservableType.WALLET, wallet),) if wallet else ()
    fields = {"source": "forum", "kind": Kind.POST, "seal_day": "2026-11-21", "observables": seen, **more}
    return Event(id=f"e{seq}", time=time, received=time, actor=actor, **fields)  # type: ignore[arg-type]


def hit(of: Rule, step: int = 0) -> tuple[Signal, ...]:
    return (Signal(DETECTOR, of.version, of.category, 0.0, f"{of.id}/{step}"),)


def looked(
    armed: Armed | Rule, events: Sequence[tuple[Event, tuple[Signal, ...]]], *, now: int = LATER
) -> tuple[list[Warning], list[RuleTally]]:
    armed = armed if isinstance(armed, Armed) else Armed(armed, RuleState.ENABLED)
    tallies: list[RuleTally] = []
    watch = RuleWatch([armed], report=tallies.extend)
    watch.take(batch_of((seq, one, said) for seq, (one, said) in enumerate(events, 1)))
    return list(watch.look(now)), tallies


def test_a_single_rule_is_one_warning_a_day() -> None:
    mine = read(rule(SAYS_REFUND))
    events = [(event(n, actor=f"a{n % 3}", time=TODAY - n * HOUR), hit(mine)) for n in range(12)]
    warnings, tallies = looked(mine, events)
    assert sorted((one.actors, one.events) for one in warnings) == [(2, 2), (3, 10)]
    assert {one.kind for one in warnings} == {WarningKind.RULE}
    assert {rule_of(one.key) for one in warnings} == {mine.id}
    assert sum(one.events for one in tallies) == 12
    codes = {reason.code for one in warnings for reason in (*one.reasons, *one.refutations)}
    assert codes <= set(sentences())
    assert "rule.asks" in codes
    assert looked(mine, events)[0] == warnings


def test_hits_of_another_text_or_another_rule_are_not_its_own() -> None:
    mine = read(rule(SAYS_REFUND))
    older = msgspec.structs.replace(mine, version="older")
    other = read(rule(SAYS_REFUND, number=2))
    events = [
        (event(1), hit(older)),
        (event(2), hit(other)),
        (event(3), (Signal("phrases", "1", "c", 1, mine.id),)),
    ]
    assert looked(mine, events) == ([], [])


def test_a_correlation_by_account_is_one_warning_and_by_wallet_one_each() -> None:
    by_actor = read(correlation("event_count", SAYS_REFUND))
    events = [(event(n, actor="abc"[n % 3], wallet="vw"[n % 2]), hit(by_actor)) for n in range(12)]
    warnings, _ = looked(by_actor, events)
    assert [(one.actors, one.events) for one in warnings] == [(3, 12)]
    by_wallet = read(correlation("event_count", SAYS_REFUND, group_by="[observables.wallet]"))
    events = [(event(n, actor="abc"[n % 3], wallet="vw"[n % 2]), hit(by_wallet)) for n in range(12)]
    warnings, tallies = looked(by_wallet, events)
    assert [(one.actors, one.events) for one in warnings] == [(3, 6), (3, 6)]
    assert len({one.id for one in warnings}) == 2
    assert [one.warnings for one in tallies] == [2]
    assert not any(wallet in one.key.split() for one in warnings for wallet in "vw")


def test_below_its_count_nothing_rings_and_hits_are_counted() -> None:
    mine = read(correlation("event_count", SAYS_REFUND, condition="{gte: 3}"))
    warnings, (tally,) = looked(mine, [(event(n), hit(mine)) for n in range(2)])
    assert not warnings
    assert (tally.hits, tally.events, tally.warnings) == (2, 0, 0)


def test_a_late_event_rings_for_a_day_that_is_past() -> None:
    mine = read(correlation("event_count", SAYS_REFUND))
    watch = RuleWatch([Armed(mine, RuleState.ENABLED)])
    yesterday = TODAY - DAY
    watch.take(batch_of((n, event(n, time=yesterday + n), hit(mine)) for n in (1, 2)))
    assert not watch.look(LATER)
    watch.take(batch_of([(3, event(3, time=TODAY), hit(mine))]))
    assert not watch.look(LATER)
    watch.take(batch_of([(4, event(4, time=yesterday), hit(mine))]))
    (warning,) = watch.look(LATER)
    assert (warning.events, warning.last_seen) == (3, yesterday + 2)
    assert not watch.look(LATER), "nothing new, nothing said"


def test_shadow_counts_and_warns_nobody() -> None:
    mine = read(correlation("event_count", SAYS_REFUND))
    events = [(event(n), hit(mine)) for n in range(4)]
    warnings, (tally,) = looked(Armed(mine, RuleState.SHADOW), events)
    assert not warnings
    assert (tally.state, tally.events, tally.actors, tally.warnings) == (RuleState.SHADOW, 4, 1, 1)
    assert looked(Armed(mine, RuleState.DISABLED), events) == ([], [])


def test_history_is_asked_here_and_joined_with_the_door() -> None:
    mine = read(
        correlation(
            "temporal_ordered",
            SAYS_REFUND,
            "selection:\n  tool: mail\n  signals.category: cyber.phishing\n  session|exists: true",
        )
    )
    flagged = (Signal("other", "1", "cyber.phishing", 0.2, "x"),)
    first, then = event(1, time=TODAY), event(2, time=TODAY + 5, tool="mail", session="s")
    (warning,), _ = looked(mine, [(first, hit(mine)), (then, flagged)])
    assert warning.events == 2
    assert not looked(mine, [(first, hit(mine)), (then, ())])[0]
    assert not looked(mine, [(msgspec.structs.replace(first, time=TODAY + 9), hit(mine)), (then, flagged)])[0]


@pytest.mark.parametrize(
    ("actors", "by_person", "rings"), [(4, False, False), (5, False, True), (1, True, True)]
)
def test_a_peers_rule_that_nobody_enabled_needs_several_accounts(
    actors: int, by_person: bool, rings: bool
) -> None:
    mine = read(rule(SAYS_REFUND))
    armed = Armed(mine, RuleState.ENABLED, peer="lab", by_person=by_person)
    warnings, _ = looked(armed, [(event(n, actor=f"a{n}"), hit(mine)) for n in range(actors)])
    assert bool(warnings) is rings
    for warning in warnings:
        assert warning.peer == "lab"
        assert ("rule.from-peer" if by_person else "rule.from-peer-directly") in {
            r.code for r in warning.reasons
        }


def test_bounds_on_what_one_rule_says() -> None:
    mine = read(
        correlation("event_count", SAYS_REFUND, group_by="[observables.wallet]", condition="{gte: 1}")
    )
    events = [(event(n, actor=f"a{n}", wallet=f"w{n}"), hit(mine)) for n in range(MAX_GROUPS + 9)]
    warnings, (tally,) = looked(mine, events)
    assert len(warnings) == MAX_GROUPS
    assert tally.warnings == MAX_GROUPS + 9
    (one,), _ = looked(
        read(rule(SAYS_REFUND)), [(event(n, actor=f"a{n}"), hit(read(rule(SAYS_REFUND)))) for n in range(30)]
    )
    assert len(one.samples) == MAX_SAMPLES


def test_what_is_past_its_report_is_not_said_again() -> None:
    mine = read(rule(SAYS_REFUND))
    assert looked(mine, [(event(1, time=TODAY - 8 * DAY), hit(mine))]) == ([], [])
