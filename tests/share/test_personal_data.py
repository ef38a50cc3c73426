"""What is found in free text, how much of it, and what the gate does then."""

from pathlib import Path

import pytest

from benchmarks.personal_data import corpus, measured, table
from tests.share.cases import PERSONAL, forbidden
from tests.share.said import changed, confirmed, foreign, of_type, signed, standing, with_basis
from tocsin.kernel import Record, Verdict
from tocsin.share import decide
from tocsin.share.fields import TABLES
from tocsin.trust.policy import Policies
from tocsin.wire.personal_data import DETECTORS, personal_data_in
from tocsin.wire.stix import wording

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sharing.md").read_text("utf-8")
FLOOR = {
    "account": 0.99,
    "address": 0.95,
    "card": 0.99,
    "email": 0.85,
    "handle": 0.8,
    "national-id": 0.8,
    "phone": 0.85,
}


def rule_of(record: Record) -> str:
    records = tuple(record if one.id == record.id else one for one in confirmed())
    draft = decide(Policies.load(), records, standing(), forbidden)
    (found,) = (one for one in draft.manifest.entries if one.id == record.id)
    assert found.verdict is Verdict.REFUSE
    return found.rule


def test_recall_and_precision_are_what_the_page_says() -> None:
    figures = measured()
    assert set(figures) == set(DETECTORS) == set(FLOOR)
    for kind, (recall, precision) in figures.items():
        assert recall >= FLOOR[kind], kind
        assert precision >= 0.99, kind
    assert table() in PAGE


def test_the_corpus_is_the_same_every_time() -> None:
    assert corpus() == corpus()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to ana@refund.example", "email"),
        ("write to ana [at] refund [dot] example", "email"),
        ("call +49 30 901820", "phone"),
        ("\u0665\u0665\u0665-\u0660\u0661\u0662-\u0663\u0664\u0665\u0666", "phone"),
        ("IBAN DE89 3704 0044 0532 0130 00", "account"),
        ("4111-1111-1111-1111", "card"),
        ("from 192.0.2.17", "address"),
        ("from 2001:db8::17", "address"),
        ("as @lottery_fan says", "handle"),
        ("see t.me/lottery_fan", "handle"),
        ("11010519491231002X", "national-id"),
        ("12345678Z", "national-id"),
        ("529.982.247-25", "national-id"),
    ],
)
def test_each_kind_is_found(text: str, kind: str) -> None:
    assert kind in personal_data_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111-1111-1111-1112",
        "11010519491231002X9",
        "12345678A",
        "terms of use, section 4",
        "2026-03-05",
        "317 events by 23 accounts",
        "\u7528\u6237\u6761\u6b3e\u7b2c4\u6761",
        "RFC 8785, section 3.2.3",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert personal_data_in(text) == ()


def test_no_sentence_of_ours_holds_any() -> None:
    names = (*wording.campaign_names(), *wording.indicator_names(), *wording.report_names())
    own = (wording.IDENTITY, wording.CAMPAIGN, wording.INDICATOR, wording.DISMISSAL, wording.REPORT_TOO_SHORT)
    assert [text for text in (*names, *own) if personal_data_in(text)] == []
    assert [name for table in TABLES.values() for name in table.fields if personal_data_in(name)] == []


@pytest.mark.parametrize("secret", PERSONAL)
def test_a_record_that_needs_the_field_is_refused_and_the_rule_named(secret: str) -> None:
    campaign = of_type(confirmed(), "campaign")
    assert rule_of(with_basis(campaign, f"see {secret} there")).startswith("gate.personal-data: ")
    assert rule_of(foreign(signed(with_basis(campaign, f"see {secret} there")))).startswith(
        "gate.personal-data: "
    )


def test_the_kind_is_named() -> None:
    identity = of_type(confirmed(), "identity")
    assert rule_of(changed(identity, name="ana@refund.example")) == "gate.personal-data: email"
