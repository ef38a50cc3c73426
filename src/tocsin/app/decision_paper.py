"""A release decision on paper: one PDF that a board or an authority reads, in its language, made without a network.

Enters: a decision, the evaluations it rests on. Leaves: a PDF that screen readers can read (PDF/UA-1), the same bytes
for the same decision. Refuses: to be made without the fonts of its language, for a page of boxes says nothing.
"""

from collections.abc import Sequence
from typing import Any

from tocsin.app.releases import Releases
from tocsin.app.typesetting import typeset
from tocsin.evaluate.drawing import Drawing
from tocsin.evaluate.reading import lines_drawn
from tocsin.gate.telling import ground_said, less_said, tier_said, ways_said
from tocsin.gate.words import said
from tocsin.kernel import BadInput, Caller, at_micros
from tocsin.kernel.evaluations import Evaluation, LineVerdict
from tocsin.kernel.release import Exemption, GroundKind, ReleaseDecision, ReleaseState, Tier
from tocsin.store.interface import Store

SOURCE = "decision.typ"
APPROVALS_NEEDED = 2
MAX_GROUNDS = 60
"""On paper; the attestation has all."""

_TONES = {
    Tier.WITHHELD: "bad",
    Tier.RESTRICTED: "bad",
    Tier.STAGED_API: "",
    Tier.LIMITED: "good",
    Tier.OPEN_WEIGHTS: "good",
}
_VERDICT_TONES = {LineVerdict.BELOW: "good", LineVerdict.ABOVE: "bad"}


class DecisionPapers:
    """Papers of this node's decisions, with the evaluations that they rest on."""

    def __init__(self, store: Store, releases: Releases, node: str) -> None:
        self._store = store
        self._releases = releases
        self._node = node

    def rested_on(self, decision: ReleaseDecision) -> tuple[Evaluation, ...]:
        """Evaluations kept here that its grounds name, each once."""
        named = dict.fromkeys(one.evidence.removeprefix("sha256:") for one in decision.grounds)
        found = (self._store.evaluations.get(evidence) for evidence in named)
        return tuple(one for one in found if one is not None)

    def set_aside(self, decision: ReleaseDecision) -> tuple[Exemption, ...]:
        """Exemptions that the decision used."""
        used = {one.evidence for one in decision.grounds if one.kind is GroundKind.EXEMPTION}
        return tuple(one for one in self._releases.exempting.of(decision.artefact) if one.id in used)

    def paper(self, by: Caller, decision_id: str, language: str = "en") -> bytes:
        """The PDF of a decision. Raises NotAllowed, NotFound, Unavailable."""
        decision = self._releases.get(by, decision_id)
        return decision_paper(
            decision,
            self.rested_on(decision),
            self.set_aside(decision),
            node=self._node,
            language=language,
        )


def decision_paper(
    decision: ReleaseDecision,
    evaluations: Sequence[Evaluation] = (),
    exemptions: Sequence[Exemption] = (),
    *,
    node: str,
    language: str = "en",
) -> bytes:
    """The PDF. `node` is the name of who decided.

    Raises BadInput for another language, Unavailable where Typst or the language's font is not installed.
    """
    if language not in _WORDS:
        raise BadInput(f"a decision is written in {' or '.join(_WORDS)}, not in {language!r}")
    data = _data(decision, evaluations, exemptions, node, language)
    return typeset(SOURCE, data, language=language, at=decision.at)


def _data(
    decision: ReleaseDecision,
    evaluations: Sequence[Evaluation],
    exemptions: Sequence[Exemption],
    node: str,
    language: str,
) -> dict[str, Any]:
    """What the sheet shows: texts alone. Nothing of it is read as markup."""
    words = _WORDS[language]
    tier, meaning = tier_said(decision.tier, language)
    approvals = ", ".join(f"{who} ({_day(at)})" for who, at in decision.approvals)
    return {
        "lang": language,
        "words": words,
        "title": decision.name,
        "node": node,
        "artefact": decision.artefact,
        "id": decision.id,
        "policies": decision.policies,
        "foot": f"{node} · {decision.name} · {_day(decision.at)}",
        "tone": _TONES[decision.tier],
        "tier": tier,
        "meaning": meaning,
        "why_not_less": less_said(decision, language),
        "facts": [
            [words["decided"], _day(decision.at)],
            [words["review"], f"{decision.review_by} / {decision.expires}"],
            [words["state"], words[decision.state.value]],
            [words["approvals"], f"{len(decision.approvals)}/{APPROVALS_NEEDED} {approvals}".strip()],
            [words["wanted"], tier_said(decision.wanted, language)[0]],
            [words["law"], ", ".join(decision.jurisdictions) or "–"],
        ],
        "conditions": [said(one, language=language) for one in decision.conditions],
        "grounds": [
            {
                "rule": one.rule,
                "why": ground_said(one, language),
                "evidence": one.evidence,
                "most": tier_said(one.most, language)[0],
            }
            for one in decision.grounds[:MAX_GROUNDS]
        ],
        "ways": [
            [tier_said(tier, language)[0], list(steps)] for tier, steps in ways_said(decision, language)
        ],
        "evaluations": [_evaluation(one, words) for one in evaluations],
        "notes": [
            words["exempt"].format(
                rule=one.rule, by=", ".join(one.by), until=_day(one.until), reason=one.reason
            )
            for one in exemptions
        ],
        "check": "tocsin model verify-decision FILE --key KEY.pem",
    }


