"""Release decisions and exemptions: kept as decided, moved on only from what they were."""

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.gate.making import brought, decided, evaluation, exemption, line
from tocsin.kernel import Conflict, TooLarge
from tocsin.kernel.release import ReleaseState, Told
from tocsin.store import Store
from tocsin.store.release_interface import MAX_DECISION_BYTES

DECISION = decided(brought(evaluation(line("above"))))
TOLD = Told(contexts=("context.health",), compute=3e25, evaluations=(evaluation(),))


def test_a_decision_is_kept_once_with_what_was_told(place: Place) -> None:
    store = place.open()
    assert store.release_decisions.add(DECISION, TOLD)
    assert not store.release_decisions.add(msgspec.structs.replace(DECISION, name="another"), Told())
    again = place.open()
    assert again.release_decisions.get(DECISION.id) == DECISION
    assert again.release_decisions.told(DECISION.id) == TOLD
    assert again.release_decisions.get("no") is None
    assert again.release_decisions.told("no") is None
    with pytest.raises(TooLarge):
        store.release_decisions.add(
            msgspec.structs.replace(DECISION, id="x", benefits="x" * MAX_DECISION_BYTES), TOLD
        )


def test_it_moves_on_only_from_what_it_was(store: Store) -> None:
    store.release_decisions.add(DECISION, TOLD)
    approved = msgspec.structs.replace(DECISION, approvals=(("ada", 5),))
    store.release_decisions.move(approved, was=DECISION)
    with pytest.raises(Conflict, match="meanwhile"):
        store.release_decisions.move(msgspec.structs.replace(DECISION, approvals=(("bo", 6),)), was=DECISION)
    gone = msgspec.structs.replace(approved, state=ReleaseState.WITHDRAWN, why_ended="a better one")
    store.release_decisions.move(gone, was=approved)
    assert store.release_decisions.get(DECISION.id) == gone


def test_decisions_are_listed_by_what_they_are(store: Store) -> None:
    other = msgspec.structs.replace(DECISION, id="b", artefact="cd" * 32, state=ReleaseState.IN_FORCE)
    third = msgspec.structs.replace(DECISION, id="c")
    for one in (DECISION, other, third):
        store.release_decisions.add(one, Told())
    listed = store.release_decisions.listed
    assert [one.id for _, one in listed()] == ["c", "b", DECISION.id]
    assert [one.id for _, one in listed(limit=1)] == ["c"]
    assert [one.id for _, one in listed(state=ReleaseState.IN_FORCE)] == ["b"]
    assert [one.id for _, one in listed(artefact=DECISION.artefact, newest=False)] == [DECISION.id, "c"]
    ((first, _), *_) = listed(newest=False)
    assert [one.id for _, one in listed(newest=False, after=first)] == ["b", "c"]


def test_an_exemption_is_signed_in_its_place(store: Store) -> None:
    first = exemption("release.line-over", by=("ada",))
    store.exemptions.put(first, was=None)
    with pytest.raises(Conflict):
        store.exemptions.put(first, was=None)
    both = msgspec.structs.replace(first, by=("ada", "bo"), statement=b"signed")
    store.exemptions.put(both, was=first)
    with pytest.raises(Conflict, match="another by now"):
        store.exemptions.put(both, was=first)
    later = exemption("release.files-found", id="exemption-2", at=first.at + 1)
    store.exemptions.put(later, was=None)
    assert store.exemptions.get("exemption-1") == both
    assert store.exemptions.get("no") is None
    assert store.exemptions.of(first.artefact) == (later, both) == store.exemptions.listed()
    assert store.exemptions.of("no") == ()
    assert store.exemptions.listed(limit=1) == (later,)
