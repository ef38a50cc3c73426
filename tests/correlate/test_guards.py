"""From flags to warnings: several accounts, or one text that a guard is sure of."""

import msgspec
import pytest

from tocsin.correlate.groups import DAY_US
from tocsin.correlate.guards import LEAST_ACTORS, SURE, WINDOW_DAYS, Flag, find_guarded
from tocsin.kernel import Level, WarningKind
from tocsin.taxonomy.messages import sentences

NOW = 1_800_000_000_000_000


def flag(number: int, **changed: object) -> Flag:
    made = Flag(f"event-{number}", f"actor-{number}", NOW - number, "llama", "fraud.scam", 0.7)
    return msgspec.structs.replace(made, **changed)


def test_several_accounts_ring_and_one_account_does_not() -> None:
    flags = [flag(number) for number in range(LEAST_ACTORS)]
    assert find_guarded(flags[:-1], now_us=NOW) == ()
    assert find_guarded([flag(n, actor="one") for n in range(9)], now_us=NOW) == ()
    (found,) = find_guarded(flags, now_us=NOW)
    assert (found.kind, found.category, found.actors) == (WarningKind.GUARD, "fraud.scam", LEAST_ACTORS)
    assert set(found.samples) == {f.event for f in flags}
    assert {reason.code for reason in (*found.reasons, *found.refutations)} <= set(sentences())


def test_one_sure_text_rings_alone() -> None:
    assert find_guarded([flag(1, strength=SURE - 0.01)], now_us=NOW) == ()
    (found,) = find_guarded([flag(1, strength=SURE)], now_us=NOW)
    assert [reason.code for reason in found.reasons] == ["guard.flagged", "guard.sure"]
    assert found.score >= found.threshold


def test_guards_and_categories_do_not_add_up() -> None:
    mixed = [flag(1), flag(2, category="cyber.phishing"), flag(3, guard="qwen")]
    assert find_guarded(mixed, now_us=NOW) == ()


@pytest.mark.parametrize("time", [NOW + 1, NOW - WINDOW_DAYS * DAY_US - 1])
def test_what_is_outside_the_window_is_not_counted(time: int) -> None:
    assert find_guarded([flag(n, time=time) for n in range(9)], now_us=NOW) == ()


def test_it_keeps_its_id_as_it_grows_and_says_how_far_it_reaches() -> None:
    small = find_guarded([flag(n, category="cbrn.uplift") for n in range(3)], now_us=NOW)[0]
    large = find_guarded([flag(n, category="cbrn.uplift") for n in range(50)], now_us=NOW)[0]
    assert small.id == large.id
    assert (small.risk.scale, large.risk.scale) == (Level.LOW, Level.HIGH)
    assert small.risk.coupling is Level.HIGH
    assert len(large.samples) == 8
