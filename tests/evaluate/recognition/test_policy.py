"""What an operator takes of whom: each reason by its name, and nothing without a rule."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.evaluate.recognition import Policy, Shown, judge, read_policy
from tocsin.evaluate.statistics import rate
from tocsin.kernel import BadInput, Reason, TooLarge, micros
from tocsin.kernel.evaluations import Counts, Evaluation, EvaluationResult
from tocsin.kernel.plans import (
    Condition,
    Coverage,
    Goal,
    Improvement,
    Measurement,
    Method,
    Plan,
    PlannedJudge,
    PlannedModel,
    PlannedTask,
)
from tocsin.kernel.recognition import RecognitionOutcome
from tocsin.taxonomy.messages import sentence, sentences
from tocsin.trust.signing_keys import public_pem

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NODE = "tn_" + "5" * 32
POLICY = b"""
version: 1
rules:
  - nodes: ["tn_5555*"]
    domains: ["fraud*"]
    tasks: {tocsin/refusal: "3"}
    least_agreement: {en: 0.7, "*": 0.8}
    conditions: [as-shipped]
"""

JUDGE = PlannedJudge(name="rules", kind="rules")
PLAN = Plan(
    name="refusals",
    version="1",
    goal=Goal(question="does it refuse?", domain="fraud", scenario="a lottery refund"),
    content=(PlannedTask(task="tocsin/refusal", version="3", samples=300),),
    method=Method(
        kind="output-policy-test", models=(PlannedModel(name="scripted", digest="sha256:" + "0" * 64),)
    ),
    coverage=Coverage(languages=("en", "fr"), not_covered="speech"),
    measurement=Measurement(lines=(), judges=(JUDGE,)),
    improvement=Improvement(review_by="2027-01-01"),
)
RESULT = EvaluationResult(
    task="tocsin/refusal",
    tool="tocsin",
    tool_version="0.1.0",
    model="scripted",
    model_digest="sha256:" + "0" * 64,
    report="0" * 64,
    counts=Counts(290, 10, 0),
    rate=rate(10, 300),
    invalid_limit=0.05,
)
EVALUATION = Evaluation(
    id="e" * 64,
    plan="p" * 64,
    registration="r" * 64,
    name="refusals",
    domain="fraud",
    catastrophic=False,
    model="scripted",
    model_digest="sha256:" + "0" * 64,
    measured=((Condition.AS_SHIPPED, "sha256:" + "0" * 64),),
    at=micros(NOW - timedelta(days=3)),
    results=(RESULT,),
    lines=(),
    review_by="2027-01-01",
    limits="",
    node=NODE,
    agreement={"en": 0.75, "fr": 0.85},
)
WHOLE = Shown(EVALUATION, PLAN, signed=True, registered=True)


def policy_of(data: bytes) -> Policy:
    def none(name: str) -> bytes:
        raise BadInput(f"there is no {name}")

    return read_policy(data, none)


def codes(shown: Shown, policy: Policy | None = None) -> set[str]:
    """The reasons, without their first word; a sentence for each in both languages."""
    outcome, reasons = judge(policy_of(POLICY) if policy is None else policy, shown, now=NOW)
    assert (outcome is RecognitionOutcome.ACCEPTED) == (
        [code for code, _ in reasons] == ["recognition.accepted"]
    )
    for code, values in reasons:
        for language in ("en", "zh"):
            said = sentence(Reason(code, values), language)
            assert code in sentences()
            assert "{" not in said
    return {code.removeprefix("recognition.") for code, _ in reasons}


def evaluation(**changed: object) -> Shown:
    return Shown(msgspec.structs.replace(EVALUATION, **changed), PLAN, signed=True, registered=True)


def result(**changed: object) -> Shown:
    return evaluation(results=(msgspec.structs.replace(RESULT, **changed),))


def planned(**changed: object) -> Shown:
    return msgspec.structs.replace(WHOLE, plan=msgspec.structs.replace(PLAN, **changed))


def test_what_shows_everything_is_taken() -> None:
    assert codes(WHOLE) == {"accepted"}


def test_nothing_configured_takes_nothing() -> None:
    assert codes(WHOLE, Policy()) == {"no-rule"}
    assert codes(WHOLE, policy_of(b"version: 1")) == {"no-rule"}


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (msgspec.structs.replace(WHOLE, signed=False), {"not-signed"}),
        (msgspec.structs.replace(WHOLE, registered=False), {"not-registered"}),
        (msgspec.structs.replace(WHOLE, plan=None), {"no-plan"}),
        (evaluation(node="tn_6" + "5" * 31), {"no-rule"}),
        (evaluation(domain="chemistry"), {"no-rule"}),
        (evaluation(results=()), {"no-results"}),
        (result(counts=Counts(280, 0, 20)), {"invalid"}),
        (result(rate=rate(2, 9)), {"wide"}),
        (result(rate=msgspec.structs.replace(rate(10, 300), enough=False, clusters=9)), {"few-clusters"}),
        (result(task="tocsin/other"), {"task"}),
        (planned(content=()), {"unplanned"}),
        (planned(content=(PlannedTask(task="tocsin/refusal", version="2", samples=300),)), {"version"}),
        (planned(measurement=Measurement(lines=())), {"no-judge"}),
        (planned(coverage=Coverage(languages=("en", "sw"), not_covered="speech")), {"no-agreement"}),
        (evaluation(agreement={"en": 0.69, "fr": 0.9}), {"agreement"}),
        (evaluation(agreement={"en": float("nan"), "fr": 0.9}), {"agreement"}),
        (evaluation(at=micros(NOW - timedelta(days=200))), {"old"}),
        (evaluation(at=micros(NOW + timedelta(days=1))), {"to-come"}),
        (evaluation(review_by="2026-11-19"), {"review-due"}),
        (evaluation(review_by="soon"), {"review-due"}),
        (evaluation(attempt=2), {"attempts"}),
        (evaluation(measured=()), {"condition"}),
        (
            evaluation(measured=(), review_by="2026-11-19", agreement={}),
            {"condition", "review-due", "no-agreement"},
        ),
    ],
)
def test_each_lack_is_named_and_all_of_them(shown: Shown, wanted: set[str]) -> None:
    assert codes(shown) == wanted


def test_a_language_that_the_policy_does_not_know_is_not_recognised() -> None:
    policy = policy_of(POLICY.replace(b', "*": 0.8', b""))
    assert codes(WHOLE, policy) == {"language"}


def test_one_rule_more_only_refuses_more() -> None:
    stricter = policy_of(
        POLICY
        + b"""
  - nodes: ["*"]
    domains: ["*"]
    tasks: {tocsin/refusal: "*"}
    least_agreement: {"*": 0.9}
    max_age_days: 1
    conditions: [as-shipped]
