"""What a node labelled is recognised without its label: by its own people, in a case, for a time, and counted."""

from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.cases_made_up import person
from tests.fixtures import Made
from tocsin.app import labelled as room
from tocsin.app.case_opening import NewCase
from tocsin.kernel import BadInput, NotAllowed, NotFound, Role
from tocsin.kernel.cases import CaseOrigin, CaseWords
from tocsin.label.formats import Format
from tocsin.label.looking import looked_at

FOR = "Was this picture ours?"


def _case(made: Made) -> str:
    words = CaseWords(title="lottery refund")
    return made.node.cases.open(None, NewCase(origin=CaseOrigin.OWN, words=words)).id


def _picture(place: Path, shift: int = 0) -> Path:
    picture = Image.linear_gradient("L").resize((200, 200)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20 + shift, 30, 120 + shift, 90), fill="navy")
    draw.rectangle((100, 120 - shift, 180, 190 - shift), fill="orange")
    picture.save(place)
    return place


def _kept(made: Made, file: Path, content_id: str = "lottery-1") -> None:
    format_, sha256 = looked_at(file)
    assert made.node.labelled.keep(file, format_, sha256, content_id) is not None


def test_a_stripped_copy_is_recognised_and_another_picture_is_not(made: Made, tmp_path: Path) -> None:
    rolf, case = person(made, "rolf", Role.REVIEWER), _case(made)
    ours = _picture(tmp_path / "ours.png")
    _kept(made, ours)
    Image.open(ours).resize((120, 120)).save(tmp_path / "copy.jpg", quality=60)
    same = made.node.labelled.recognise(rolf, case, ours, purpose=FOR)
    assert [(one.content_id, one.same, one.differs) for one in same.found] == [("lottery-1", True, 0)]
    copy = made.node.labelled.recognise(rolf, case, tmp_path / "copy.jpg", purpose=FOR)
    assert [(one.content_id, one.same) for one in copy.found] == [("lottery-1", False)]
    assert copy.found[0].differs <= 8
    other = made.node.labelled.recognise(rolf, case, _picture(tmp_path / "other.png", 60), purpose=FOR)
    assert (other.found, other.looked, other.told_by, other.days) == ((), 1, "picture", 180)
    audit = made.node.store.audit.read(act="label.recall")
    assert {row.subject for row in audit} == {case}
    assert {row.purpose for row in audit} == {FOR}
    assert sorted(str(row.detail["found"]) for row in audit) == ["0", "1", "1"]


def test_what_is_asked_about_is_not_kept(made: Made, tmp_path: Path) -> None:
    rolf, case = person(made, "rolf", Role.REVIEWER), _case(made)
    asked = _picture(tmp_path / "asked.png")
    for _ in range(2):
        assert made.node.labelled.recognise(rolf, case, asked, purpose=FOR).found == ()


def test_after_its_time_it_is_forgotten(made: Made, tmp_path: Path) -> None:
    rolf, case = person(made, "rolf", Role.REVIEWER), _case(made)
    ours = _picture(tmp_path / "ours.png")
    _kept(made, ours)
    made.now += timedelta(days=181)
    assert made.node.labelled.recognise(rolf, case, ours, purpose=FOR).found == ()
    assert made.node.labelled.expire() == 1
    assert made.node.labelled.expire() == 0


def test_it_takes_a_role_a_case_and_a_purpose(made: Made, tmp_path: Path) -> None:
    ours = _picture(tmp_path / "ours.png")
    ana, rolf = person(made, "ana", Role.ANALYST), person(made, "rolf", Role.REVIEWER)
    recognise, case = made.node.labelled.recognise, _case(made)
    with pytest.raises(NotAllowed, match=r"label\.recall"):
        recognise(ana, case, ours, purpose=FOR)
    with pytest.raises(NotFound):
        recognise(rolf, "case-none", ours, purpose=FOR)
    with pytest.raises(BadInput, match="for what"):
        recognise(rolf, case, ours, purpose=" ")


def test_a_case_has_some_files_and_no_collection(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolf, case = person(made, "rolf", Role.REVIEWER), _case(made)
    monkeypatch.setattr(room, "MAX_FILES_A_CASE", 1)
    first = _picture(tmp_path / "first.png")
    for _ in range(2):
        made.node.labelled.recognise(rolf, case, first, purpose=FOR)
    with pytest.raises(NotAllowed, match="files of this case"):
        made.node.labelled.recognise(rolf, case, _picture(tmp_path / "second.png", 9), purpose=FOR)
    assert made.node.store.audit.read(act="label.recall")[0].outcome == "refused"


def test_an_operator_may_keep_nothing(made: Made, tmp_path: Path) -> None:
    file = made.node.data / "settings.toml"
    file.write_text(file.read_text().replace("label_recall_days = 180", "label_recall_days = 0"))
    again = Made(made.node.data, made.now, made.token)
    ours = _picture(tmp_path / "ours.png")
    assert again.node.labelled.keep(ours, Format.PNG, "a" * 64, "lottery-1") is None
    again.node.close()
