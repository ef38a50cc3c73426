"""Inspections are added and never replaced; each is found by what it met, and opened again by what bears on it."""

import threading

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import DAY, START
from tocsin.kernel import NotFound, TooLarge
from tocsin.kernel.artefacts import ArtefactVerdict, Fact, Finding, Inspection, Part, Severity
from tocsin.kernel.artefacts import Place as Where
from tocsin.kernel.models import (
    ArtefactNotice,
    BearingRules,
    FollowedModel,
    Intelligence,
    IntelligenceKind,
    MeasuredDescent,
    NoticeCause,
    OpenCause,
    Reopening,
)
from tocsin.store import Store, inspections

CLEAN, FOUND = ArtefactVerdict.CLEAN, ArtefactVerdict.FOUND
RULES = Reopening(START + DAY, OpenCause.RULES, ("+gguf.template",), ("gguf",))


def sha(number: int) -> str:
    return f"{number:064x}"


def inspection(number: int = 1, at: int = START, **changed: object) -> Inspection:
    plain = Inspection(
        artefact=sha(number),
        name=f"model-{number}",
        size=100 + number,
        at=at,
        scanner="tocsin 0.1.0",
        rules={"gguf": "g1", "json": "j1"},
        verdict=CLEAN,
        facts=(Fact("licence", "README.md", {"name": "apache-2.0"}),),
        parts=(
            Part("a.gguf", 90, "gguf", CLEAN, sha(number + 1_000), "", ("gguf",)),
            Part("config.json", 10, "json", CLEAN, sha(7_777), "", ("config",)),
        ),
    )
    return msgspec.structs.replace(plain, **changed)


def test_a_history_is_added_to_and_read_whole(place: Place) -> None:
    store = place.open()
    first = store.inspections.keep(inspection(), source="/models/a")
    assert store.inspections.keep(inspection(), source="/models/a") == first
    again = store.inspections.keep(inspection(at=START + DAY, verdict=FOUND), source="/models/a")
    other = store.inspections.keep(inspection(2))
    assert [line.id for line in store.inspections.history(sha(1))] == [again.id, first.id]
    assert [line.latest for line in store.inspections.history(sha(1))] == [True, False]
    kept = place.open().inspections.latest(sha(1))
    assert kept is not None
    assert kept.inspection == inspection(at=START + DAY, verdict=FOUND)
    assert (kept.line.source, kept.line.findings, kept.line.parts) == ("/models/a", 0, 2)
    assert store.inspections.latest(sha(9)) is None
    assert store.inspections.get(first.id) is not None
    assert store.inspections.get("no") is None
    assert store.inspections.counts() == {(FOUND, False): 1, (CLEAN, False): 1}
    assert store.inspections.listed() == (other, again)


def test_an_older_look_that_comes_late_is_not_the_latest(store: Store) -> None:
    newer = store.inspections.keep(inspection(at=START + DAY))
    older = store.inspections.keep(inspection(at=START))
    assert not older.latest
    assert [line.id for line in store.inspections.history(sha(1))] == [newer.id, older.id]
    assert store.inspections.listed() == (newer,)
    assert len(store.inspections.listed(every=True)) == 2


def test_it_is_found_by_what_it_met(store: Store) -> None:
    one = store.inspections.keep(inspection(1), source="/a")
    two = store.inspections.keep(inspection(2, verdict=FOUND, rules={"json": "j1"}))
    listed = store.inspections.listed
    assert listed(name="model-1") == (one,)
    assert listed(source="/a") == (one,)
    assert listed(verdict=FOUND) == (two,)
    assert listed(format_name="gguf") == (one,)
    assert listed(format_name="json") == (two, one)
    assert listed(part=sha(1_001)) == (one,)
    assert listed(part=sha(7_777)) == (two, one)
    assert listed(part=sha(2)) == (two,)
    assert listed(before=two.seq) == (one,)
    assert listed(limit=1) == (two,)
    assert listed(name="model-1", verdict=FOUND) == ()
    held = store.inspections.holding([sha(7_777), sha(1), sha(5)])
    assert held == {sha(7_777): (sha(1), sha(2)), sha(1): (sha(1),)}
    store.inspections.keep(inspection(3), keys=("package:pypi/torch",))
    assert store.inspections.holding(["package:pypi/torch", "model:any"]) == {"package:pypi/torch": (sha(3),)}


