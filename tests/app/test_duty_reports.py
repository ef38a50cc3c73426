"""A report is drafted from what is known, written and sent by people, and kept as it was sent."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import msgspec
import pytest

from tests.fixtures import Made
from tests.incidents import CHINA, NIS2, WORDS, a_case, an_incident, hidden, officer
from tocsin.app.duty_drafts import Draft
from tocsin.app.duty_papers import comparison
from tocsin.app.duty_sheets import comparison_json, comparison_pdf
from tocsin.kernel import BadInput, NotAllowed, NotFound, micros
from tocsin.kernel.duties import DutyReportState

EARLY, FIRST = "early-warning", "first"


def rows_of(draft: Draft) -> dict[str, str]:
    return {row.field: row.value for part in draft.parts for row in part.rows}


def test_a_draft_is_filled_in_the_regimes_order_and_language_and_marks_what_is_missing(copied: Made) -> None:
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by)
    report = reports.draft(by, made.id, CHINA, FIRST)
    assert (report.lang, report.state, report.partial) == ("zh", DutyReportState.DRAFT, True)
    draft = reports.open(by, report.id).draft
    duty = copied.node.duty_packs.get(CHINA)
    assert [part.title for part in draft.parts] == [section.label["zh"] for section in duty.sections]
    rows = rows_of(draft)
    assert rows["system"] == WORDS.where
    assert rows["grade"] == "较大"
    assert "time" in report.missing  # nobody said when it happened
    assert all(not rows[field] for field in report.missing)
    assert reports.draft(by, made.id, CHINA, FIRST, "en").lang == "en"


def test_what_does_not_apply_is_not_drafted(copied: Made) -> None:
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by, NIS2)
    with pytest.raises(BadInput, match="name it first"):
        reports.draft(by, made.id, CHINA, FIRST)
    with pytest.raises(BadInput, match="no step"):
        reports.draft(by, made.id, NIS2, "prelude")
    with pytest.raises(BadInput, match="en or zh"):
        reports.draft(by, made.id, NIS2, EARLY, "fr")


def test_answers_are_a_persons_and_lie_sealed(copied: Made) -> None:
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by)
    report = reports.draft(by, made.id, NIS2, EARLY)
    assert report.missing == ("cross-border",)
    edited = reports.edit(by, report.id, {"cross-border": "Yes: a refund office abroad."})
    assert edited.missing == ()
    kept = copied.node.store.duty_reports.get(report.id)
    assert kept is not None
    assert b"refund office" not in kept[1]
    assert rows_of(reports.open(by, report.id).draft)["cross-border"] == "Yes: a refund office abroad."
    with pytest.raises(BadInput, match="no field"):
        reports.edit(by, report.id, {"culprit": "somebody"})
    said = [one.after for one in copied.node.incidents.history(by, made.id)]
    assert "answered: cross-border" in said
    assert not any("refund office" in one for one in said)
    assert reports.edit(by, report.id, {"cross-border": " "}).missing == ("cross-border",)


def test_a_person_sends_it_and_what_was_sent_stays_as_it_was(copied: Made) -> None:
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by)
    report = reports.draft(by, made.id, NIS2, EARLY)
    with pytest.raises(BadInput, match="cross-border"):
        reports.mark_sent(by, report.id, how="portal of the national CSIRT", form="json")
    with pytest.raises(BadInput, match="how"):
        reports.mark_sent(by, report.id, how="", form="json", incomplete="not known yet")
    with pytest.raises(BadInput, match="exhibit"):
        reports.mark_sent(by, report.id, how="portal", form="json", incomplete="not known yet", proof="x")
    late = micros(copied.now + timedelta(hours=1))
    with pytest.raises(BadInput, match="past"):
        reports.mark_sent(by, report.id, how="portal", form="json", incomplete="later", moment=late)
    before = reports.export(by, report.id, "json")
    sent = reports.mark_sent(
        by, report.id, how="portal of the CSIRT", form="json", incomplete="not known yet"
    )
    assert (sent.state, sent.sent_by, sent.sent) == (DutyReportState.SENT, by.user, micros(copied.now))
    assert sent.digest == hashlib.sha256(before).hexdigest()
    copied.node.duty_packs.verify(by, NIS2, "read in the Official Journal today")
    assert reports.export(by, report.id, "json") == before
    with pytest.raises(BadInput, match="stays as it is"):
        reports.edit(by, report.id, {"cross-border": "no"})
    with pytest.raises(BadInput, match="stays as it is"):
        reports.withdraw(by, report.id)
    with pytest.raises(BadInput, match="stays as it is"):
        reports.mark_sent(by, report.id, how="once more")
    assert not any(one.deadline.step == EARLY for one in copied.node.incidents.clocks(by))


def test_the_proof_is_an_exhibit_of_the_same_case(copied: Made) -> None:
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by)
    other = a_case(copied, by)
    with copied.node.store.together():
        mine, strange = (
            copied.node.exhibits.take(
                case, content=b"Received, number 17.", media_type="text/plain", name="1.txt", by=by.user
            )
            for case in (made.case, other.id)
        )
    report = reports.draft(by, made.id, NIS2, EARLY)
    with pytest.raises(BadInput, match="exhibit"):
        reports.mark_sent(by, report.id, how="portal", form="json", incomplete="later", proof=strange.id)
    sent = reports.mark_sent(by, report.id, how="portal", form="json", incomplete="later", proof=mine.id)
    assert sent.proof == mine.id


def test_a_later_report_follows_the_one_before_and_its_clock_runs_from_it(copied: Made) -> None:
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by)
    first = reports.draft(by, made.id, NIS2, EARLY)
    assert first.follows is None
    reports.mark_sent(by, first.id, how="portal of the CSIRT", form="json", incomplete="not known yet")
    copied.now += timedelta(hours=1)
    second = reports.draft(by, made.id, NIS2, "notification")
    assert second.follows == first.id
    final = next(one for one in copied.node.incidents.standings(made)[0].deadlines if one.step == "final")
    assert final.due is None
    reports.mark_sent(by, second.id, how="portal of the CSIRT", form="json", incomplete="as far as known")
    final = next(one for one in copied.node.incidents.standings(made)[0].deadlines if one.step == "final")
    assert final.started == micros(copied.now)
    assert final.due is not None
    assert reports.draft(by, made.id, NIS2, "final").follows == second.id
    assert reports.draft(by, made.id, CHINA, FIRST).follows is None


def test_a_second_person_approves_where_the_node_wants_one(copied: Made) -> None:
    copied.node.settings = msgspec.structs.replace(copied.node.settings, report_approval=True)
    by, other, reports = officer(copied), officer(copied, "ros"), copied.node.duty_reports
    made = an_incident(copied, by)
    report = reports.draft(by, made.id, NIS2, EARLY)
    assert "Not approved" in reports.sheet(by, report.id).standing[-1]
    with pytest.raises(BadInput, match="second person"):
        reports.mark_sent(by, report.id, how="portal", form="json", incomplete="not known")
    with pytest.raises(NotAllowed, match="second person"):
        reports.approve(by, report.id)
    assert reports.approve(other, report.id).approved_by == other.user
    assert reports.edit(by, report.id, {"cross-border": "no"}).approved_by is None
    reports.approve(other, report.id)
    assert reports.mark_sent(by, report.id, how="portal", form="json").state is DutyReportState.SENT


def test_a_report_of_an_older_pack_says_so(copied: Made) -> None:
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by)
    report = reports.draft(by, made.id, NIS2, EARLY)
    assert not any("older" in note for note in reports.sheet(by, report.id).notes)
    store = copied.node.store.duty_reports
    kept = store.get(report.id)
    assert kept is not None
    store.replace(msgspec.structs.replace(report, pack="00" * 32), kept[1], version=kept[2])
    copied.node.duty_packs.verify(by, NIS2, "read in the Official Journal")
    sheet = reports.sheet(by, report.id)
    assert "older text of the pack" in sheet.notes[0]
    assert "UNVERIFIED" in sheet.standing[0]


def test_a_report_of_a_hidden_case_is_not_there(copied: Made) -> None:
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by)
    report = reports.draft(by, made.id, NIS2, EARLY)
    hidden(copied, made)
    said = set()
    for asked in (report.id, "report_0000000000000000"):
        with pytest.raises(NotFound) as refused:
            reports.open(by, asked)
        said.add(refused.value.message.replace(asked, "ID"))
    assert len(said) == 1


def test_paper_word_and_json_say_the_same_and_never_that_a_duty_is_met(copied: Made) -> None:
    pypdf = pytest.importorskip("pypdf")
    docx = pytest.importorskip("docx")
    by, reports = officer(copied), copied.node.duty_reports
    made = an_incident(copied, by)
    report = reports.draft(by, made.id, NIS2, EARLY)
    made_as = {form: reports.export(by, report.id, form) for form in ("pdf", "docx", "json")}
    assert made_as == {form: reports.export(by, report.id, form) for form in made_as}
    pages = pypdf.PdfReader(io.BytesIO(made_as["pdf"])).pages
    assert all("UNVERIFIED" in page.extract_text() for page in pages)
    document = docx.Document(io.BytesIO(made_as["docx"]))
    assert document.core_properties.language == "en-GB"
    assert "UNVERIFIED" in document.sections[0].header.paragraphs[0].text
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    texts = {
        "pdf": "\n".join(page.extract_text() for page in pages),
        "docx": "\n".join([*cells, *(one.text for one in document.paragraphs)]),
        "json": made_as["json"].decode(),
    }
    label = "Could it have a cross-border impact?"
    for said in texts.values():
        assert label in " ".join(said.split())
        assert "missing" in said
        assert "complian" not in said.lower()
    assert json.loads(made_as["json"])["format"] == "tocsin-duty-report/1"
    assert {one.date_time for one in zipfile.ZipFile(io.BytesIO(made_as["docx"])).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }
    with pytest.raises(BadInput, match="pdf, docx, json"):
        reports.export(by, report.id, "odt")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_incident_side_by_side(copied: Made, lang: str) -> None:
    pytest.importorskip("typst")
    by = officer(copied)
    made = an_incident(copied, by)
    every = [duty.id for duty in copied.node.duty_packs.every()]
    standings = copied.node.incidents.standings(made, every)
    side = comparison(made, standings, lang=lang, node="node", now=micros(copied.now))
    assert comparison_pdf(side) == comparison_pdf(side)
    told = json.loads(comparison_json(side))
    assert {one["duty"] for one in told["regimes"]} == set(every)
    (china,) = (one for one in told["regimes"] if one["duty"] == CHINA)
    first = china["clocks"][0]
    assert first["due"] == "2026-11-20 22:00 UTC+08:00 (Asia/Shanghai)"
    assert first["due_utc"] == "2026-11-20 14:00 UTC"
    assert ("2 h 0 min" if lang == "en" else "2 小时 0 分钟") in first["left"]
