"""What papers, pages and the command line call a moment, a status, a span and what is left of it, in two languages.

What a duty itself calls things comes from its pack; here is what belongs to no regime.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.kernel import at_micros
from tocsin.kernel.duties import ClockStart, DutyReportState, DutyStatus, FactValue, Span

MINUTE = 60_000_000
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE

Words = dict[str, str]

MOMENTS: dict[ClockStart, Words] = {
    ClockStart.OCCURRENCE: {"en": "it happened", "zh": "发生"},
    ClockStart.NOTICING: {"en": "it was noticed", "zh": "发现异常"},
    ClockStart.AWARENESS: {"en": "the provider became aware", "zh": "提供者知悉"},
    ClockStart.DISCOVERY: {"en": "it was discovered", "zh": "查明发生"},
    ClockStart.DETERMINATION: {"en": "it was determined to be such an incident", "zh": "认定属于此类事件"},
    ClockStart.REASONABLE_BELIEF: {"en": "it was reasonably believed", "zh": "有合理理由相信"},
    ClockStart.PAYMENT: {"en": "a ransom was paid", "zh": "支付赎金"},
    ClockStart.RESOLUTION: {"en": "it was resolved", "zh": "事件解决"},
    ClockStart.HANDLED: {"en": "its handling ended", "zh": "处置结束"},
    ClockStart.PREVIOUS: {"en": "the report before was sent", "zh": "上一份报告发出"},
}

STATUS: dict[DutyStatus, Words] = {
    DutyStatus.IN_FORCE: {"en": "in force", "zh": "现行有效"},
    DutyStatus.PROPOSED: {"en": "proposed, not law", "zh": "拟议中，尚非法律"},
    DutyStatus.DRAFT: {"en": "draft", "zh": "草案"},
    DutyStatus.UNCONFIRMED: {"en": "unconfirmed", "zh": "未经证实"},
    DutyStatus.VOLUNTARY: {"en": "voluntary", "zh": "自愿"},
}

STATES: dict[DutyReportState, Words] = {
    DutyReportState.DRAFT: {"en": "draft", "zh": "草稿"},
    DutyReportState.APPROVED: {"en": "approved", "zh": "已批准"},
    DutyReportState.SENT: {"en": "sent", "zh": "已发送"},
    DutyReportState.WITHDRAWN: {"en": "withdrawn", "zh": "已撤回"},
}

UNITS: dict[str, Words] = {
    "minutes": {"en": "min", "zh": "分钟"},
    "hours": {"en": "h", "zh": "小时"},
    "days": {"en": "days", "zh": "天"},
    "working-days": {"en": "working days", "zh": "个工作日"},
    "weeks": {"en": "weeks", "zh": "周"},
    "months": {"en": "months", "zh": "个月"},
}

FACT_UNITS = {
    "people": "人",
    "minutes": "分钟",
    "hours": "小时",
    "percent": "%",
    "reposts": "次转发",
    "views": "次浏览",
    "USD a year": "美元/年",
    "operations": "次运算",
}
"""Chinese for the units of facts; what is not here (currencies, powers) is written as it is."""

SAID: dict[str, Words] = {
    "yes": {"en": "yes", "zh": "是"},
    "no": {"en": "no", "zh": "否"},
    "unknown": {"en": "not known", "zh": "未知"},
    "no figure": {"en": "no source gives a figure", "zh": "没有来源给出数值"},
    "none": {"en": "none reached", "zh": "未达到任何等级"},
    "unverified": {
        "en": "UNVERIFIED pack: nobody has stood for it; check every time against the law",
        "zh": "义务包未经核实：尚无人为其负责；所有时限均须对照法律核对",
    },
    "verified": {
        "en": "Pack verified by a person on {day}: {statement}",
        "zh": "义务包已于 {day} 由专人核实：{statement}",
    },
    "waiting": {"en": "needs: {moment}", "zh": "尚缺：{moment}"},
    "not yet": {"en": "does not apply yet", "zh": "尚不适用"},
    "sent": {"en": "sent {at}", "zh": "已于 {at} 发送"},
    "over": {"en": "{span} over", "zh": "已超过 {span}"},
    "left": {"en": "{span} left", "zh": "剩余 {span}"},
    "may run longer": {
        "en": "or {at}, if these turn out not to make it graver: {facts}",
        "zh": "若以下事实不使等级升高，则为 {at}：{facts}",
    },
}


def word(words: Words, language: str) -> str:
    """The words in a language, or in English."""
    return words.get(language) or words["en"]


def spoken(name: str, language: str, **values: object) -> str:
    """A sentence of SAID."""
    return word(SAID[name], language).format(**values)


def span_said(span: Span, language: str) -> str:
    """24 h, 10 working days."""
    return f"{span.value} {word(UNITS[span.unit.value], language)}"


def lasting(micros: int, language: str) -> str:
    """A length in its two largest units, rounded down: 2 d 3 h."""
    days, rest = divmod(abs(micros), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    day, hour, minute = ("天", "小时", "分钟") if language == "zh" else ("d", "h", "min")
    if days:
        return f"{days} {day} {hours} {hour}"
    return f"{hours} {hour} {minutes} {minute}" if hours else f"{minutes} {minute}"


def left_said(due: int, now: int, language: str) -> str:
    """How much is left of a time, or by how much it is over."""
    return spoken("left" if due > now else "over", language, span=lasting(due - now, language))


def local(at: int, zone: str) -> str:
    """A moment in a zone, with the offset that holds there then: 2026-10-25 02:30 UTC+01:00 (Europe/Brussels)."""
    moment = at_micros(at).astimezone(ZoneInfo(zone))
    return f"{moment:%Y-%m-%d %H:%M} {_offset(moment)} ({zone})"


def utc(at: int) -> str:
    """The same in UTC."""
    return f"{at_micros(at):%Y-%m-%d %H:%M} UTC"


def value_said(value: FactValue | None, language: str, unit: str = "") -> str:
    """A fact as a person reads it: what is not known says so."""
    if value is None:
        return spoken("unknown", language)
    if isinstance(value, bool):
        return spoken("yes" if value else "no", language)
    shown = value if isinstance(value, str) else f"{value:,.10g}"
    return f"{shown} {FACT_UNITS.get(unit, unit) if language == 'zh' else unit}".strip()


def _offset(moment: datetime) -> str:
    said = moment.strftime("%z")
    return f"UTC{said[:3]}:{said[3:5]}"
