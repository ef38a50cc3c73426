"""A reviewer's own limits and counts."""

from tests.contracts.store.places import Place
from tocsin.store import Store
from tocsin.store.care_interface import CareDay, Chosen, Limits


def test_limits_are_kept_as_they_were_chosen_last(place: Place) -> None:
    care = place.open().care
    assert care.chosen("u1") is None
    for chosen in (Chosen(Limits()), Chosen(Limits(a_day=5), Limits(), "2026-11-21")):
        care.choose("u1", chosen)
        assert place.open().care.chosen("u1") == chosen
    assert care.chosen("u2") is None


def test_a_day_counts_up_and_old_days_go(store: Store) -> None:
    care = store.care
    assert care.day("u1", "2026-11-20") == CareDay()
    assert care.note("u1", "2026-11-20", 5) == CareDay(1, 5)
    assert care.note("u1", "2026-11-20", 7) == CareDay(2, 7)
    assert care.note("u2", "2026-11-21", 9) == CareDay(1, 9)
    assert care.forget_before("2026-11-21") == 1
    assert care.day("u1", "2026-11-20") == CareDay()
    assert care.day("u2", "2026-11-21") == CareDay(1, 9)
