"""Findings from what was found out: each rule, by a closed list, and never by who or in which language."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.admit.patrol import (
    MAX_FINDINGS,
    ODD,
    UNSETTLED,
    Bill,
    KnownModel,
    Sampled,
    Seen,
    change,
    findings,
    read_declaration,
    sentence,
    verdict,
)
from tocsin.admit.words import sentences
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.labels import LabelReport, Scheme, SchemeFinding, Standing
from tocsin.kernel.patrol import (
    Declaration,
    DeclaredModel,
    PatrolFinding,
    PatrolRule,
    PatrolVerdict,
    SubmissionKind,
)
from tocsin.kernel.release import Tier

R = PatrolRule
MODEL = DeclaredModel("weather-writer", "a" * 64)
PLAIN = Declaration(1, SubmissionKind.APP, "Lottery helper", models=(MODEL,), sbom="bom.json")


def rules(declared: Declaration, **seen: object) -> dict[PatrolRule, str]:
    found, _ = findings(declared, msgspec.convert(seen, Seen))
    return {one.rule: one.about for one in found}


def of(declared: Declaration = PLAIN, **changed: object) -> Declaration:
    return msgspec.structs.replace(declared, **changed)


def report(*standings: Standing, notice: bool | None = None, notes: tuple[str, ...] = ()) -> LabelReport:
    schemes = (Scheme.GB45438, Scheme.C2PA, Scheme.IPTC)
    told = tuple(SchemeFinding(scheme, one) for scheme, one in zip(schemes, standings, strict=False))
    return LabelReport("b" * 64, "png", told, notice, notes)


def test_in_order() -> None:
    assert rules(PLAIN, models=(KnownModel(MODEL, True, Tier.LIMITED),), bill=Bill()) == {}
    assert verdict(()) is PatrolVerdict.NOTHING_FOUND


@pytest.mark.parametrize(
    ("looked", "told"),
    [
        (report(Standing.BROKEN, Standing.VALID), {R.LABEL_BROKEN}),
        (report(Standing.NONE_FOUND, Standing.STRIPPED), {R.LABEL_STRIPPED}),
        (report(Standing.NONE_FOUND, Standing.NONE_FOUND), {R.LABEL_MISSING}),
        (report(Standing.NONE_FOUND, notice=True), set()),
        (report(Standing.VALID_UNTRUSTED), set()),
        (report(Standing.VALID, notes=("polyglot",)), {R.FILE_ODD}),
        (report(Standing.VALID, notes=("unreadable-xmp",)), {R.LABEL_UNREAD}),
        (report(Standing.VALID, notes=("signed",)), set()),
        (None, {R.LABEL_UNREAD}),
    ],
)
def test_labels(looked: LabelReport | None, told: set[PatrolRule]) -> None:
    declared = of(generates=True, samples=("a.png",), kind=SubmissionKind.LISTING)
    assert set(rules(declared, samples=(Sampled("a.png", looked),))) == told


@pytest.mark.parametrize(
    ("tier", "weights", "told"),
    [
        (Tier.WITHHELD, False, {R.MODEL_WITHHELD}),
        (Tier.RESTRICTED, False, {R.MODEL_RESTRICTED}),
        (Tier.STAGED_API, False, set()),
        (Tier.STAGED_API, True, {R.MODEL_WEIGHTS}),
        (Tier.RESTRICTED, True, {R.MODEL_WEIGHTS, R.MODEL_RESTRICTED}),
        (Tier.LIMITED, True, set()),
        (Tier.OPEN_WEIGHTS, True, set()),
    ],
)
def test_a_release_decision_says_how_a_model_may_be_used(
    tier: Tier, weights: bool, told: set[PatrolRule]
) -> None:
    model = msgspec.structs.replace(MODEL, weights=weights)
    assert set(rules(of(models=(model,)), models=(KnownModel(model, True, tier),), bill=Bill())) == told


def test_a_declaration_that_contradicts_itself_is_told_and_not_guessed_at() -> None:
    other = DeclaredModel("weather-writer", "b" * 64)
    again = DeclaredModel("refund-writer", "a" * 64)
    found, _ = findings(
        of(samples=("bom.json",), models=(MODEL, other, again)),
        Seen(bill=Bill(models=(("x/Weather_Writer", "c" * 64),))),
    )
    assert {str(one.values["what"]) for one in found if one.rule is R.CONTRADICTION} == {
        "samples-but-no-generation",
        "one-name-two-models",
        "one-model-two-names",
        "one-file-two-parts",
        "sbom-other-model",
    }


def test_models_of_a_bill_are_known_by_name_or_digest() -> None:
    assert rules(PLAIN, bill=Bill(models=(("hub/Weather_Writer", ""), ("renamed", "a" * 64)))) == {}
    assert rules(PLAIN, bill=Bill(models=(("hub/refund-writer", ""),))) == {
        R.MODEL_UNDECLARED: "hub/refund-writer"
    }
    assert rules(PLAIN) == {R.SBOM_MISSING: "submission.yaml"}


def test_many_findings_are_cut_and_counted_and_told_once() -> None:
    affected = {f"package-{at} 1": "PYSEC-1" for at in range(MAX_FINDINGS + 7)}
    found, more = findings(PLAIN, Seen(bill=Bill(affected=affected)))
    assert (len(found), more) == (MAX_FINDINGS, 7)
    known = KnownModel(MODEL)
    assert len(findings(PLAIN, Seen(models=(known, known), bill=Bill()))[0]) == 1


def test_every_rule_has_its_sentence_and_its_change_in_both_languages() -> None:
    for rule in PatrolRule:
        one = PatrolFinding(rule, "a.png", rule not in UNSETTLED, {"what": "polyglot", "ids": "X-1"})
        for language in ("en", "zh"):
            assert sentence(one, language) != f"patrol.{rule.value}"
            assert change(one, language) != f"patrol.change.{rule.value}"
    assert {f"what.{note}" for note in ODD} <= set(sentences())


WRITTEN = st.text(min_size=1, max_size=40)


@settings(max_examples=60)
@given(WRITTEN, WRITTEN, WRITTEN, WRITTEN)
def test_what_it_is_called_and_in_which_script_makes_no_difference(
    title: str, reference: str, other_title: str, other_reference: str
) -> None:
    seen = Seen(
        (Sampled("a.png", report(Standing.BROKEN)),), (KnownModel(MODEL),), Bill(affected={"x 1": "Y"})
    )
    one = findings(of(title=title, reference=reference, samples=("a.png",)), seen)
    other = findings(of(title=other_title, reference=other_reference, samples=("a.png",)), seen)
    assert one == other


@pytest.mark.parametrize("field", ["country", "language", "developer", "author", "nationality", "lang"])
def test_nothing_about_people_can_be_declared(field: str) -> None:
    with pytest.raises(BadInput, match=field):
        read_declaration(f"version: 1\nkind: app\ntitle: x\n{field}: y\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version: 2\nkind: app\ntitle: x",
        "version: 1\nkind: game\ntitle: x",
        "version: 1\nkind: app\ntitle: x\nmodels: [{name: x, digest: abc}]",
        "version: 1\nkind: app\ntitle: x\nsamples: ['']",
        "version: 1\nkind: app\ntitle: x\nsbom: /bom.json",
        "a: &a [*a]",
        "[" * 5_000,
        "version: 1\nkind: app\ntitle: \x00",
    ],
)
def test_a_bad_declaration_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"submission\.yaml"):
        read_declaration(text.encode())


def test_a_huge_declaration_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_declaration(b"#" * 70_000)
