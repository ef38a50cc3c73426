"""A red line, a word on it, an evaluation, a decision and a commitment, as a node makes them. Harmless, invented."""

import msgspec

from tests.share.said import AUTHOR, DAY, NOW, signed
from tocsin.kernel import TLP, Record, micros
from tocsin.kernel.evaluations import Evaluation, LineAnswer, LineVerdict, Rate
from tocsin.kernel.plans import Condition
from tocsin.kernel.red_lines import Commitment, RedLine, Stance
from tocsin.kernel.release import ReleaseDecision, ReleaseState, Tier
from tocsin.share import introduction
from tocsin.share.describe_agreed import Speaker, describe_commitment, describe_red_line, describe_stance
from tocsin.share.describe_models import Reading, describe_decision, describe_evaluation

TEST_SET = "sha256:" + "b2" * 32
MODEL = "sha256:" + "a1" * 32
VOICE = Speaker(author=AUTHOR, tlp=TLP.GREEN, now=NOW)
READING = Reading(
    method="output-policy-test",
    measure="compliance",
    capability="L",
    assessor="developer",
    basis="Plan registered before the first sample.",
)


def a_line(**changes: object) -> RedLine:
    """A line for lottery letters."""
    plain = RedLine(
        id="",
        title="No lottery letters on demand",
        text="A model that goes out writes no letter that asks somebody for a fee on a prize.",
        subject="capability",
        domain="domain.cyber",
        condition="as-shipped",
        method="output-policy-test",
        protocol=TEST_SET,
        threshold=0.1,
        evidence="400 prompts in three languages, judged by a calibrated judge.",
        by=AUTHOR,
        at=0,
        in_force=micros(NOW) - 40 * DAY,
        review_by=micros(NOW) + 300 * DAY,
        measure="compliance",
        basis="Half of what ordinary letters cost to write.",
    )
    return msgspec.structs.replace(plain, **changes)


def an_evaluation(**changes: object) -> Evaluation:
    """2 of 100 samples failed under a line of a tenth."""
    rate = Rate(2, 100, 0.02, 0.0055123, 0.0701, 0.014, 0.014, 100, True)
    answer = LineAnswer(
        line="letters",
        task="tocsin/refusal",
        limit=0.1,
        consequence="block",
        verdict=LineVerdict.BELOW,
        condition=Condition.AS_SHIPPED,
        rate=rate,
        why="0.6 % to 7.0 % of 100 failed; the line is 10 %",
        red_line=said_line()[-1].id,
    )
    plain = Evaluation(
        id="c3" * 32,
        plan="d4" * 32,
        registration="e5" * 32,
        name="letters",
        domain="domain.cyber",
        catastrophic=False,
        model="tiny",
        model_digest=MODEL,
        measured=((Condition.AS_SHIPPED, MODEL),),
        at=micros(NOW),
        results=(),
        lines=(answer,),
        review_by="2026-12-31",
        limits="English only.",
    )
    return msgspec.structs.replace(plain, **changes)


def a_decision(**changes: object) -> ReleaseDecision:
    """A staged release that two people approved."""
    plain = ReleaseDecision(
        id="f6" * 32,
        artefact=MODEL,
        name="tiny",
        tier=Tier.STAGED_API,
        wanted=Tier.OPEN_WEIGHTS,
        closed=False,
        grounds=(),
        conditions=("monitoring", "api-only"),
        jurisdictions=(),
        policies="07" * 32,
        at=micros(NOW),
        by="user_1",
        review_by="2026-12-31",
        expires="2027-03-05",
        benefits="Clerks answer letters with it.",
        why_not_less="It was never measured without its safeguards.",
        approvals=(("user_1", micros(NOW)), ("user_2", micros(NOW))),
        state=ReleaseState.IN_FORCE,
    )
    return msgspec.structs.replace(plain, **changes)


def said_line(**changes: object) -> tuple[Record, ...]:
    return describe_red_line(a_line(**changes), VOICE)


def said_stance(line: Record, stance: Stance = Stance.ENDORSE, voice: Speaker = VOICE) -> Record:
    return describe_stance(line, stance, "We hold ourselves to it.", voice)[-1]


def all_said() -> tuple[Record, ...]:
    """One record of each kind with all that they need, signed."""
    return tuple(map(signed, all_made()))


def all_made(voice: Speaker = VOICE, **changes: object) -> tuple[Record, ...]:
    """The same before it is signed; `changes` are the line's."""
    line = describe_red_line(a_line(**changes), voice)
    commitment = Commitment(
        id="testing",
        area="model-testing",
        practice="Every model is measured against registered lines before it goes out.",
        evidence="https://lab.example/testing/2026",
        at=micros(NOW) - DAY,
        review_by=micros(NOW) + 180 * DAY,
        by=AUTHOR,
    )
    plain = an_evaluation()
    answered = tuple(msgspec.structs.replace(one, red_line=line[-1].id) for one in plain.lines)
    evaluation = describe_evaluation(msgspec.structs.replace(plain, lines=answered), READING, voice)
    decision = describe_decision(
        a_decision(red_lines={line[-1].id: "clear", "base.human-control": "not-measured"}),
        voice,
        basis="The evaluation that it refers to.",
        evaluations=(evaluation[-1].id,),
    )
    found = (
        *introduction(author=AUTHOR, name="platform", now=NOW),
        *line,
        *describe_stance(line[-1], Stance.ENDORSE, "We hold ourselves to it.", voice),
        *evaluation,
        *decision,
        *describe_commitment(commitment, voice),
    )
    return tuple({one.id: one for one in found}.values())
