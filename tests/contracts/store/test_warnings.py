import msgspec
import pytest

from tests.contracts.store.samples import START, review, warning
from tocsin.kernel import NotFound, WarningKind, WarningStatus
from tocsin.store import Store


def test_a_warning_is_new_once_and_updated_after(store: Store) -> None:
    assert store.warnings.upsert(warning(1))
    assert store.warnings.get("warning-1") == warning(1)
    more = warning(1, events=99, last_seen=START + 50, status=WarningStatus.QUIETED)
    assert not store.warnings.upsert(more)
    assert store.warnings.get("warning-1") == more
    assert store.warnings.get("warning-2") is None


@pytest.mark.parametrize("verdict", [WarningStatus.CONFIRMED, WarningStatus.DISMISSED])
def test_what_a_person_said_is_kept_when_the_machine_finds_it_again(
    store: Store, verdict: WarningStatus
) -> None:
    store.warnings.upsert(warning(1))
    assert store.warnings.review(review("warning-1", verdict)) == warning(1, status=verdict)
    assert not store.warnings.upsert(warning(1, events=99))
    assert store.warnings.get("warning-1") == warning(1, events=99, status=verdict)
    assert [one.id for one in store.warnings.list(status=verdict)] == ["warning-1"]
    assert store.warnings.list(status=WarningStatus.OPEN) == ()


def test_a_reopened_warning_follows_the_machine_again(store: Store) -> None:
    store.warnings.upsert(warning(1))
    store.warnings.review(review("warning-1", WarningStatus.DISMISSED))
    store.warnings.review(review("warning-1", WarningStatus.OPEN, START + 1))
    store.warnings.upsert(warning(1, status=WarningStatus.QUIETED))
    found = store.warnings.get("warning-1")
    assert found is not None
    assert found.status is WarningStatus.QUIETED


def test_reviews_are_kept_in_order(store: Store) -> None:
    store.warnings.upsert(warning(1))
    said = [
        review("warning-1", WarningStatus.CONFIRMED),
        msgspec.structs.replace(review("warning-1", WarningStatus.DISMISSED), expires=START + 9),
        review("warning-1", WarningStatus.CONFIRMED),
    ]
    for one in said:
        store.warnings.review(one)
    assert store.warnings.reviews("warning-1") == tuple(said)
    assert store.warnings.reviews("warning-2") == ()
    with pytest.raises(NotFound):
        store.warnings.review(review("warning-2", WarningStatus.CONFIRMED))


def test_warnings_are_listed_newest_first_and_filtered(store: Store) -> None:
    for number, kind in ((3, WarningKind.PHRASE), (1, WarningKind.CAMPAIGN), (2, WarningKind.PHRASE)):
        store.warnings.upsert(warning(number, kind=kind))
    store.warnings.review(review("warning-3", WarningStatus.CONFIRMED))
    assert [one.id for one in store.warnings.list()] == ["warning-3", "warning-2", "warning-1"]
    assert [one.id for one in store.warnings.list(kind=WarningKind.PHRASE)] == ["warning-3", "warning-2"]
    both = store.warnings.list(kind=WarningKind.PHRASE, status=WarningStatus.OPEN)
    assert [one.id for one in both] == ["warning-2"]
    assert [one.id for one in store.warnings.list(limit=1)] == ["warning-3"]
    store.warnings.upsert(warning(1, last_seen=START + 100))
    assert store.warnings.list()[0].id == "warning-1"