def test_only_a_latest_verdict_that_stands_is_opened_again(store: Store) -> None:
    old = store.inspections.keep(inspection(1))
    new = store.inspections.keep(inspection(1, at=START + DAY))
    other = store.inspections.keep(inspection(2, rules={"json": "j1"}))
    assert store.inspections.bound() == {("gguf", "g1"): 1, ("json", "j1"): 2}
    assert [line.id for line in store.inspections.bound_to("gguf", "g1")] == [new.id]
    opened = store.inspections.reopen({old.id: RULES, new.id: RULES, "no": RULES})
    assert [(line.id, line.reopened, line.stands) for line in opened] == [(new.id, RULES, False)]
    assert store.inspections.reopen({new.id: RULES}) == ()
    assert store.inspections.bound() == {("json", "j1"): 1}
    assert store.inspections.listed(reopened=True) == opened
    assert store.inspections.listed(reopened=False) == (other,)
    assert store.inspections.counts() == {(CLEAN, True): 1, (CLEAN, False): 1}
    store.inspections.wait(new.id, "the files are gone")
    store.inspections.wait(other.id, "it was never open")
    assert [line.reopened and line.reopened.waiting for line in store.inspections.listed(reopened=True)] == [
        "the files are gone"
    ]
    store.inspections.keep(inspection(1, at=START + 2 * DAY))
    assert store.inspections.listed(reopened=True) == ()
    assert [line.reopened is None for line in store.inspections.history(sha(1))] == [True, False, True]


def test_what_lies_behind_a_digest_is_kept_as_it_was(store: Store) -> None:
    first = BearingRules((("gguf.header", 1),), (("gguf", 2),))
    store.inspections.remember_rules({"g1": first})
    store.inspections.remember_rules({"g1": BearingRules((), ()), "g2": BearingRules((), ())})
    assert store.inspections.rules_behind(["g1", "g3"]) == {"g1": first}


def test_an_inspection_past_the_bound_is_refused_and_nothing_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspections, "MAX_INSPECTION_BYTES", 100)
    with pytest.raises(TooLarge, match="folders"):
        store.inspections.keep(inspection())
    assert store.inspections.listed() == ()


def test_of_many_that_keep_at_once_one_is_the_latest(place: Place) -> None:
    stores = [place.open() for _ in range(4)]
    barrier = threading.Barrier(len(stores))

    def keep(number: int) -> None:
        barrier.wait()
        stores[number].inspections.keep(inspection(1, at=START + number))

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = stores[0].inspections.history(sha(1))
    assert [line.at - START for line in history] == [3, 2, 1, 0]
    assert [line.latest for line in history] == [True, False, False, False]


def model(name: str = "helper", **changed: object) -> FollowedModel:
    plain = FollowedModel(name, "/models/a", sha(1), "user_1", START, START, deployed_by=("channel:ops",))
    return msgspec.structs.replace(plain, **changed)


def test_models_are_followed_by_name(store: Store) -> None:
    store.followed.put(model())
    store.followed.put(model("another", artefact=sha(2)))
    store.followed.put(model(artefact=sha(3), review=START + DAY))
    assert store.followed.get("helper") == model(artefact=sha(3), review=START + DAY)
    assert [one.name for one in store.followed.every()] == ["another", "helper"]
    assert [one.name for one in store.followed.of([sha(2), sha(3), sha(4)])] == ["another", "helper"]
    assert store.followed.of([sha(1)]) == ()
    assert store.followed.remove("helper")
    assert not store.followed.remove("helper")
    assert store.followed.get("helper") is None


def item(number: int = 1, **changed: object) -> Intelligence:
    plain = Intelligence(
        IntelligenceKind.OSV,
        f"PYSEC-{number}",
        "d1",
        START,
        "a title",
        ("package:pypi/torch", f"alias:{number}"),
    )
    return msgspec.structs.replace(plain, **changed)


