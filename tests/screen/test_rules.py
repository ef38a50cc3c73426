"""Rules at the door: the matcher and the database, two programs, find the same in any batch."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.screen.said import AT
from tests.sigma_rules import SAYS_REFUND, correlation, rule
from tocsin.kernel import EventLine, Kind
from tocsin.screen import PREPARED, prepare, rules
from tocsin.screen.rules import SILENT, STRENGTH, RuleSearch, needles_of
from tocsin.store.sigma import SigmaEngine
from tocsin.wire.sigma import (
    And,
    Base,
    Compare,
    Exists,
    Is,
    Like,
    Node,
    Not,
    Or,
    Place,
    Regex,
    Rule,
    Wild,
    read_rule,
)
from tocsin.wire.sigma.fields import field_of

ENGINE = SigmaEngine()


def said_of(text: str, *lines: EventLine, loud: bool = True) -> list[tuple[int, str, float]]:
    """Row, evidence and strength of what a rule says."""
    search = RuleSearch([(read_rule(text.encode(), "mine"), loud)])
    return [(one["row"], one["evidence"], one["strength"]) for one in search(prepare(lines)).to_pylist()]


def line(text: str = "", **changes: object) -> EventLine:
    fields = {
        "id": "e",
        "time": AT,
        "source": "forum",
        "kind": Kind.POST,
        "actor": "a",
        "text": text,
        **changes,
    }
    return EventLine(**fields)  # type: ignore[arg-type]


def holds(detection: str, one: EventLine, *, condition: str = "selection") -> bool:
    """Whether a rule holds of an event: asked of the matcher and of the database, which must agree."""
    text = rule(detection, condition=condition)
    at_door = bool(said_of(text, one))
    (rows,) = ENGINE.matching(prepare([one]), [read_rule(text.encode(), "mine").bases[0].condition])
    assert at_door == bool(len(rows))
    return at_door


def test_a_finding_names_the_rule_and_weighs_as_its_level_says() -> None:
    text = rule(SAYS_REFUND, level="critical")
    (found,) = said_of(text, line("good day"), line("your LOTTERY refund"))
    assert found == (1, "5f0c0000-0000-0000-0000-000000000001/0", STRENGTH["critical"])
    assert said_of(text, line("good day")) == []


def test_what_is_in_shadow_or_only_joined_weighs_nothing() -> None:
    hit = line("your lottery refund")
    assert [strength for *_, strength in said_of(rule(SAYS_REFUND), hit, loud=False)] == [SILENT]
    assert [strength for *_, strength in said_of(correlation("event_count", SAYS_REFUND), hit)] == [SILENT]


@pytest.mark.parametrize(
    "text", ["Your l0ttery  REFUND is here", "Yоur lоttеry rеfund", "lot\u200btery refund", "LOTTERY\nREFUND"]
)
def test_disguises_are_folded(text: str) -> None:
    assert holds(SAYS_REFUND, line(text))


@pytest.mark.parametrize(
    ("detection", "yes", "no"),
    [
        ("selection:\n  text: lottery", line("Lottery"), line("a lottery")),
        ("selection:\n  text: '10*%_'", line("10 or 20 %_"), line("10 or 20 ab")),
        ("selection:\n  text|contains: 'a_b'", line("xa_bx"), line("xacbx")),
        ("selection:\n  text|contains: 'a?b'", line("xacbx"), line("xabx")),
        (r"selection:" + "\n" + r"  text|contains: '100\*'", line("costs 100*"), line("costs 1000")),
        ("selection:\n  text|startswith: dear", line("Dear all"), line("my dear")),
        ("selection:\n  text|endswith: refund", line("a refund"), line("refund me")),
        ("selection:\n  text|contains|all: [one, two]", line("two one"), line("one")),
        ("selection:\n  text|re: 'lottery (refund|prize)'", line("Lottery Prize"), line("lottery ticket")),
        ("selection:\n  text|neq: lottery", line("prize"), line("lottery")),
        ("selection:\n  text|contains: 彩票退款", line("您的彩票退款"), line("彩票")),
        ("selection:\n  model|startswith: Small", line(model="SMALL-1"), line(model="large")),
        ("selection:\n  model|startswith|cased: Small", line(model="Small-1"), line(model="SMALL-1")),
        ("selection:\n  tool|exists: true", line(tool="mail"), line()),
        ("selection:\n  kind: tool.call", line(kind=Kind.TOOL_CALL), line()),
        ("selection:\n  attributes.n|gte: 3", line(attributes={"n": 3}), line(attributes={"n": "3"})),
        ("selection:\n  attributes.n|lt: 2.5", line(attributes={"n": 2.25}), line(attributes={"n": True})),
        ("selection:\n  attributes.n: 3", line(attributes={"n": 3.0}), line(attributes={"n": "3"})),
        ("selection:\n  attributes.on: true", line(attributes={"on": True}), line(attributes={"on": "true"})),
        ("selection:\n  attributes.a.b: X", line(attributes={"a": {"b": "x"}}), line(attributes={"a": "x"})),
        ("selection:\n  attributes.a.b: x", line(attributes={"a.b": "x"}), line(attributes={"a.b": None})),
        ("selection:\n  attributes.a: null", line(), line(attributes={"a": 1})),
        ("selection:\n  attributes.a|re: '^x+$'", line(attributes={"a": "xx"}), line(attributes={"a": "xy"})),
    ],
)
def test_values_and_modifiers(detection: str, yes: EventLine, no: EventLine) -> None:
    assert holds(detection, yes)
    assert not holds(detection, no)


@pytest.mark.parametrize(
    "value",
    ["' OR 1=1 --", "'); DROP TABLE events; --", "\\'; SELECT 1; --", '"', "%", "_", "\\", "$$", "?", "é'"],
)
def test_a_value_is_a_value_and_never_a_query(value: str) -> None:
    quoted = "'" + value.replace("\\", "\\\\").replace("?", "\\?").replace("'", "''") + "'"
    for detection in (
        f"selection:\n  text|contains: {quoted}",
        f"selection:\n  model: {quoted}",
        f"selection:\n  attributes.a|startswith: {quoted}",
    ):
        assert not holds(detection, line("good day", model="small", attributes={"a": "x"}))
    assert holds(f"selection:\n  model: {quoted}", line(model=value))
    assert holds(f"selection:\n  text|contains: {quoted}", line(f"see {value} here"))


def test_negation_of_what_is_not_known_holds() -> None:
    assert holds("selection:\n  model: small", line(), condition="not selection")
    assert holds("selection:\n  attributes.n|gt: 3", line(), condition="not selection")
    assert not holds("selection:\n  model: small", line(model="small"), condition="not selection")


def test_expressions_too_large_for_one_set_are_still_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SET_BYTES", 1 << 10)
    assert said_of(rule("selection:\n  text|re: 'lottery (refund|prize){1,40}'"), line("lottery refund"))


TEXTS = st.text("ab%_ *\\'é", max_size=8)
EXPRESSIONS = st.sampled_from(["a+b", "^a", "b$", "a.b", "(a|b){2}", "%"])
PIECES = st.lists(st.one_of(TEXTS.filter(bool), st.sampled_from(Wild)), min_size=1, max_size=4).map(tuple)
NAMES = st.sampled_from(["text.folded", "text.genuine", "model", "tool", "attributes.a", "attributes.b.c"])


@st.composite
def some_leaf(draw: st.DrawFn) -> Node:
    field = field_of(draw(NAMES), "")
    kinds: list[Node] = [
        Like(field, draw(PIECES), cased=True),
        Exists(field),
        Regex(field, draw(EXPRESSIONS), draw(st.sampled_from(["", "i"]))),
    ]
    if field.path:
        number = draw(st.integers(-2, 2))
        kinds += [
            Is(field, float(number)),
            Is(field, draw(st.booleans())),
            Compare(field, draw(st.sampled_from(["<", "<=", ">", ">="])), number),
        ]
    return draw(st.sampled_from(kinds))


CONDITIONS: st.SearchStrategy[Node] = st.recursive(
    some_leaf(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: And(tuple(items))),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: Or(tuple(items))),
        inner.map(Not),
    ),
    max_leaves=6,
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-3, 3), TEXTS, st.lists(TEXTS, max_size=1)
)
LINES = st.builds(
    line,
    TEXTS,
    model=st.one_of(st.none(), TEXTS),
    tool=st.one_of(st.none(), TEXTS),
    attributes=st.dictionaries(
        st.sampled_from(["a", "b", "b.c"]), st.one_of(VALUES, st.fixed_dictionaries({"c": VALUES}))
    ),
)


def of(*conditions: Node) -> Rule:
    bases = tuple(Base(str(at), one, Place.DOOR) for at, one in enumerate(conditions))
    return Rule("r", "1", "t", "", "fraud.scam", "high", False, bases, None, "")


@settings(max_examples=120, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=4), st.lists(LINES, min_size=1, max_size=4))
def test_matcher_and_database_agree(conditions: list[Node], lines: list[EventLine]) -> None:
    batch = prepare(lines)
    found = RuleSearch([(of(*conditions), True)])(batch).to_pylist()
    at_door = {(one["row"], int(one["evidence"].split("/")[1])) for one in found}
    by_query = ENGINE.matching(batch, conditions)
    assert at_door == {(int(row), at) for at, rows in enumerate(by_query) for row in rows}


@settings(max_examples=100, deadline=None)
@given(CONDITIONS, LINES)
def test_what_a_rule_needs_stands_wherever_it_holds(condition: Node, one: EventLine) -> None:
    needed = needles_of(condition)
    batch = prepare([one])
    (rows,) = ENGINE.matching(batch, [condition])
    if needed is not None and len(rows):
        forms = batch.column("folded")[0].as_py(), batch.column("genuine")[0].as_py()
        words = [needle for needle in needed if isinstance(needle, str)]
        assert len(words) < len(needed) or any(word in form for word in words for form in forms)


def test_an_empty_batch() -> None:
    empty = pa.RecordBatch.from_pylist([], schema=PREPARED)
    search = RuleSearch([(read_rule(rule(SAYS_REFUND).encode(), "mine"), True)])
    assert search(empty).num_rows == 0
    assert (
        ENGINE.matching(empty, [read_rule(rule(SAYS_REFUND).encode(), "mine").bases[0].condition])[0].size
        == 0
    )
