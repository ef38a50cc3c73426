"""Packs: what is there, what is refused and how it is told, and the floor under own ones."""

from importlib import resources
from pathlib import Path

import pytest

from tocsin.cases.duties import duties_of, facts, packaged, packs_of, read_own, read_pack
from tocsin.cases.duties.models import Confirmed
from tocsin.kernel import BadInput

NIS2 = resources.files("tocsin.taxonomy").joinpath("duties", "nis2.yaml").read_text("utf-8")


def test_no_packaged_pack_is_verified_and_all_are_sourced() -> None:
    for pack in packaged():
        assert not pack.verified
        for duty in pack.duties:
            stated = [
                duty.period,
                *duty.scope,
                *(rule for grade in duty.grades for rule in grade.rules),
                *(step.start for step in duty.steps),
                *(clock for step in duty.steps for clock in step.clocks),
                *(recipient for step in duty.steps for recipient in step.to),
                *(field for section in duty.sections for field in section.fields),
            ]
            assert all(one.source in pack.sources.values() for one in stated)
            assert all(
                rule.at_least is not None or rule.confirmed is Confirmed.UNCONFIRMED
                for grade in duty.grades
                for rule in grade.rules
            )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("zone: Europe/Brussels", "zone: Europe/Brusels", "time zone"),
        ("zone: Europe/Brussels", "zne: Europe/Brussels", "line 16 `zne`"),
        ("edition: 1", "edition: 1\nedition: 2", "line 5: `edition` stands there twice"),
        ("value: 72, unit: hours", "value: 72, unit: hrs", "clocks[0].within.unit`"),
        ("value: 72, unit: hours", "value: 0, unit: hours", "hours from 1 to"),
        ("after: notification", "after: notice", "no 'notice'"),
        ("fact: significant_incident", "fact: significance", "tocsin duty facts"),
        (
            "confirmed: S, source: directive}\n        to",
            "confirmed: S, source: law}\n        to",
            "`sources`",
        ),
        ('verified_by: ""', "verified_by: A. Person", "`verified_on` go together"),
        ("holidays: {country: BE}", "holidays: {country: QQ}", "calendar of days off"),
        ("answer: fact/malicious", "answer: fact/malice", "`answer` is"),
        ("sources:", "sources: &all", "anchors"),
        ("72, unit: hours}, confirmed", "72, unit: hours}, grade: worst, confirmed", "no 'worst'"),
        ("reportable_from: significant", "reportable_from: grave", "reportable_from"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, told: str) -> None:
    assert old in NIS2
    with pytest.raises(BadInput, match=r"^house") as error:
        read_pack(NIS2.replace(old, new, 1).encode(), "house.yaml")
    assert told in error.value.message


def test_a_step_whose_clocks_leave_a_grade_out_is_refused() -> None:
    graver = NIS2.replace(
        "  - id: significant", "  - {id: worse, label: {en: worse}, rules: []}\n  - id: significant"
    )
    gap = graver.replace("72, unit: hours}, confirmed", "72, unit: hours}, grade: worse, confirmed")
    assert read_pack(graver.encode(), "house.yaml").duties
    with pytest.raises(BadInput, match="no clock holds from grade significant on"):
        read_pack(gap.encode(), "house.yaml")


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        ("0", "above 0"),
        (".inf", "above 0"),
        ("true", "above 0"),
        ("1e26", "1.0e+26"),
        ("2.0e+9", "gravest first"),
    ],
)
def test_a_figure_that_cannot_be_one_is_refused(figure: str, told: str) -> None:
    china = resources.files("tocsin.taxonomy").joinpath("duties", "china.yaml").read_text("utf-8")
    old = "{fact: people_leaked, at_least: 1000000,"
    assert old in china
    with pytest.raises(BadInput, match="larger people_leaked") as error:
        read_pack(china.replace(old, f"{{fact: people_leaked, at_least: {figure},").encode(), "china.yaml")
    assert told in error.value.message


def test_what_is_too_much_or_no_text_is_refused() -> None:
    for data, told in (
        (b"", "is empty"),
        (b"\xff\xfe", "no UTF-8"),
        (b"a: [", "no YAML"),
        (b"[" * 40 + b"]" * 40, "levels"),
        (b"#" * (129 << 10), "is the most"),
        (b"? [a, b]\n: 1", "a plain word"),
    ):
        with pytest.raises(BadInput, match=told):
            read_pack(data, "house.yaml")


def test_everything_that_people_read_is_there_in_both_languages() -> None:
    assert all(
        set(one.label) >= {"en", "zh"} and set(one.question) >= {"en", "zh"} for one in facts().values()
    )
    for duty in duties_of(packaged()).values():
        words = [duty.title, duty.who, *duty.notes, *(grade.label for grade in duty.grades)]
        words += [section.label for section in duty.sections]
        words += [field.label for section in duty.sections for field in section.fields]
        words += [one for step in duty.steps for one in (step.label, *(to.name for to in step.to))]
        assert all(set(one) >= {"en", "zh"} and all(one.values()) for one in words)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 24, unit: hours", "value: 20, unit: hours"),
        ("value: 1, unit: months", "value: 28, unit: days"),
        ('verified_on:\nverified_by: ""', "verified_on: 2026-11-20\nverified_by: A. Person"),
    ],
)
def test_an_own_pack_may_ask_for_more(old: str, new: str) -> None:
    pack = read_own(NIS2.replace(old, new, 1).encode(), "nis2.yaml")
    assert pack.overrides
    assert pack.weaker == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 24, unit: hours", "value: 25, unit: hours"),
        ("value: 1, unit: months", "value: 31, unit: days"),
        ("status: in-force", "status: in-force\napplies_from: 2030-01-01"),
        ("answer: fact/malicious, first: true", "answer: fact/malicious, required: false, first: true"),
    ],
)
def test_an_own_pack_that_asks_for_less_needs_a_person_who_answers_for_it(old: str, new: str) -> None:
    less = NIS2.replace(old, new, 1)
    with pytest.raises(BadInput, match="asks for less"):
        read_own(less.encode(), "nis2.yaml")
    answered = f"{less}replaces: {{by: A. Person, day: 2026-11-20, reason: our law says so}}\n"
    pack = read_own(answered.encode(), "nis2.yaml")
    assert len(pack.weaker) == 1


def test_own_packs_stand_beside_the_packaged_ones(tmp_path: Path) -> None:
    assert [one.id for one in packs_of(tmp_path / "none")] == [one.id for one in packaged()]
    (tmp_path / "house.yaml").write_text(NIS2.replace("id: nis2", "id: house"), "utf-8")
    found = {one.id: one for one in packs_of(tmp_path)}
    assert found["house"].own
    assert not found["house"].overrides
    assert set(found) == {"house", *(one.id for one in packaged())}
