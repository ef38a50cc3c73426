"""The gate with one of its parts taken out: the property or a named check must notice. Nothing here may survive."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from tests.share.agreed import all_made
from tests.share.cases import ELSEWHERE, Own, forbidden, own_policies
from tests.share.judging import judge
from tests.share.said import AUTHOR, CANARIES, confirmed, judged, of_type, standing
from tocsin.kernel import TLP
from tocsin.share import ReleaseStopped, decision, fields, fields_agreed, look, mentions, promise
from tocsin.share.shapes import Table, in_order
from tocsin.trust.policy import Policies
from tocsin.trust.policy_tests import packaged_tests, question_of, run_tests
from tocsin.wire.stix import SightingExtension, canonical, extension_id, marking_id

PACKAGED = Policies.load()
FORBIDS = [rule for rule in PACKAGED.rules if rule.startswith("share.") and rule != "share.known-type"]
TRIES = 400
GUARDED = ("share.category-refused", "share.no-evidence-status", "share.no-basis")
"""What another rule or shape refuses as well: a refused subject is not listed either; evidence that is no status and
an empty basis do not fit their extension. Their tests ship beside them."""


def noticed(own: Own, focuses: list[str]) -> bool:
    """Whether some case of these bends goes wrong."""
    return any(judge(seed, own, focus) is not None for seed in range(TRIES) for focus in focuses)


@pytest.mark.parametrize("rule", FORBIDS)
def test_a_forbid_less_is_noticed_by_the_tests_that_ship_beside_it(rule: str) -> None:
    assert [one for one in run_tests(PACKAGED, packaged_tests()) if one.failed] == []
    assert [one for one in run_tests(PACKAGED.without(rule), packaged_tests()) if one.failed]


SEEN_BY_PROPERTY = {
    "share.peer-not-trusted": [""],
    "share.purpose-not-agreed": [""],
    "share.marking-above-ceiling": [""],
    "share.marking-red": ["past-embargo"],
    "share.marking-not-ours-to-pass-on": ["row-origin"],
    "share.category-not-listed": ["row-category"],
    "share.pap-not-agreed": ["pap", "pap-red"],
    "share.jurisdiction-locked": ["only-to"],
    "share.residency": ["stays-in"],
    "share.embargo": ["embargo"],
    "share.purpose-not-in-label": ["label-purpose"],
}


@pytest.mark.parametrize("rule", FORBIDS)
def test_a_forbid_less_is_noticed_by_the_property(rule: str) -> None:
    if rule not in SEEN_BY_PROPERTY:
        assert rule in GUARDED, "say how the property sees it"
        return
    assert noticed(Own(PACKAGED.without(rule), lambda *_: False), SEEN_BY_PROPERTY[rule])


def test_without_the_permit_nothing_leaves() -> None:
    assert PACKAGED.may_share(question_of({})).allowed
    assert not PACKAGED.without("share.known-type").may_share(question_of({})).allowed


def _nothing(*_: object, **__: object) -> None:
    return None


PARTS: dict[str, tuple[Any, str, Any, list[str]]] = {
    "1 labels that agree": (decision, "_labels_agree", lambda *_: True, ["row-tlp", "row-author", "marking"]),
    "1 the policies": (decision, "_decide_labels", _nothing, ["", "row-category"]),
    "2 the tables": (decision, "_type_fields", _nothing, ["unknown"]),
    "3 references": (decision, "_settle_references", _nothing, ["dangling", "elsewhere"]),
    "3 the time and number of sightings": (decision, "_hold_sightings", lambda *_: False, ["row-theirs"]),
    "4 what never leaves": (promise.FinalChecks, "finish", _nothing, ["pseudonym", "event", "wide-event"]),
    "2 personal data": (decision, "_withhold_personal", _nothing, ["email", "phone", "iban"]),
    "ids in texts": (mentions, "ids_in", lambda _: (), ["elsewhere", "bare-uuid"]),
    "ids in disguise": (mentions, "undisguised", str.lower, ["wide-uuid", "dash-uuid"]),
    "words in disguise": (promise, "undisguised", str.lower, ["wide-event"]),
    "whole or not at all": (decision, "RULE_NOT_OURS_TO_CHANGE", "", ["row-origin"]),
    "a line between parties": (decision, "_keep_among_parties", _nothing, [""]),
    "days of what is said of models": (fields_agreed, "day", _nothing, ["hour-said"]),
    "decimals of a rate": (fields_agreed, "_finer", lambda _: False, ["finer"]),
    "what everybody has": (fields, "well_known", lambda _: None, ["name", "description"]),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_less_is_noticed(part: str) -> None:
    where, name, instead, focuses = PARTS[part]
    with patch.object(where, name, instead):
        assert noticed(own_policies(1)[0], focuses)


def _open(_: object) -> None:
    """A shape that everything fits."""


def _entries() -> Iterator[tuple[str, str]]:
    for kind, table in fields.TABLES.items():
        for name in table.fields:
            yield kind, name


GUARDED_TWICE = {
    "opinion",
    "type",
    "id",
    "object_marking_refs",
    "spec_version",
    "created_by_ref",
    "revoked",
    "summary",
    "confidence",
}
"""Held by the decision itself or by the STIX types too: with any value in the table, another check refuses it."""

LEAKS: dict[str, object] = {
    "pattern": "[x-refund:text = 'waits']",
    "created": "2026-03-05T10:20:25.123456Z",
    "modified": "2026-03-05T10:20:30.123456Z",
    "valid_from": "2026-03-05T10:20:25.123456Z",
    "valid_until": "2027-03-05T10:20:25.123456Z",
    "published": "2026-03-05T10:20:25.123456Z",
    "first_seen": "2026-02-24T11:22:33.000Z",
    "last_seen": "2026-03-05T09:22:33.000Z",
    "confidence": 7.5,
    "source_ref": AUTHOR,
    "target_ref": AUTHOR,
    "sighting_of_ref": AUTHOR,
    "where_sighted_refs": [AUTHOR, AUTHOR],
    "object_refs": [AUTHOR, AUTHOR],
    "indicator_types": ["your refund waits"],
    "report_types": ["your refund waits"],
    "summary": "no",
}


ELSEWHERE_EXTENSION = extension_id(SightingExtension).replace("08bab3d2", "08bab3d3")


def leaked(kind: str, name: str) -> bool:
    """Whether a value that the table does not know leaves in a property."""
    leak = LEAKS.get(name, "your\u200brefund waits")
    records = []
    said = confirmed()
    said = (*said, judged(of_type(said, "campaign")))
    if not any(one.type == kind for one in said):
        said = all_made()
    for record in said:
        value = json.loads(record.stix)
        if record.type == kind and record.author == AUTHOR:
            if name == "extensions":
                value.setdefault("extensions", {})[ELSEWHERE_EXTENSION] = {
                    "extension_type": "property-extension",
                    "x": "your refund waits",
                }
            else:
                value[name] = leak
            record = msgspec.structs.replace(record, stix=canonical(value))
        records.append(record)
    draft = decision.decide(PACKAGED, records, standing(given=frozenset({ELSEWHERE_EXTENSION})), forbidden)
    for record in records:
        final = draft.final.get(record.id)
        if record.type == kind and record.author == AUTHOR and final is not None:
            value = json.loads(final)
            return bool(value.get(name) == json.loads(record.stix)[name])
    return False


@pytest.mark.parametrize(("kind", "name"), list(_entries()))
def test_an_entry_of_a_table_less_is_noticed(kind: str, name: str) -> None:
    assert not leaked(kind, name)
    if name in GUARDED_TWICE:
        return
    table = fields.TABLES[kind]
    opened = Table({**table.fields, name: _open}, table.needed)
    with patch.dict(fields.TABLES, {kind: opened}):
        assert leaked(kind, name)


SAYS_OTHERWISE = {
    "course-of-action": "loosened",
    "opinion": "yes-and-no",
    "report": "other-decision",
    "note": "other-area",
}
"""By type of what is said of models, a bend in which the object and its extension say different things."""


@pytest.mark.parametrize("kind", SAYS_OTHERWISE)
def test_what_an_object_and_its_extension_say_is_held_together(kind: str) -> None:
    table = fields.TABLES[kind]
    with patch.dict(fields.TABLES, {kind: Table(table.fields, table.needed)}):
        assert noticed(own_policies(1)[0], [SAYS_OTHERWISE[kind]])


def _set(**properties: object) -> Any:
    return lambda value: value | properties


def _raw(old: bytes, new: bytes) -> Any:
    return lambda value: canonical(value).replace(old, new, 1)


SABOTAGE: dict[str, tuple[str, Any]] = {
    "_form": ("campaign", _raw(b"{", b"{ ")),
    "_identity": ("campaign", _set(modified="2026-03-05T10:20:31.000Z")),
    "_properties": ("campaign", lambda value: {k: v for k, v in value.items() if k != "confidence"}),
    "_table": ("campaign", _set(first_seen="2026-02-24T11:22:33.000Z")),
    "_marking": ("campaign", _set(object_marking_refs=[marking_id(TLP.CLEAR)])),
    "_names": ("relationship", _set(source_ref=ELSEWHERE)),
    "_sound": ("campaign", _set(last_seen="2020-01-01T00:00:00.000Z")),
    "_personal": ("identity", _set(name="ana@refund.example")),
    "finish": ("identity", _set(name=CANARIES[1])),
}
"""What a fault in the making of final bytes could do, by the check that alone sees it."""


def released_with(fault: tuple[str, Any]) -> bool:
    """Whether a release in which one record is made wrongly leaves."""
    real = decision._final_bytes
    kind, spoil = fault

    def faulty(candidate: Any) -> bytes:
        if candidate.record.type != kind or candidate.record.author != AUTHOR:
            return real(candidate)
        made = spoil(dict(candidate.value))
        return made if isinstance(made, bytes) else canonical(made)

    with patch.object(decision, "_final_bytes", faulty):
        try:
            decision.decide(PACKAGED, confirmed(), standing(), forbidden)
        except ReleaseStopped:
            return False
    return True


@pytest.mark.parametrize("step", SABOTAGE)
def test_a_last_look_less_lets_a_fault_out_and_is_noticed(step: str) -> None:
    assert not released_with(SABOTAGE[step])
    with ExitStack() as stack:
        if step == "finish":
            stack.enter_context(patch.object(promise.FinalChecks, "finish", _nothing))
        elif step == "_form":  # what is no object has no type either: only the form itself is its own
            stack.enter_context(patch.object(look, "decode_canonical", msgspec.json.decode))
        else:
            kept = tuple(one for one in promise.STEPS if one.__name__ != step)
            assert len(kept) == len(promise.STEPS) - 1
            stack.enter_context(patch.object(promise, "STEPS", kept))
        assert released_with(SABOTAGE[step])


def test_every_last_look_has_its_fault() -> None:
    assert {one.__name__ for one in promise.STEPS} | {"finish"} == set(SABOTAGE)


def test_the_order_of_references_is_nobodys_to_choose() -> None:
    shape = in_order(lambda _: None)
    assert shape(["b", "a"]) is not None
    assert shape(["a", "b"]) is None
