"""An incident by the command line, from its opening to the proof that a person sent its report."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Made
from tests.incidents import CHINA, NIS2, a_case, officer
from tests.nodes import tocsin


@pytest.fixture
def case(made: Made) -> str:
    """A case, and the person olu who deals with it; the clock of the command line is the machine's own."""
    return a_case(made, officer(made)).id


def run(made: Made, *words: str, check: bool = True) -> Any:
    done = tocsin("incident", *words, "--data", str(made.node.data), "--user", "olu", "--json", check=check)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def test_from_an_incident_to_the_proof_of_sending(made: Made, case: str, tmp_path: Path) -> None:
    opened = run(made, "open", case, "--moment", "awareness=2026-11-20T10:00:00+01:00")
    incident = opened["id"]
    assert opened["moments"] == {"awareness": "2026-11-20T09:00:00Z"}
    run(made, "moment", incident, "noticing", "2026-11-20T16:30:00+08:00")
    said = run(
        made,
        "fact",
        incident,
        "people_leaked=1,200,000",
        "malicious=yes",
        "organisation_role=network-operator",
    )
    assert said["facts"] == {
        "people_leaked": 1_200_000,
        "malicious": True,
        "organisation_role": "network-operator",
    }
    assert run(made, "tag", incident, "failure=misuse,model")["tags"] == {"failure": ["misuse", "model"]}
    assert run(made, "duties", incident, NIS2, CHINA)["duties"] == [NIS2, CHINA]
    clocks = run(made, "clocks")["clocks"]
    assert (clocks[0]["duty"], clocks[0]["step"]) == (CHINA, "first")
    assert clocks[0]["due"] == "2026-11-20T12:30:00Z"
    assert clocks[0]["due_local"] == "2026-11-20 20:30 UTC+08:00 (Asia/Shanghai)"
    draft = run(made, "report", "draft", incident, NIS2, "early-warning")
    assert draft["missing"] == ["cross-border"]
    (tmp_path / "answer.txt").write_text("Yes, in two states.", "utf-8")
    answer = f"cross-border=@{tmp_path / 'answer.txt'}"
    assert run(made, "report", "edit", draft["id"], answer)["missing"] == []
    assert run(made, "report", "show", draft["id"])["answers"]["cross-border"] == "Yes, in two states."
    out = tmp_path / "report.json"
    run(made, "report", "export", draft["id"], str(out))
    sent = run(made, "report", "sent", draft["id"], "--how", "portal of the CSIRT", "--as", "json")
    assert sent["state"] == "sent"
    assert sent["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    shown = run(made, "show", incident)
    assert [one["kind"] for one in shown["history"]][:2] == ["opened", "moment"]
    assert shown["reports"][0]["sent_how"] == "portal of the CSIRT"
    done = run(made, "close", incident, "--reason", "the service was mended")
    assert done["closed"]
    assert run(made, "clocks") == {"clocks": []}
    assert [one["id"] for one in run(made, "list", "--closed")["incidents"]] == [incident]


def test_what_is_typed_wrongly_is_told(made: Made, case: str) -> None:
    incident = run(made, "open", case)["id"]
    assert "offset" in run(made, "moment", incident, "awareness", "2026-11-20T10:00:00", check=False)
    assert "NAME=VALUE" in run(made, "fact", incident, "malicious", check=False)
    assert "yes or no" in run(made, "fact", incident, "malicious=maybe", check=False)
    assert "number" in run(made, "fact", incident, "people_leaked=many", check=False)
    assert "no incident" in run(made, "show", "incident_0", check=False)


def test_a_person_stands_for_a_duty(made: Made, case: str) -> None:
    words = ("--data", str(made.node.data), "--json")
    said = "read in OJ L 333 of 2022-12-27"
    tocsin("duty", "verify", NIS2, "--statement", said, "--user", "olu", *words)
    (row,) = json.loads(tocsin("duty", "verified", *words).stdout)["verified"]
    assert (row["duty"], row["by"], row["statement"], row["counts"]) == (NIS2, "olu", said, True)


def test_a_calendar_is_made_listed_and_ended(made: Made, case: str) -> None:
    made_feed = run(made, "feed")
    assert made_feed["address"].startswith("/calendar/deadlines.ics?key=tocsin_")
    (listed,) = run(made, "feed", "--list")["feeds"]
    assert listed["id"] == made_feed["id"]
    assert "address" not in listed
    assert run(made, "feed", "--revoke", made_feed["id"]) == {"revoked": made_feed["id"]}


def test_one_incident_is_compared_on_paper(made: Made, case: str, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    incident = run(made, "open", case)["id"]
    out = tmp_path / "side.pdf"
    tocsin(
        *(
            "incident",
            "compare",
            incident,
            "--duty",
            NIS2,
            "--duty",
            CHINA,
            "--out",
            str(out),
            "--lang",
            "en",
        ),
        *("--data", str(made.node.data), "--user", "olu"),
    )
    assert out.read_bytes().startswith(b"%PDF-")