"""
    )
    assert codes(WHOLE, stricter) == {"agreement", "old"}


def test_people_as_judges_agree_with_people() -> None:
    people = Measurement(lines=(), judges=(PlannedJudge(name="panel", kind="people"),))
    shown = msgspec.structs.replace(
        planned(measurement=people), evaluation=evaluation(agreement={}).evaluation
    )
    assert codes(shown) == {"accepted"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"version: 1", b"version: 2", "version 2"),
        (b'["fraud*"]', b"[]", "domains empty"),
        (b"en: 0.7", b"en: 7", "least_agreement of en"),
        (b"en: 0.7", b"en: 0.7, en: 0.1", "twice"),
        (b"en: 0.7", b"en: 0.7, [en]: 0.1", "a key is a word"),
        (b"conditions: [as-shipped]", b"conditions: [asleep]", "cannot be read"),
        (b"conditions: [as-shipped]", b"max_age_days: 0", "1 to 3660"),
        (b"conditions: [as-shipped]", b"unknown: 1", "unknown"),
        (b"version: 1", b"? [a]\n: 1\nversion: 1", "cannot be read"),
    ],
)
def test_a_policy_that_is_wrong_is_refused_with_its_place(old: bytes, new: bytes, told: str) -> None:
    assert old in POLICY
    with pytest.raises(BadInput, match=told):
        policy_of(POLICY.replace(old, new))


def test_a_node_is_who_the_policy_says() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key()
    text = b"version: 1\nnodes: {tn_a: a.pem, tn_b: %b}" % msgspec.json.encode(public_pem(key).decode())
    policy = read_policy(text, {"a.pem": public_pem(key)}.__getitem__)
    assert policy.key_of("tn_a") == policy.key_of("tn_b") == key
    with pytest.raises(BadInput, match="no key of"):
        policy.key_of("tn_c")
    with pytest.raises(BadInput, match=r"no a\.pem"):
        policy_of(text)


def test_a_policy_is_bounded() -> None:
    with pytest.raises(TooLarge):
        policy_of(b"#" * ((1 << 20) + 1))