def _evaluation(one: Evaluation, words: dict[str, str]) -> dict[str, Any]:
    drawn = lines_drawn(one)
    return {
        "title": one.name,
        "said": f"{one.model} · {_day(one.at)} · {words['not covered']}: {one.limits}",
        "id": one.id,
        "scale": f"0 – {drawn.end:.0%}",
        "strips": _strips(drawn, words),
    }


def _strips(drawn: Drawing, words: dict[str, str]) -> list[dict[str, Any]]:
    rows = []
    for strip in drawn.strips:
        one = strip.interval
        verdict = one.verdict or LineVerdict.INCONCLUSIVE
        rows.append(
            {
                "label": one.label,
                "rate": f"{one.share:.1%} ({one.low:.1%} – {one.high:.1%})" if one.known else "–",
                "known": one.known,
                "low": strip.low,
                "high": strip.high,
                "x": strip.at,
                "line": strip.line,
                "verdict": words[verdict.value],
                "tone": _VERDICT_TONES.get(verdict, ""),
            }
        )
    return rows


def _day(at: int) -> str:
    return at_micros(at).date().isoformat()


_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "eyebrow": "Release decision",
        "conditions": "Conditions",
        "grounds": "Why",
        "rule": "Rule",
        "why": "Reason",
        "leaves": "Leaves",
        "change": "What would change it",
        "line": "Line",
        "rate": "Failed (95 %)",
        "verdict": "Verdict",
        "notes": "Exemptions",
        "copy": "This sheet is a copy. What counts is the signed attestation; anyone can check it:",
        "decision": "Decision",
        "policies": "Policies",
        "decided": "Decided on",
        "review": "Review by / ends",
        "state": "State",
        "approvals": "Approvals",
        "wanted": "Wanted",
        "law": "Laws and standards asked",
        "not covered": "not covered",
        "exempt": "{rule} is set aside by {by} until {until}: {reason}",
        ReleaseState.PROPOSED.value: "proposed",
        ReleaseState.IN_FORCE.value: "in force",
        ReleaseState.EXPIRED.value: "expired",
        ReleaseState.WITHDRAWN.value: "withdrawn",
        LineVerdict.BELOW.value: "below",
        LineVerdict.ABOVE.value: "over",
        LineVerdict.INCONCLUSIVE.value: "inconclusive",
        LineVerdict.INVALID.value: "invalid",
    },
    "zh": {
        "eyebrow": "发布决定",
        "conditions": "条件",
        "grounds": "理由",
        "rule": "规则",
        "why": "原因",
        "leaves": "至多",
        "change": "何以改变",
        "line": "界线",
        "rate": "失败率（95 %）",
        "verdict": "结论",
        "notes": "豁免",
        "copy": "本页为副本，以签名的证明为准；任何人都可核验：",
        "decision": "决定",
        "policies": "策略",
        "decided": "决定日期",
        "review": "复审 / 失效",
        "state": "状态",
        "approvals": "批准",
        "wanted": "申请",
        "law": "所适用的法律与标准",
        "not covered": "未涵盖",
        "exempt": "{by} 将 {rule} 暂停适用至 {until}：{reason}",
        ReleaseState.PROPOSED.value: "拟议",
        ReleaseState.IN_FORCE.value: "生效",
        ReleaseState.EXPIRED.value: "已失效",
        ReleaseState.WITHDRAWN.value: "已撤回",
        LineVerdict.BELOW.value: "低于",
        LineVerdict.ABOVE.value: "高于",
        LineVerdict.INCONCLUSIVE.value: "无法定论",
        LineVerdict.INVALID.value: "无效",
    },
}
