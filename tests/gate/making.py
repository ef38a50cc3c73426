"""Evidence made up for the gate's tests: evaluations with lines as they fell, inspections, red lines, exemptions."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from tocsin.evaluate.plans.attesting import evaluation_statement
from tocsin.evaluate.plans.canonical import evaluation_id
from tocsin.gate import Asked, Brought, decide
from tocsin.kernel import micros
from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection, Part, Place, Severity
from tocsin.kernel.evaluations import Evaluation, LineAnswer, LineVerdict, Rate
from tocsin.kernel.plans import Condition
from tocsin.kernel.red_lines import RedLine
from tocsin.kernel.release import Exemption, ReleaseDecision
from tocsin.trust.release_policy import ReleasePolicies
from tocsin.trust.signing_keys import PrivateKey, key_id, sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ARTEFACT = "ab" * 32
DAY = 86_400_000_000
POLICIES = ReleasePolicies.load()

BOTH = ((Condition.AS_SHIPPED, ARTEFACT), (Condition.SAFEGUARDS_REMOVED, "cd" * 32))
RATES = {
    LineVerdict.BELOW: (0.01, 0.05),
    LineVerdict.ABOVE: (0.20, 0.40),
    LineVerdict.INCONCLUSIVE: (0.05, 0.15),
    LineVerdict.INVALID: (0.0, 1.0),
}


def line(verdict: str = "below", **changes: Any) -> LineAnswer:
    """One line at 10 %, answered so; it restricts."""
    low, high = RATES[LineVerdict(verdict)]
    made = LineAnswer(
        line="refuses",
        task="tocsin/refusal",
        limit=0.1,
        consequence="restrict",
        verdict=LineVerdict(verdict),
        condition=Condition.SAFEGUARDS_REMOVED,
        rate=Rate(40, 400, (low + high) / 2, low, high, 0.01, 0.01, 100, True),
        why="",
    )
    return msgspec.structs.replace(made, **changes)


def evaluation(*lines: LineAnswer, **changes: Any) -> Evaluation:
    """An evaluation in force of ARTEFACT, measured stripped too."""
    made = Evaluation(
        id="",
        plan="11" * 32,
        registration="22" * 32,
        name="scams",
        domain="domain.disinformation",
        catastrophic=False,
        model="tiny",
        model_digest=f"sha256:{ARTEFACT}",
        measured=BOTH,
        at=micros(NOW) - 5 * DAY,
        results=(),
        lines=lines or (line(),),
        review_by="2027-05-01",
        limits="much",
    )
    made = msgspec.structs.replace(made, **changes)
    return made if made.id else msgspec.structs.replace(made, id=f"{abs(hash(repr(made))):064x}"[:64])


def signed(made: Evaluation, key: PrivateKey) -> Evaluation:
    """The same under the id of its content, with the statement of it that this key signed."""
    made = msgspec.structs.replace(made, statement=b"", by="")
    made = msgspec.structs.replace(made, id=evaluation_id(made))
    content = evaluation_statement(made).to_bytes()
    envelope = envelope_bytes(sealed(key, IN_TOTO_TYPE, content, keyid=key_id(key.public_key())))
    return msgspec.structs.replace(made, statement=envelope)


def inspection(verdict: str = "clean", **changes: Any) -> Inspection:
    found = (Finding("pickle.dangerous-call", ArtefactVerdict.FOUND, Severity.CRITICAL, Place("model.bin")),)
    made = Inspection(
        artefact=ARTEFACT,
        name="tiny",
        size=3,
        at=micros(NOW) - DAY,
        scanner="tocsin 0.1.0",
        rules={},
        verdict=ArtefactVerdict(verdict),
        findings=found if verdict == "found" else (),
        parts=(Part("model.bin", 3, "", ArtefactVerdict(verdict), sha256="ef" * 32),),
    )
    return msgspec.structs.replace(made, **changes)


def red_line(**changes: Any) -> RedLine:
    """In force since a month, on disinformation, at 10 % of the plan that `evaluation` followed."""
    made = RedLine(
        id="course-of-action--11111111-1111-4111-8111-111111111111",
        title="no scams at scale",
        text="",
        subject="capability",
        domain="domain.disinformation",
        condition="safeguards-removed",
        method="benchmark",
        protocol=f"sha256:{'11' * 32}",
        threshold=0.1,
        evidence="an interval under the threshold",
        by="node",
        at=micros(NOW) - 40 * DAY,
        in_force=micros(NOW) - 30 * DAY,
        review_by=micros(NOW) + 300 * DAY,
    )
    return msgspec.structs.replace(made, **changes)


def exemption(rule: str, **changes: Any) -> Exemption:
    made = Exemption(
        id="exemption-1",
        artefact=ARTEFACT,
        rule=rule,
        reason="a study with forty known clinicians",
        by=("ada", "bo"),
        at=micros(NOW) - DAY,
        until=micros(NOW) + 30 * DAY,
    )
    return msgspec.structs.replace(made, **changes)


def brought(*evaluations: Evaluation, **changes: Any) -> Brought:
    """One harmless evaluation and clean files, unless said otherwise."""
    made = Brought(
        artefact=ARTEFACT,
        name="tiny",
        evaluations=evaluations or (evaluation(),),
        inspection=inspection(),
    )
    return msgspec.structs.replace(made, **changes)


def decided(given: Brought | None = None, **asked: Any) -> ReleaseDecision:
    return decide(given or brought(), Asked(by="ada", **asked), POLICIES, NOW)


def deciding(decision: ReleaseDecision) -> set[str]:
    """The rules of the grounds that leave no more."""
    return {
        one.rule for one in decision.grounds if one.most is decision.tier and one.rule.startswith("release.")
    }
