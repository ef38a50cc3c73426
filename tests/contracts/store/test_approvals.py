from tocsin.kernel import Approval
from tocsin.store import Store


def test_a_person_approves_once_and_the_newest_word_counts(store: Store) -> None:
    assert store.approvals.of("d1") == ()
    first, other = Approval("d1", "u1", "lab", 5), Approval("d1", "u2", "lab", 6)
    for approval in (other, first, Approval("d2", "u1", "lab", 7)):
        store.approvals.add(approval)
    assert store.approvals.of("d1") == (first, other)
    later = Approval("d1", "u1", "lab", 9)
    store.approvals.add(later)
    assert store.approvals.of("d1") == (other, later)