def test_intelligence_is_found_by_what_it_concerns(store: Store) -> None:
    avid = item(9, kind=IntelligenceKind.AVID, keys=("model:gpt-neo-125m",))
    assert [one.id for one in store.intelligence.put([item(1), item(2), avid])] == [
        "PYSEC-1",
        "PYSEC-2",
        "PYSEC-9",
    ]
    assert store.intelligence.put([item(1), avid]) == ()
    changed = store.intelligence.put([item(1, digest="d2", keys=("package:pypi/numpy",)), item(2)])
    assert [(one.id, one.digest) for one in changed] == [("PYSEC-1", "d2")]
    assert [one.id for one in store.intelligence.about(["package:pypi/torch"])] == ["PYSEC-2"]
    assert [one.id for one in store.intelligence.about(["package:pypi/numpy", "model:gpt-neo-125m"])] == [
        "PYSEC-9",
        "PYSEC-1",
    ]
    assert store.intelligence.about(["model:gpt-neo-125m"], kind=IntelligenceKind.OSV) == ()
    assert store.intelligence.about([]) == ()
    assert [one.id for one in store.intelligence.listed()] == ["PYSEC-1", "PYSEC-9", "PYSEC-2"]
    assert [one.id for one in store.intelligence.listed(kind=IntelligenceKind.AVID)] == ["PYSEC-9"]
    newest = store.intelligence.listed(limit=1)[0]
    assert [one.id for one in store.intelligence.listed(before=newest.seq, limit=1)] == ["PYSEC-9"]
    assert store.intelligence.counts() == {IntelligenceKind.OSV: 2, IntelligenceKind.AVID: 1}
    got = store.intelligence.get(IntelligenceKind.OSV, "PYSEC-2")
    assert got is not None
    assert (got.title, got.digest) == ("a title", "d1")
    assert store.intelligence.get(IntelligenceKind.AVID, "PYSEC-2") is None


def notice(number: int = 1, **changed: object) -> ArtefactNotice:
    plain = ArtefactNotice(
        f"notice-{number}",
        "channel:ops",
        NoticeCause.REOPENED,
        START,
        sha(1),
        "helper",
        {"rule": "gguf.template"},
    )
    return msgspec.structs.replace(plain, **changed)


def test_word_is_said_once_and_answered(store: Store) -> None:
    assert [one.id for one in store.artefact_notices.add([notice(1), notice(2, to="", model="")])] == [
        "notice-1",
        "notice-2",
    ]
    assert store.artefact_notices.add([notice(1, values={"rule": "another"})]) == ()
    assert store.artefact_notices.add([]) == ()
    listed = store.artefact_notices.listed
    assert [one.id for one in listed()] == ["notice-2", "notice-1"]
    assert [one.id for one in listed(to=["", "user:ana"])] == ["notice-2"]
    assert [one.id for one in listed(model="helper")] == ["notice-1"]
    assert [one.id for one in listed(artefact=sha(1), limit=1)] == ["notice-2"]
    assert [one.id for one in listed(before=listed()[0].seq)] == ["notice-1"]
    assert store.artefact_notices.unread() == 2
    said = store.artefact_notices.answer("notice-1", by="user_1", at=START + 5, answer="taken out of service")
    assert (said.read, said.read_by, said.answer) == (START + 5, "user_1", "taken out of service")
    assert store.artefact_notices.get("notice-1") == said
    assert [one.id for one in listed(unread=True)] == ["notice-2"]
    assert store.artefact_notices.unread() == 1
    with pytest.raises(NotFound, match="notices"):
        store.artefact_notices.answer("no", by="user_1", at=START)


def test_a_fault_leaves_neither_the_verdict_open_nor_the_word(store: Store) -> None:
    line = store.inspections.keep(inspection())

    def broken_off() -> None:
        with store.together():
            store.inspections.reopen({line.id: RULES})
            store.artefact_notices.add([notice()])
            store.artefact_notices.answer("no", by="user_1", at=START)

    with pytest.raises(NotFound):
        broken_off()
    assert store.inspections.listed(reopened=True) == ()
    assert store.artefact_notices.listed() == ()


def test_a_place_in_a_finding_survives_the_round_trip(store: Store) -> None:
    found = Finding(
        "gguf.template", FOUND, Severity.HIGH, Where("a.gguf", 12, "tokenizer.chat_template"), {"n": 3}
    )
    store.inspections.keep(inspection(verdict=FOUND, findings=(found,)))
    kept = store.inspections.latest(sha(1))
    assert kept is not None
    assert kept.inspection.findings == (found,)
    assert kept.line.findings == 1


def test_every_comparison_of_an_artefact_stays(place: Place) -> None:
    store = place.open()

    def descent(base: int, at: int, **more: object) -> MeasuredDescent:
        plain = MeasuredDescent(sha(1), sha(base), "base", at, "tocsin 0.1.0", "fine-tuned", "high", 0.9)
        return msgspec.structs.replace(plain, **more)

    first = descent(2, START, signature="shared-direction", removed=0.5, seed=7)
    for one in (first, first, descent(2, START + DAY), descent(3, START)):
        store.descents.add(one)
    again = place.open()
    assert again.descents.of(sha(1)) == (descent(2, START + DAY), first, descent(3, START))
    assert again.descents.of(sha(1), limit=1) == (descent(2, START + DAY),)
    assert again.descents.of(sha(2)) == ()
