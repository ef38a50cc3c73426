"""What institutes say together, who is not pooled and why, and tallies that do not add up."""

from typing import Any

import msgspec
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.evaluation_plans import PLAN, TASK, nth, registered, runs
from tocsin.evaluate.joint import Forest, JointLine, Tallies, forests, tallies_of, worst
from tocsin.evaluate.joint.tallies import read_tallies, sealed_tallies
from tocsin.evaluate.plans.judging import judge
from tocsin.evaluate.recognition.messages import ProtocolFault
from tocsin.kernel import BadInput, Reason
from tocsin.kernel.evaluations import Counts, LineVerdict, Outcome
from tocsin.kernel.plans import Condition
from tocsin.taxonomy.messages import sentence, sentences

replace = msgspec.structs.replace
KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
MINUTES = 10 * 60_000_000


def tallies(node: str, every: int = 4) -> Tallies:
    opened = registered()
    made = runs(opened, nth(every))
    evaluation = judge(opened, made, at=opened.registration.at + MINUTES, node=node)
    return tallies_of(evaluation, made, PLAN, notes=f"of {node}")


def counted(node: str, failed: int, passed: int, invalid: int = 0, **changed: Any) -> Tallies:
    """Of one sheet, each prompt asked once."""
    one = tallies(node)
    clusters = tuple(line for line in ((0, 1, passed), (1, 1, failed)) if line[2])
    sheet = replace(
        one.sheets[0], counts=Counts(passed, failed, invalid), clusters=clusters, languages={}, **changed
    )
    return replace(one, sheets=(sheet,))


BARE = counted("a", 20, 180)


def only(*given: Tallies) -> Forest:
    (found,) = forests(given)
    for code, values in (*found.reasons, *((row.why, row.values) for row in found.rows if row.why)):
        assert code in sentences()
        assert "{" not in sentence(Reason(code, values))
    return found


def test_tallies_hold_no_item() -> None:
    one = tallies("tn_a")
    shipped = one.sheets[0]
    assert (shipped.task, shipped.condition, shipped.clusters) == (
        TASK,
        Condition.AS_SHIPPED,
        ((0, 1, 45), (1, 1, 15)),
    )
    assert shipped.languages == {"en": Counts(15, 15), "zh": Counts(30)}
    text = sealed_tallies(one, KEY).envelope + msgspec.json.encode(one)
    for sample in registered().samples[TASK]:
        assert sample.id.encode() not in text
        assert sample.prompt.encode() not in text
    assert read_tallies(sealed_tallies(one, KEY).envelope, KEY.public_key()) == one
    with pytest.raises(ProtocolFault, match="not-signed"):
        read_tallies(sealed_tallies(one, KEY).envelope, Ed25519PrivateKey.generate().public_key())


def test_institutes_that_agree_are_pooled() -> None:
    found = only(counted("a", 20, 180), counted("b", 24, 176), counted("c", 18, 182))
    assert found.pooled is not None
    rate, low, high = found.pooled
    assert low < rate < high
    assert rate == pytest.approx(62 / 600, abs=0.003)
    assert sum(row.weight for row in found.rows) == pytest.approx(1)
    without = found.rows[0].without
    assert without is not None
    assert without[0] == pytest.approx(42 / 400, abs=0.003)
    assert found.expected is not None
    assert found.expected[0] < low < high < found.expected[1]


def against(limit: float, *given: Tallies) -> LineVerdict:
    """The one line of the plan, moved."""
    lines = (replace(PLAN.measurement.lines[0], task=TASK, limit=limit),)
    (answer,) = only(*(replace(one, lines=lines) for one in given)).lines
    assert answer.limit == limit
    return answer.verdict


def test_the_pooled_rate_is_held_against_the_line() -> None:
    three = counted("a", 20, 180), counted("b", 24, 176), counted("c", 18, 182)
    _, low, high = only(*three).pooled or (0.0, 0.0, 0.0)
    assert against(high + 0.01, *three) is LineVerdict.BELOW
    assert against(low - 0.01, *three) is LineVerdict.ABOVE
    for edge in (high, low, (low + high) / 2):
        assert against(edge, *three) is LineVerdict.INCONCLUSIVE
    # nothing is pooled, so nothing is decided, however far all lie from the line
    assert against(0.9, counted("a", 20, 180)) is LineVerdict.INCONCLUSIVE
    apart = counted("a", 114, 86), counted("b", 48, 152), counted("c", 60, 140)
    assert against(0.99, *apart) is LineVerdict.INCONCLUSIVE


def test_who_says_another_line_of_the_plan_decides_nothing() -> None:
    three = counted("a", 20, 180), counted("b", 24, 176), counted("c", 18, 182)
    laxer = replace(
        three[2], lines=(replace(PLAN.measurement.lines[0], limit=0.9), PLAN.measurement.lines[1])
    )
    found = only(three[0], three[1], laxer)
    assert found.lines == tuple(one for one in only(*three).lines if one.line != PLAN.measurement.lines[0].id)
    assert "joint.lines" in [code for code, _ in found.reasons]
    # unless it is kept out, and has no say
    assert "joint.lines" not in [
        code for code, _ in only(three[0], three[1], replace(laxer, plan="9" * 64)).reasons
    ]


