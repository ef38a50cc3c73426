"""A case handed to TheHive or MISP: what a person chose, and nothing that the case holds besides."""

import json
from datetime import timedelta
from typing import Any, cast

import pytest

from tests.fixtures import Made
from tests.kept_cases import keep_cases, page_told, staff
from tocsin.app.case_exports import ExportForm
from tocsin.kernel import TLP, BadInput, NotAllowed, Observable, ObservableType
from tocsin.kernel.cases import CaseFlag

CHOSEN: dict[str, Any] = {
    "title": "A page that asks for a fee",
    "description": "It promises a refund and asks for a fee first.",
    "marking": TLP.AMBER,
    "purpose": "the national team works on it",
    "observables": [
        Observable(ObservableType.DOMAIN, "Refund.Example"),
        Observable(ObservableType.FILE_HASH, "ab" * 32),
    ],
}
INSIDE = ("refund.example/pay", "Сугалаан", "It asks for a fee.", "case.export")


@pytest.mark.parametrize("form", ["thehive", "misp"])
def test_what_was_chosen_leaves_and_nothing_else(made: Made, form: ExportForm) -> None:
    if form == "misp":
        pytest.importorskip("pymisp")
    people, found = keep_cases(made)
    case = found["appealed"]
    file = made.node.case_exports.export(people.reviewer, case.id, form, **CHOSEN).decode()
    assert "refund.example" in file
    assert CHOSEN["description"] in file
    for words in (*INSIDE, people.analyst.user):
        assert words not in file, words
    row = made.node.store.audit.read(act="case.export")[0]
    assert (row.subject, row.detail["identifiers"], row.purpose) == (case.id, 2, CHOSEN["purpose"])


def test_thehive_takes_it_as_an_alert(made: Made) -> None:
    people, found = keep_cases(made)
    told = json.loads(made.node.case_exports.export(people.reviewer, found["danger"].id, "thehive", **CHOSEN))
    assert (told["severity"], told["tlp"], told["pap"], told["source"]) == (4, 2, 2, "node")
    assert told["date"] == int((made.now - timedelta(hours=2)).timestamp() * 1_000)
    assert [(one["dataType"], one["data"]) for one in told["observables"]] == [
        ("domain", "refund.example"),
        ("hash", "ab" * 32),
    ]


def test_misp_reads_it_back(made: Made) -> None:
    pymisp = pytest.importorskip("pymisp")
    people, found = keep_cases(made)
    exports = made.node.case_exports
    file = exports.export(people.reviewer, found["appealed"].id, "misp", **CHOSEN)
    event = pymisp.MISPEvent()
    event.load(file.decode())
    assert event.info == CHOSEN["title"]
    assert {tag.name for tag in event.tags} == {"tlp:amber", 'tocsin:category="fraud.scam"'}
    assert [(one.type, one.value) for one in event.attributes[1:]] == [
        ("domain", "refund.example"),
        ("sha256", "ab" * 32),
    ]
    assert int(event.distribution) == 0
    again = json.loads(exports.export(people.reviewer, found["appealed"].id, "misp", **CHOSEN))
    assert again["uuid"] == event.uuid, "the same case is one event"


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"description": "Pay at www.refund.example today"}, "--observable"),
        ({"title": "Write to @refunds_now"}, "--observable"),
        ({"marking": TLP.RED}, "mark it lower"),
        ({"purpose": "why"}, "purpose"),
        ({"observables": [Observable(ObservableType.DOMAIN, "a.example")] * 201}, "choose those"),
    ],
)
def test_what_must_not_leave_is_refused_with_what_to_do(
    made: Made, changes: dict[str, Any], advice: str
) -> None:
    people, found = keep_cases(made)
    with pytest.raises(BadInput, match=advice):
        made.node.case_exports.export(people.reviewer, found["danger"].id, "thehive", **{**CHOSEN, **changes})


def test_an_analyst_hands_over_nothing_and_nobody_what_is_quarantined(made: Made) -> None:
    people = staff(made)
    case = page_told(made, "A page asks for a fee.")
    with pytest.raises(NotAllowed):
        made.node.case_exports.export(people.analyst, case.id, "thehive", **CHOSEN)
    flagged = cast(Any, made.node.case_exports)
    import msgspec

    from tocsin.kernel.cases import Case

    suspected: Case = msgspec.structs.replace(case, flags=(CaseFlag.CHILD_MATERIAL,))
    for form in ("thehive", "misp"):
        with pytest.raises(NotAllowed, match="opened to no peer"):
            flagged._check_case(people.reviewer, suspected, form, TLP.AMBER)
