"""The sentences by which a deadline says how it was reckoned, in both languages.

They name times, readings and sources; none says that a law was met.
"""

from tocsin.kernel.duties import Span, Unit

_SENTENCES = {
    "unverified": (
        "unverified: no named person stands for this pack",
        "未经核实：没有署名的人对此规则包负责",
    ),
    "not-yet": (
        "does not apply yet: only to what began on or after {day} ({zone})",
        "尚不适用：仅适用于 {day}（{zone}）及以后开始的事件",
    ),
    "gravest": (
        "{span} holds from grade {grade}, which is not ruled out; without it {otherwise}",
        "自级别 {grade} 起为 {span}，该级别尚未排除；否则为 {otherwise}",
    ),
    "sent": ("sent {at}", "已于 {at} 发出"),
    "uncertain": ("whether it is asked for is not known yet", "是否须提交此报告尚不清楚"),
    "repeats": (
        "repeats: counted from the last one sent, {at}",
        "定期重复：自上次发出之时 {at} 起算",
    ),
    "after": ("counted from the sending of {step}", "自 {step} 发出之时起算"),
    "after-unsent": (
        "counted from the sending of {step}, which was not sent yet",
        "自 {step} 发出之时起算，该报告尚未发出",
    ),
    "moment": ("counted from {moment} ({confirmed}: {source})", "自 {moment} 起算（{confirmed}：{source}）"),
    "moment-unknown": (
        "counted from {moment} ({confirmed}: {source}): say when that was, and the clock runs",
        "自 {moment} 起算（{confirmed}：{source}）：请填写该时刻，时限方开始计算",
    ),
    "reckoned": ("{span} from {start}: {how}: {end}", "自 {start} 起 {span}：{how}：{end}"),
    "elapsed": (
        "as time that passes, whatever clocks are set to",
        "按实际经过的时间计算，不受时钟调整影响",
    ),
    "same-time": ("{how}, at the same time of day", "{how}，至当日同一时刻"),
    "days": ("days of the calendar", "按日历日"),
    "weeks": ("the same day of the week", "按同一星期日序"),
    "working-days": ("working days, the day it began on not counted", "按工作日，起算当日不计"),
    "months": ("the same day of the month", "按月内同一日"),
    "month-end": ("the same day of the month, which is the month's last day", "按月内同一日，取该月最后一日"),
    "hour": (
        "Regulation 1182/71, Article 3(1): the hour in which it happened is not counted: {end}",
        "第 1182/71 号条例第 3 条第 1 款：事件发生的当小时不计：{end}",
    ),
    "eu-day": (
        "Regulation 1182/71, Article 3: the day it began on is not counted, {how}, with that day's end: {end}",
        "第 1182/71 号条例第 3 条：起算当日不计，{how}，至该日终了：{end}",
    ),
    "day-end": (
        "to the end of the day: the day it began on is not counted, {how}, with that day's end: {end}",
        "至日终：起算当日不计，{how}，至该日终了：{end}",
    ),
    "off": (
        "Regulation 1182/71, Article 3(4): {day} is off ({why}): to {moved}",
        "第 1182/71 号条例第 3 条第 4 款：{day} 为休息日（{why}）：顺延至 {moved}",
    ),
    "two-days": (
        "Regulation 1182/71, Article 3(5): two working days at least: to {moved}",
        "第 1182/71 号条例第 3 条第 5 款：至少含两个工作日：顺延至 {moved}",
    ),
    "read": ("that counts, for it was read: {source}", "以此为准，已查阅出处：{source}"),
    "not-read": (
        "that reading is not confirmed ({confirmed}: {source}): the earlier one is due",
        "该算法未经证实（{confirmed}：{source}）：以较早者为准",
    ),
}

_UNITS = {
    Unit.MINUTES: "分钟",
    Unit.HOURS: "小时",
    Unit.DAYS: "日",
    Unit.WORKING_DAYS: "个工作日",
    Unit.WEEKS: "周",
    Unit.MONTHS: "个月",
}


def sentence(name: str, language: str, **values: object) -> str:
    """One sentence, in Chinese for `zh` and in English otherwise."""
    return _SENTENCES[name][language.startswith("zh")].format(**values)


def told(span: Span, language: str = "en") -> str:
    """A span in words: "72 hours"."""
    if language.startswith("zh"):
        return f"{span.value} {_UNITS[span.unit]}"
    unit = span.unit.value.replace("-", " ")
    return f"{span.value} {unit.removesuffix('s') if span.value == 1 else unit}"