def test_the_worst_condition_answers_a_line() -> None:
    shipped = JointLine("l", TASK, Condition.AS_SHIPPED, 0.5, "block", LineVerdict.BELOW)
    stripped = replace(shipped, condition=Condition.SAFEGUARDS_REMOVED, verdict=LineVerdict.ABOVE)
    assert worst([shipped, stripped]) == worst([stripped, shipped]) == (stripped,)
    both = forests([tallies("a", 4), tallies("b", 5), tallies("c", 4)])
    assert {one.line for one in worst(line for forest in both for line in forest.lines)} == {
        one.id for one in PLAN.measurement.lines if one.task == TASK
    }


def test_institutes_that_differ_too_much_are_shown_and_not_pooled() -> None:
    found = only(counted("a", 114, 86), counted("b", 48, 152), counted("c", 60, 140))
    assert found.pooled is None
    assert [code for code, _ in found.reasons] == ["joint.apart"]
    assert found.spread is not None
    assert found.spread.i_squared > 0.75
    assert {row.weight for row in found.rows} == {0.0}


def test_each_reason_keeps_one_row_out() -> None:
    same = (counted("a", 20, 180), counted("b", 24, 176))
    model = "sha256:" + "c" * 64
    strange = {
        "joint.version": counted("x", 2, 98, version="2"),
        "joint.plan": replace(counted("x", 2, 98), plan="9" * 64),
        "joint.model": counted("x", 2, 98, model_digest=model),
        "joint.invalid": replace(counted("x", 2, 98, 40), invalid_limit=1.0),
        "joint.clusters": replace(
            BARE,
            node="x",
            sheets=(replace(BARE.sheets[0], clusters=((0, 9, 2), (2, 2, 1)), counts=Counts(18, 2)),),
        ),
    }
    for why, other in strange.items():
        found = only(other, *same)
        assert [row.why for row in found.rows] == [why, "", ""]
        assert found.pooled is not None
        assert found.rows[0].weight == 0
    assert [code for code, _ in only(same[0], strange["joint.version"]).reasons] == ["joint.few"]
    with pytest.raises(BadInput, match="twice"):
        forests([same[0], same[0]])


def test_a_forest_for_each_task_and_condition() -> None:
    found = forests([tallies("a", 4), tallies("b", 5), tallies("c", 4)])
    assert [one.condition for one in found] == [Condition.AS_SHIPPED, Condition.SAFEGUARDS_REMOVED]
    assert all(one.pooled is not None for one in found)
    assert found[0].rows[0].languages["zh"].failed == 0


def test_clusters_that_are_alike_widen_a_row_and_lighten_its_weight() -> None:
    alike = replace(counted("a", 40, 160).sheets[0], clusters=((0, 10, 16), (10, 10, 4)))
    loose = counted("b", 40, 160)
    found = only(replace(counted("a", 40, 160), sheets=(alike,)), loose, counted("c", 44, 156))
    assert found.rows[0].weight < found.rows[1].weight
    assert found.rows[0].rate.high > found.rows[1].rate.high


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"counts": Counts(10, 190)}, "add up"),
        ({"clusters": ((2, 1, 3),)}, "no more failures"),
        ({"languages": {"en": Counts(1, 1)}}, "languages do not add up"),
        ({"counts": Counts(-1, 2)}, "0 to"),
    ],
)
def test_figures_that_do_not_fit_are_refused(change: dict[str, Any], told: str) -> None:
    one = counted("a", 20, 180)
    wrong = replace(one, sheets=(replace(one.sheets[0], **change),))
    with pytest.raises(BadInput, match=told):
        read_tallies(sealed_tallies(wrong, KEY).envelope, KEY.public_key())
    for spoilt in (
        replace(one, sheets=()),
        replace(one, sheets=one.sheets * 2),
        replace(one, invalid_limit=2.0),
        replace(one, lines=(replace(PLAN.measurement.lines[0], limit=1.5),)),
    ):
        with pytest.raises(BadInput):
            read_tallies(sealed_tallies(spoilt, KEY).envelope, KEY.public_key())


def test_the_pooled_interval_holds_the_truth() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(200):
        rates = 1 / (1 + np.exp(-(rng.normal(-1.4, 0.2, size=5))))
        failed = rng.binomial(200, rates)
        (found,) = forests([counted_fast(place, int(one)) for place, one in enumerate(failed)])
        held += found.pooled is None or found.pooled[1] <= 1 / (1 + np.exp(1.4)) <= found.pooled[2]
    assert held / 200 > 0.91  # 95 % claimed, standard deviation 1.5 points


def counted_fast(place: int, failed: int) -> Tallies:
    sheet = replace(
        BARE.sheets[0], counts=Counts(200 - failed, failed), clusters=((0, 1, 200 - failed), (1, 1, failed))
    )
    return replace(BARE, node=f"n{place}", sheets=(sheet,))


def test_outcomes_that_are_invalid_are_counted_apart() -> None:
    opened = registered()
    made = runs(opened, lambda place: (Outcome.INVALID, "blank-answer") if place == 0 else Outcome.PASSED)
    evaluation = judge(opened, made, at=opened.registration.at + MINUTES, node="a")
    sheet = tallies_of(evaluation, made, PLAN).sheets[0]
    assert (sheet.counts, sheet.reasons) == (Counts(59, 0, 1), {"blank-answer": 1})
