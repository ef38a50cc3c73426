"""What a rule may say, and what is refused by name."""

import pytest

from tests.sigma_rules import SAYS_REFUND, correlation, rule, uuid_of
from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.sigma import (
    Base,
    CorrelationKind,
    Like,
    Not,
    Place,
    Rule,
    Wild,
    leaves,
    read_rule,
    travel_form,
)
from tocsin.wire.sigma.conditions import REFUSED
from tocsin.wire.sigma.parsing import MAX_DOCUMENTS, MAX_RULE_BYTES, MAX_YAML_DEPTH


def read(text: str) -> Rule:
    return read_rule(text.encode(), "mine.yml")


def only(text: str) -> Base:
    (base,) = read(text).bases
    return base


def test_a_single_rule() -> None:
    found = read(rule(SAYS_REFUND, kind="content.post", more="status: experimental"))
    assert (found.id, found.category, found.level) == (uuid_of(1), "fraud.scam", "high")
    assert found.experimental
    assert found.correlation is None
    assert found.bases[0].place is Place.DOOR
    fields = [leaf.field.name for leaf in leaves(found.bases[0].condition)]
    assert fields == ["kind", "text.folded", "text.genuine"]


def test_values_are_asked_for_in_the_form_in_which_texts_lie() -> None:
    asked = [
        leaf.pieces
        for leaf in leaves(only(rule("selection:\n  text|contains: ' L0ttery  Refund '")).condition)
        if isinstance(leaf, Like)
    ]
    assert asked == [
        (Wild.MANY, " lottery refund ", Wild.MANY),
        (Wild.MANY, " l0ttery refund ", Wild.MANY),
    ]


def test_keywords_stand_somewhere_in_the_text() -> None:
    condition = only(rule("keywords:\n  - one thing\n  - another", condition="keywords")).condition
    assert {leaf.pieces for leaf in leaves(condition) if isinstance(leaf, Like)} == {
        (Wild.MANY, "one thing", Wild.MANY),
        (Wild.MANY, "another", Wild.MANY),
    }


def test_null_and_exists_false_are_the_same() -> None:
    first = only(rule("selection:\n  tool: null")).condition
    assert first == only(rule("selection:\n  tool|exists: false")).condition
    assert isinstance(first, Not)


@pytest.mark.parametrize("kind", list(CorrelationKind))
def test_the_four_correlations(kind: CorrelationKind) -> None:
    condition = "{gt: 4, field: session}" if kind is CorrelationKind.VALUE_COUNT else "{gt: 4}"
    found = read(
        correlation(kind.value, SAYS_REFUND, "selection:\n  tool: mail", condition=condition)
    ).correlation
    assert found is not None
    assert found.kind is kind
    assert found.steps == (0, 1)
    assert found.span == 3_600_000_000
    assert found.least == (1 if "temporal" in kind else 5)


