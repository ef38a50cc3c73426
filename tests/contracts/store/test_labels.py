"""What this node labelled: kept until its day, found by digest and by kind."""

import msgspec

from tests.contracts.store.places import Place
from tocsin.store import Store
from tocsin.store.label_interface import LabelledContent

ONE = LabelledContent("a" * 64, "lottery-1", "wav", "sound", "0f" * 32, at=10, until=100)


def test_what_was_labelled_is_found_by_its_bytes_until_its_day(place: Place) -> None:
    labels = place.open().labels
    labels.keep(ONE)
    assert place.open().labels.same(ONE.sha256, at=99) == ONE
    assert labels.same(ONE.sha256, at=100) is None
    assert labels.same("b" * 64, at=1) is None


def test_the_later_word_on_the_same_bytes_stands(store: Store) -> None:
    store.labels.keep(ONE)
    later = msgspec.structs.replace(ONE, content_id="lottery-2", until=200)
    store.labels.keep(later)
    assert store.labels.same(ONE.sha256, at=150) == later


def test_pages_go_by_digest_and_leave_out_what_is_over(store: Store) -> None:
    kept = [msgspec.structs.replace(ONE, sha256=letter * 64) for letter in "cabd"]
    for one in kept:
        store.labels.keep(one)
    store.labels.keep(msgspec.structs.replace(ONE, sha256="e" * 64, kind="film"))
    store.labels.keep(msgspec.structs.replace(ONE, sha256="f" * 64, until=40))
    first = store.labels.of_kind("sound", at=50, after="", limit=3)
    rest = store.labels.of_kind("sound", at=50, after=first[-1].sha256, limit=3)
    assert [one.sha256[0] for one in (*first, *rest)] == ["a", "b", "c", "d"]


def test_questions_are_counted_by_case_and_once_a_file(store: Store) -> None:
    labels = store.labels
    assert [labels.ask("c-1", file * 64, 5) for file in "aab"] == [1, 1, 2]
    assert labels.ask("c-2", "a" * 64, 5) == 1


def test_what_is_over_is_forgotten(store: Store) -> None:
    store.labels.keep(ONE)
    store.labels.keep(msgspec.structs.replace(ONE, sha256="b" * 64, until=300))
    store.labels.ask("c-1", "a" * 64, 5)
    assert store.labels.forget(before=101, questions_before=6) == 1
    assert store.labels.same("b" * 64, at=1) is not None
    assert store.labels.ask("c-1", "b" * 64, 200) == 1
