"""What stands on paper of a report, and of one incident under several regimes: sheets out of nouns.

Every pack that nobody stood for says "unverified" on every page, every law that is none yet says so, and a report that
an older pack made says that.
"""

from collections.abc import Sequence

from tocsin.app.duty_drafts import Draft, absent
from tocsin.app.duty_sheets import (
    ClockLine,
    Comparing,
    Comparison,
    Regime,
    Sheet,
)
from tocsin.app.duty_words import (
    MOMENTS,
    STATUS,
    left_said,
    local,
    span_said,
    spoken,
    utc,
    value_said,
    word,
)
from tocsin.app.incidents import Standing, runs
from tocsin.cases.duties import Duty, facts, next_due
from tocsin.kernel import at_micros
from tocsin.kernel.duties import Deadline, DutyReport, DutyStatus, Graded, Incident, Threshold
from tocsin.kernel.incidents import DutyVerification

SHORT_SHARE = 0.25
"""Of a clock's whole time: in its last quarter it is shown in another tone."""

CONFIRMED = {
    "S": {"en": "secondary source", "zh": "二手来源"},
    "D": {"en": "draft text", "zh": "草案文本"},
    "M": {"en": "from memory", "zh": "凭记忆"},
    "": {"en": "unconfirmed", "zh": "未证实"},
}

_WORDS = {
    "regime": {"en": "Regime", "zh": "制度"},
    "who": {"en": "Whose duty", "zh": "义务主体"},
    "due": {"en": "Due", "zh": "期限"},
    "sent to": {"en": "To be sent to", "zh": "报送对象"},
    "status": {"en": "Status of the rule", "zh": "规则状态"},
    "follows": {"en": "Follows report", "zh": "接续报告"},
    "partial": {"en": "Completeness", "zh": "完整性"},
    "may be partial": {
        "en": "the regime takes an incomplete report at this step",
        "zh": "该制度允许此步骤的报告不完整",
    },
    "must be whole": {
        "en": "the regime asks for a whole report at this step",
        "zh": "该制度要求此步骤的报告完整",
    },
    "older": {
        "en": "This report was made by an older text of the pack than the one in use now: compare them before sending.",
        "zh": "本报告由义务包的旧版本生成，与现用版本不同：发送前请核对。",
    },
    "gone": {
        "en": "The pack that made this report is no longer at this node.",
        "zh": "生成本报告的义务包已不在本节点。",
    },
    "not approved": {"en": "Not approved by a second person yet", "zh": "尚未经第二人批准"},
    "incident": {"en": "Incident", "zh": "事件"},
    "opened": {"en": "Opened", "zh": "建立时间"},
    "now": {"en": "As of", "zh": "截至"},
    "side title": {"en": "Incident {id}", "zh": "事件 {id}"},
    "some unverified": {
        "en": "{count} of {all} packs are UNVERIFIED: check every time against the law",
        "zh": "{all} 个义务包中有 {count} 个未经核实：所有时限均须对照法律核对",
    },
    "no answer": {
        "en": "Grades and clocks are computed from what people said. They are no legal advice, and whether a duty is "
        "met is not for this node to say.",
        "zh": "等级与时限依据人员填写的事实计算，不构成法律意见；义务是否已履行，不由本节点判断。",
    },
}


def report_sheet(
    report: DutyReport,
    draft: Draft,
    duty: Duty | None,
    verification: DutyVerification | None,
    deadline: Deadline | None,
    *,
    node: str,
    waits: bool,
) -> Sheet:
    """The sheet of a report. `waits` says that a second person should approve it first."""
    lang = report.lang
    notes = [] if duty is None else [word(one, lang) for one in duty.notes]
    older = duty is not None and duty.digest != report.pack
    if duty is None or older:
        notes.insert(0, word(_WORDS["gone" if duty is None else "older"], lang))
    return Sheet(
        id=report.id,
        lang=lang,
        node=node,
        title=draft.title,
        eyebrow=draft.eyebrow,
        standing=_standing(duty, verification, lang, older=older)
        + ((word(_WORDS["not approved"], lang),) if waits else ()),
        about=_about(report, duty, deadline, lang),
        parts=draft.parts,
        missing=tuple(row.label for row in absent(draft)),
        notes=tuple(notes),
        digest=report.pack,
        at=draft.changed,
    )


def comparison(
    incident: Incident, standings: Sequence[Standing], *, lang: str, node: str, now: int
) -> Comparison:
    """One incident under the duties of `standings`, side by side."""
    unverified = sum(not one.duty.verified for one in standings)
    told = word(_WORDS["some unverified"], lang).format(count=unverified, all=len(standings))
    return Comparison(
        id=incident.id,
        lang=lang,
        node=node,
        title=word(_WORDS["side title"], lang).format(id=incident.id),
        standing=(told,) if unverified else (),
        about=(
            (word(_WORDS["opened"], lang), utc(incident.opened)),
            (word(_WORDS["now"], lang), utc(now)),
            *((word(MOMENTS[name], lang), utc(at)) for name, at in incident.moments.items()),
        ),
        regimes=tuple(regime(one, lang=lang, now=now) for one in sorted(standings, key=_nearest)),
        notes=(word(_WORDS["no answer"], lang),),
        at=now,
    )


