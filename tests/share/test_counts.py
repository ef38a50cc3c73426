"""Noisy counts at the gate: every cell of the list, its noise said as it is, one for each week and list."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.share.said import AUTHOR, CANARIES, NOW, OTHER, signed, standing
from tests.share.test_decision import decided, entry
from tocsin.kernel import TLP, BadInput, Record, Verdict
from tocsin.kernel.counts import BOUNDS, COST, CountList, NoisyCount
from tocsin.share import introduction
from tocsin.share.decision import Draft
from tocsin.share.describe_agreed import Speaker
from tocsin.share.describe_counts import count_in, describe_count
from tocsin.share.promise import ReleaseStopped
from tocsin.taxonomy.counted import cells
from tocsin.wire.stix import NoisyCountExtension, canonical, extension_id
from tocsin.wire.stix.kinds_counts import count_note

VOICE = Speaker(author=AUTHOR, tlp=TLP.GREEN, now=NOW)
KEY = extension_id(NoisyCountExtension)


def a_count(which: CountList = CountList.CATEGORIES, week: str = "2026-W46") -> NoisyCount:
    values = tuple(range(-5, len(cells(which)) - 5))
    return NoisyCount(week, which, values, COST, BOUNDS[which], 0, "")


def plain_records(which: CountList = CountList.CATEGORIES) -> tuple[Record, ...]:
    return describe_count(a_count(which), VOICE)


def left(*records: Record) -> Draft:
    return decided(
        (*map(signed, introduction(author=AUTHOR, name="platform", now=NOW)), *records), standing()
    )


@pytest.mark.parametrize("which", CountList)
def test_a_count_leaves_whole_and_is_read_again(which: CountList) -> None:
    *_, meaning, note = map(signed, plain_records(which))
    draft = left(meaning, note)
    assert entry(draft, note).verdict is Verdict.RELEASE
    assert draft.final[note.id] == note.stix
    said = count_in(note)
    assert said is not None
    assert tuple(one.of for one in said.counts) == cells(which)
    assert said.counts[0].value == -5, "below zero as it was drawn"
    assert (said.unit, said.mechanism, said.epsilon, said.bound) == (
        "actor-week",
        "discrete-laplace",
        0.5,
        BOUNDS[which],
    )


BENDS: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "a cell left out": lambda _, held: held["counts"].pop(),
    "cells in another order": lambda _, held: held["counts"].reverse(),
    "a cell of one's own": lambda _, held: held["counts"][0].update(of="fraud.lottery"),
    "a cell twice": lambda _, held: held["counts"][0].update(held["counts"][1]),
    "an interval that flatters": lambda _, held: held.update(half_width=1),
    "a scale that is not its epsilon's": lambda _, held: held.update(scale=1.0),
    "an epsilon as fine as a message": lambda _, held: held.update(epsilon=0.500001),
    "more than the schema": lambda _, held: held.update(account="lucky"),
    "a week that is none": lambda _, held: held.update(week="2026-W54"),
    "a share instead of a count": lambda _, held: held["counts"][0].update(value=0.5),
    "another list than it is called": lambda value, _: value.update(content="Noisy count: trends"),
    "a content of one's own": lambda value, _: value.update(content="Ask Anna"),
    "another's id": lambda value, _: value.update(id=count_note(OTHER, "2026-W46", "categories")),
    "for somebody else": lambda value, _: value.update(object_refs=[OTHER]),
}


def bent(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Record:
    plain = plain_records()[-1]
    value = json.loads(plain.stix)
    change(value, value["extensions"][KEY])
    return signed(msgspec.structs.replace(plain, id=value["id"], stix=canonical(value)))


@pytest.mark.parametrize("name", BENDS)
def test_what_was_bent_does_not_leave(name: str) -> None:
    record = bent(BENDS[name])
    try:
        draft = left(record)
    except ReleaseStopped:
        return
    assert record.id not in draft.final


def test_what_proves_nothing_is_not_read() -> None:
    assert count_in(signed(introduction(author=AUTHOR, name="platform", now=NOW)[-1])) is None
    with pytest.raises(BadInput, match="sign"):
        count_in(plain_records()[-1])
    with pytest.raises(BadInput, match="week and list"):
        count_in(bent(BENDS["another's id"]))


def test_no_canary_is_in_it() -> None:
    for which in CountList:
        assert not any(word.encode() in plain_records(which)[-1].stix for word in CANARIES)
