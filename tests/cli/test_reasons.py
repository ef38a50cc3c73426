"""The command line of reasons: what people were told, what goes to the database, what is undone."""

import json

from tests.cases_made_up import disposed, person, verified
from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.kernel import Role
from tocsin.kernel.disposing import Appeal, Appellant


def test_letters_statements_remedies_and_cases_alike(made: Made) -> None:
    ana, rolf = person(made, "ana", Role.ANALYST), person(made, "rolf", Role.REVIEWER)
    case = disposed(made, ana)
    other = disposed(made, ana, report="R-2")
    made.node.cases.appeal(other.id, Appeal(by=Appellant.AFFECTED, at=0, lang="en"), "the refund was real")
    made.node.cases.claim(rolf, other.id)
    made.node.cases.judge_appeal(rolf, other.id, upheld=False, reasons="the refund was real")
    alike = verified(made, ana, report="R-3")
    made.node.close()
    data = ("--data", str(made.node.data))
    told = json.loads(tocsin("reasons", "letters", case.id, *data, "--json").stdout)["letters"]
    assert [one["audience"] for one in told] == ["reporter", "affected"]
    assert "rule 4.2" in tocsin("reasons", "letters", case.id, *data, "--audience", "affected").stdout
    assert tocsin("reasons", "statement", case.id, *data, check=False).returncode == 1
    added = ("--content-type", "CONTENT_TYPE_TEXT", "--content-date", "2026-11-01", "--country", "DE")
    assert "It is complete." in tocsin("reasons", "complete", case.id, *added, *data).stdout
    out = made.node.data / "statements.json"
    tocsin("reasons", "export", str(out), "--case", case.id, *data)
    assert json.loads(out.read_text())["territorial_scope"] == ["DE"]
    assert tocsin("reasons", "export", str(out), "--case", case.id, *data, check=False).returncode == 2
    first, second = json.loads(tocsin("reasons", "remedies", *data, "--json").stdout)["remedies"]
    assert {first["measure"], second["measure"]} == {"account.suspended", "visibility.removed"}
    tocsin("reasons", "undone", first["id"], *data)
    assert len(json.loads(tocsin("reasons", "remedies", *data, "--json").stdout)["remedies"]) == 1
    found = json.loads(tocsin("reasons", "similar", alike.id, *data, "--json").stdout)
    assert [one["case"] for one in found["similar"]] == [case.id]
    said = ("--stands-for", "A fee before a refund", "--reasoning", "A fee before a refund is its sign.")
    tocsin("reasons", "key-case", case.id, *said, *data)
    found = json.loads(tocsin("reasons", "similar", alike.id, *data, "--json").stdout)
    assert [one["stands_for"] for one in found["precedents"]] == ["A fee before a refund"]
