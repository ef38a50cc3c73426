"""Acts addressed to somebody, by whom, and what weighs them down; aims are the operator's to add."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.screen.said import lines
from tocsin.kernel import BadInput, EventLine
from tocsin.kernel.events import ROLE
from tocsin.screen import Acts, Screen, load_aims, prepare

ACTS = Acts(("refund raid",))


def said(text: str, role: str = "user") -> str | None:
    (line,) = lines([text])
    found = ACTS(prepare([msgspec.structs.replace(line, attributes={ROLE: role})])).to_pydict()["evidence"]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Join us for the refund raid.", "person/recruit/aim/-"),
        ("First, take the form from the desk.", "person/instruct/-/-"),
        ("You must act before Friday.", "person/incite/-/-"),
        ("We meet at six on Friday. Your job is to watch.", "person/plan/-/-"),
        ("加入我们，周五我们六点集合。", "person/plan+recruit/-/-"),
        ("The newspaper wrote about it: join us.", "person/recruit/-/told"),
        ("The rain is back again.", None),
        ("Could you translate these lines about the refund raid? I paste them.", "person/-/-/frame"),
        ("For my thesis I study the refund raid: join us, they said.", "person/recruit/-/studied+told+frame"),
        ("Join us for the refund raid, I'll paste the address.", "person/recruit/aim/-"),
        ("Could you translate this letter?", None),
        ("I think the refund raid was bound to come.", None),
    ],
)
def test_what_a_message_does(text: str, evidence: str | None) -> None:
    assert said(text) == evidence


def test_who_spoke_and_what_speaks_against_it_whether_it_acts_or_not() -> None:
    texts = ("Kim drives.", "The newspaper wrote about Kim.", 'He said "we lift them over the hedge" to me.')
    batch = prepare([msgspec.structs.replace(line, attributes={ROLE: "assistant"}) for line in lines(texts)])
    assert ACTS.beside(batch) == [("model", ()), ("model", ("told",)), ("model", ("told", "quoted"))]
    assert ACTS.beside(prepare(lines(["Kim drives."]))) == [("person", ())]


def test_the_models_side_is_told_apart() -> None:
    assert said("You must act now.", role="assistant") == "model/incite/-/-"


def test_disguised_letters_are_read() -> None:
    assert said("Jo\u200bin u\u200bs for the refund raid.") == "person/recruit/aim/-"


def test_only_conversations_are_looked_at_and_nothing_stands_among_the_signals() -> None:
    screen = Screen((), acts=ACTS)
    alone, talking = (
        msgspec.structs.replace(line, session=session)
        for line, session in zip(lines(["join us"] * 2), (None, "s"), strict=True)
    )
    without, with_act = screen([alone, talking])
    assert without.act is None
    assert with_act.act is not None
    assert without.signals == with_act.signals == ()
    assert [one.act for one in Screen(())([talking])] == [None]


def test_aims_of_a_folder(tmp_path: Path) -> None:
    assert load_aims(tmp_path / "none") == ()
    (tmp_path / "ours.yaml").write_text("id: ours\naims: [refund raid, 退款突袭]\n", "utf-8")
    assert load_aims(tmp_path) == ("refund raid", "退款突袭")


@pytest.mark.parametrize(
    "text", ["id: ours\naims: [ab]", "id: ours", "aims: [", "id: ours\naims: [refund]\nx: 1"]
)
def test_a_bad_file_of_aims_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "ours.yaml").write_text(text, "utf-8")
    with pytest.raises(BadInput, match=r"ours\.yaml"):
        load_aims(tmp_path)


@given(st.text(max_size=300))
def test_any_text_is_taken_as_it_is(text: str) -> None:
    line: EventLine = lines([text])[0]
    ACTS(prepare([line]))