@pytest.mark.parametrize(
    ("detection", "named"),
    [
        ("selection:\n  Image: cmd.exe", "'Image'"),
        ("selection:\n  'text; DROP TABLE events --': x", "text; DROP TABLE"),
        ("selection:\n  'attributes.a\"b': x", "attributes.a"),
        ("selection:\n  'attributes.a/b': x", "attributes.a/b"),
        ("selection:\n  attributes.a.b.c.d.e.f.g.h.i: x", "attributes.a"),
        ("selection:\n  observables.passport|exists: true", "observables.passport"),
        ("selection:\n  observables.wallet: abc", "observables.wallet"),
        ("selection:\n  actor: abc\n  kind: x", "actor"),
        ("selection:\n  actor|exists: true", "correlation"),
        ("selection:\n  session|exists: true", "correlation"),
        ("selection:\n  text|exists: true\n  signals.category: fraud.scam", "temporal"),
        ("selection:\n  text|cased: Abc", "cased"),
        ("selection:\n  text|gt: 3", "text"),
        ("selection:\n  text|re: '(?=x)'", "invalid"),
        ("selection:\n  text|re: '('", "invalid"),
        *((f"selection:\n  text|{name}: '10.0.0.0/8'", name) for name in REFUSED if name != "fieldref"),
        ("selection:\n  text|fieldref: kind", "fieldref"),
        ("selection:\n  text|windash|contains: '-x'", "windash"),
        ("selection:\n  text|wide|base64offset|contains: abc", "wide"),
        ("selection:\n  text|contains|sideways: abc", "sideways"),
        ("selection:\n  text: '" + "x" * 1_001 + "'", "text"),
        ("selection:\n  text: 'a*b*c*d*e*f*g*h*i*j*'", "text"),
    ],
)
def test_what_is_refused_is_named(detection: str, named: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(rule(detection))
    assert "mine.yml" in refused.value.message
    assert any(one in refused.value.message for one in named.split("|"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "one rule"),
        ("[]", "rule"),
        ("a: &x 1\nb: *x", "anchors"),
        ("a: !!python/object:os.system x", "tags"),
        ("{" * 40, "levels|YAML"),
        (rule(SAYS_REFUND) + "---\n" + rule(SAYS_REFUND, number=2), "one rule"),
        (rule(SAYS_REFUND, head=False), "conduct"),
        (rule(SAYS_REFUND, category="politics.protest"), "never a category"),
        (rule(SAYS_REFUND, category="sorcery.general"), "list of conduct"),
        (rule(SAYS_REFUND).replace("product: tocsin", "product: windows"), "product"),
        (rule(SAYS_REFUND, kind="process_creation"), "category"),
        (rule(SAYS_REFUND).replace("id: ", "ref: "), "`id`"),
        (rule(SAYS_REFUND, condition="selection | count() > 5"), "pipe"),
        (rule(SAYS_REFUND, condition="[selection, selection]"), "one condition"),
        (rule(SAYS_REFUND, condition="missing"), "missing"),
        (rule(SAYS_REFUND, condition="(" * 40 + "selection" + ")" * 40), "deeper"),
        (rule(SAYS_REFUND, condition=" and ".join(["selection"] * 200)), "characters"),
        (correlation("value_sum", SAYS_REFUND, condition="{gte: 3, field: actor}"), "type is one of"),
        (correlation("event_count", SAYS_REFUND, condition="{lt: 3}"), "fewer"),
        (correlation("event_count", SAYS_REFUND, condition="{gte: 0}"), "counts from 1"),
        (correlation("event_count", SAYS_REFUND, condition="{gte: 3, field: actor}"), "value_count"),
        (correlation("value_count", SAYS_REFUND, condition="{gte: 3, field: text}"), "'text'"),
        (
            correlation("event_count", SAYS_REFUND, group_by="['actor\"; DROP TABLE x --']"),
            "there is no field",
        ),
        (correlation("event_count", SAYS_REFUND, group_by="[attributes.user]"), "cannot group by"),
        (correlation("event_count", SAYS_REFUND, span="15d"), "14 days"),
        (correlation("event_count", SAYS_REFUND, span="'1h; DROP TABLE x'"), "Timespan"),
        (correlation("temporal", SAYS_REFUND), "two rules"),
        (correlation("event_count", SAYS_REFUND).replace("rules: [a]", "rules: [elsewhere]"), "elsewhere"),
    ],
)
def test_a_file_that_is_no_rule_here(text: str, named: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert any(one in refused.value.message for one in named.split("|")), refused.value.message


def test_bounds() -> None:
    with pytest.raises(TooLarge):
        read("#" * (MAX_RULE_BYTES + 1))
    with pytest.raises(TooLarge):
        read("--- a\n" * (MAX_DOCUMENTS + 1))
    with pytest.raises(TooLarge):
        read("[" * (MAX_YAML_DEPTH + 1) + "]" * (MAX_YAML_DEPTH + 1))
    with pytest.raises(BadInput):
        read_rule(b"\xff\xfe", "mine.yml")


def test_the_travelling_form_says_the_same_and_nothing_else() -> None:
    text = correlation("value_count", SAYS_REFUND, condition="{gte: 5, field: actor}") + (
        "\n# a note to myself about Mr. X\nauthor: somebody\nreferences: [https://a.example/case/7]\n"
    )
    said = travel_form(text, uuid_of(77))
    assert read(said).correlation == read(text).correlation
    assert [base.condition for base in read(said).bases] == [base.condition for base in read(text).bases]
    assert "somebody" not in said
    assert "Mr. X" not in said
    assert "example" not in said
    assert said.count("-0000-") == uuid_of(77).count("-0000-"), "one id, and that of what carries it"
    assert read(said).id == uuid_of(77)
    assert travel_form(said, uuid_of(77)) == said


def test_rules_without_names_get_one_for_the_journey() -> None:
    text = correlation("temporal", SAYS_REFUND, "selection:\n  tool: mail")
    text = (
        text.replace("name: a\n", "")
        .replace("name: b\n", "")
        .replace("[a, b]", f"[{uuid_of(101)}, {uuid_of(100)}]")
    )
    said = travel_form(text, uuid_of(77))
    assert read(said).correlation == read(text).correlation
    assert [base.name for base in read(said).bases] == ["part-1", "part-2"]
