"""What counts of a subject at a moment."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel.admission import LEVELS, Held, Subject, VerificationLevel

levels = st.sampled_from(LEVELS)
moments = st.integers(0, 100)
held = st.builds(Held, level=levels, until=moments, purpose=st.sampled_from(("", "teaching", "defence")))


@given(st.lists(held, max_size=6), moments)
def test_nothing_changes_between_a_moment_and_the_next_change_it_names(rows: list[Held], now: int) -> None:
    subject = Subject("p", tuple(rows))
    until = subject.changes(now)
    for later in range(now, 101 if until is None else until):
        assert (subject.level(later), subject.purposes(later)) == (subject.level(now), subject.purposes(now))


@given(st.lists(held, max_size=6), moments)
def test_what_is_over_counts_for_nothing(rows: list[Held], now: int) -> None:
    subject = Subject("p", tuple(rows))
    living = Subject("p", tuple(one for one in rows if now < one.until))
    assert subject.level(now) is living.level(now)
    assert subject.purposes(now) == living.purposes(now)


def test_vetted_is_nothing_without_a_purpose_and_a_purpose_nothing_without_vetting() -> None:
    rows = (Held(VerificationLevel.VETTED, 10), Held(VerificationLevel.EMAIL, 10, purpose="defence"))
    subject = Subject("p", rows)
    assert subject.level(1) is VerificationLevel.NONE
    assert not subject.purposes(1)