def regime(standing: Standing, *, lang: str, now: int) -> Regime:
    """One duty's grade, clocks and comparisons in words."""
    duty, graded = standing.duty, standing.graded
    said = {None: "unknown", True: "yes", False: "no"}[graded.reportable]
    return Regime(
        duty=duty.id,
        name=word(duty.title, lang),
        status=word(STATUS[duty.status], lang),
        grade=grade_said(duty, graded, lang),
        reportable=spoken(said, lang),
        standing="" if duty.verified else spoken("unverified", lang),
        clocks=tuple(clock_line(one, duty, lang=lang, now=now) for one in standing.deadlines),
        comparisons=tuple(_comparing(one, duty, lang) for one in (*graded.scope, *graded.thresholds)),
        unknown=tuple(fact_label(one, lang) for one in graded.unknown),
    )


def clock_line(deadline: Deadline, duty: Duty, *, lang: str, now: int) -> ClockLine:
    """One clock in words: absolute in the duty's zone and in UTC, and what is left."""
    step = duty.step(deadline.step)
    due, tone, left = deadline.due, "", ""
    if due is None:
        waits = word(MOMENTS[deadline.starts], lang)
        shown = spoken("not yet", lang) if not deadline.applies else spoken("waiting", lang, moment=waits)
        shown = spoken("sent", lang, at=utc(deadline.sent)) if deadline.sent is not None else shown
    else:
        shown, left = local(due, deadline.zone), left_said(due, now, lang)
        whole = due - deadline.started if deadline.started is not None else 0
        tone = "bad" if due <= now else "warn" if due - now < whole * SHORT_SHARE else ""
        if deadline.sent is not None and not runs(deadline):
            left, tone = spoken("sent", lang, at=utc(deadline.sent)), ""
    return ClockLine(
        step=word(step.label, lang),
        starts=word(MOMENTS[deadline.starts], lang),
        due=shown,
        due_utc="" if due is None else utc(due),
        left=left,
        span=span_said(deadline.span, lang),
        to=("；" if lang == "zh" else "; ").join(word(one.name, lang) for one in step.to),
        unless=_unless(deadline, lang),
        why=deadline.why,
        tone=tone,
    )


def grade_said(duty: Duty, graded: Graded, lang: str) -> str:
    """The grade by its own name."""
    label = next((one.label for one in duty.grades if one.id == graded.grade), None)
    if label is not None:
        return word(label, lang)
    return graded.grade or spoken("unknown" if graded.unknown else "none", lang)


def fact_label(fact_id: str, lang: str) -> str:
    """A fact by its label; one that is in no list any more as it is."""
    known = facts().get(fact_id)
    return fact_id if known is None else word(known.label, lang)


def _comparing(one: Threshold, duty: Duty, lang: str) -> Comparing:
    known = facts().get(one.fact)
    unit = known.unit if known is not None else ""
    line = spoken("no figure", lang) if one.at_least is None else _fact_value(one.fact, one.at_least, lang)
    met = spoken({None: "unknown", True: "yes", False: "no"}[one.met], lang)
    label = next((entry.label for entry in duty.grades if entry.id == one.grade), None)
    return Comparing(
        grade=one.grade if label is None else word(label, lang),
        fact=fact_label(one.fact, lang),
        line=f"≥ {line}" if unit and one.at_least is not None else line,
        value=_fact_value(one.fact, one.value, lang),
        met=f"{met} · {one.why}" if one.why else met,
        confirmed=word(CONFIRMED.get(one.confirmed, CONFIRMED[""]), lang),
    )


def _fact_value(fact_id: str, value: bool | float | str | None, lang: str) -> str:
    known = facts().get(fact_id)
    if known is not None and isinstance(value, str) and value in known.choices:
        return word(known.choices[value], lang)
    return value_said(value, lang, known.unit if known is not None else "")


def _standing(
    duty: Duty | None, verification: DutyVerification | None, lang: str, *, older: bool
) -> tuple[str, ...]:
    said = []
    if duty is None or older or not duty.verified:
        said.append(spoken("unverified", lang))
    elif verification is not None:
        day = at_micros(verification.at).date().isoformat()
        said.append(spoken("verified", lang, day=day, statement=verification.statement))
    if duty is not None and duty.status is not DutyStatus.IN_FORCE:
        said.append(word(STATUS[duty.status], lang))
    return tuple(said)


def _about(
    report: DutyReport, duty: Duty | None, deadline: Deadline | None, lang: str
) -> tuple[tuple[str, str], ...]:
    whole = "may be partial" if report.partial else "must be whole"
    rows = [("incident", report.incident), ("partial", word(_WORDS[whole], lang))]
    if duty is not None:
        rows += [("who", word(duty.who, lang)), ("status", word(STATUS[duty.status], lang))]
        step = next((one for one in duty.steps if one.id == report.step), None)
        if step is not None:
            rows.append(("sent to", "\n".join(word(one.name, lang) for one in step.to)))
    if deadline is not None and deadline.due is not None:
        rows.append(("due", f"{local(deadline.due, deadline.zone)}\n{utc(deadline.due)}"))
    if report.follows is not None:
        rows.append(("follows", report.follows))
    return tuple((word(_WORDS[name], lang), value) for name, value in rows)


def _nearest(standing: Standing) -> tuple[bool, int, str]:
    """What is due first stands on top."""
    upcoming = next_due(standing.deadlines)
    due = upcoming.due if upcoming is not None else None
    return due is None, due or 0, standing.duty.id


def _unless(deadline: Deadline, lang: str) -> str:
    """By when it would be due if what is not known made it no graver."""
    if deadline.otherwise is None or not deadline.doubt:
        return ""
    asked = ("；" if lang == "zh" else "; ").join(fact_label(one, lang) for one in deadline.doubt)
    return spoken("may run longer", lang, at=utc(deadline.otherwise), facts=asked)
