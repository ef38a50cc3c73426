"""A report under a duty, and one incident under several, as sheets: every word that paper, DOCX and JSON show.

Enters: plain values. Leaves: a `Sheet` or a `Comparison`, then a PDF, a DOCX or JSON of it. What is missing says so in
words, never by a colour alone; a pack that nobody stood for says "unverified" on every page; nothing says "compliant".
"""

from typing import Any

import msgspec

from tocsin.app.typesetting import pictures, typeset

REPORT_SOURCE, COMPARISON_SOURCE = "duty_report.typ", "side_by_side.typ"
REPORT_FORMAT, COMPARISON_FORMAT = "tocsin-duty-report/1", "tocsin-duties-side-by-side/1"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the form, in its order."""

    field: str
    label: str
    value: str = ""
    missing: bool = False
    note: str = ""
    """Where it comes from, or that it may be handed in later."""


class Part(msgspec.Struct, frozen=True):
    title: str
    rows: tuple[Row, ...]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A report, ready to be shown. `at` is when its answers last changed, in microseconds."""

    id: str
    lang: str
    node: str
    title: str
    eyebrow: str
    standing: tuple[str, ...]
    """Said on every page: "unverified", "draft", "proposed"."""
    about: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    """Labels of what the regime asks for and nobody said."""
    notes: tuple[str, ...]
    digest: str
    """Of the pack."""
    at: int


class ClockLine(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of one regime, as a person reads it."""

    step: str
    starts: str
    due: str
    """In the duty's own zone, with its name; or what is not known yet."""
    due_utc: str
    left: str
    span: str
    to: str
    unless: str = ""
    """What it would be if facts that are not known turned out mild."""
    why: tuple[str, ...] = ()
    """How it was reckoned, in English."""
    tone: str = ""
    """"bad" when it ran out, "warn" within its last quarter."""


class Comparing(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison behind a grade."""

    grade: str
    fact: str
    line: str
    value: str
    met: str
    """yes, no, not known: in words."""
    confirmed: str


class Regime(msgspec.Struct, frozen=True, kw_only=True):
    """One duty beside the others."""

    duty: str
    name: str
    status: str
    grade: str
    reportable: str
    standing: str
    clocks: tuple[ClockLine, ...]
    comparisons: tuple[Comparing, ...] = ()
    unknown: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One incident under several regimes."""

    id: str
    lang: str
    node: str
    title: str
    standing: tuple[str, ...]
    about: tuple[tuple[str, str], ...]
    regimes: tuple[Regime, ...]
    notes: tuple[str, ...]
    at: int


def sheet_pdf(sheet: Sheet) -> bytes:
    """The same bytes for the same sheet. Raises Unavailable."""
    return typeset(REPORT_SOURCE, sheet_data(sheet), language=sheet.lang, at=sheet.at)


def sheet_pictures(sheet: Sheet) -> tuple[bytes, ...]:
    """Its pages as PNG. Raises Unavailable."""
    return pictures(REPORT_SOURCE, sheet_data(sheet), language=sheet.lang, at=sheet.at)


def comparison_pdf(comparison: Comparison) -> bytes:
    """The same bytes for the same comparison. Raises Unavailable."""
    return typeset(COMPARISON_SOURCE, comparison_data(comparison), language=comparison.lang, at=comparison.at)


def comparison_pictures(comparison: Comparison) -> tuple[bytes, ...]:
    """Its pages as PNG. Raises Unavailable."""
    data = comparison_data(comparison)
    return pictures(COMPARISON_SOURCE, data, language=comparison.lang, at=comparison.at)


def sheet_json(sheet: Sheet) -> bytes:
    """The same as a document for programs; `format` names its form."""
    return _json(REPORT_FORMAT, sheet)


def comparison_json(comparison: Comparison) -> bytes:
    """The same as a document for programs; `format` names its form."""
    return _json(COMPARISON_FORMAT, comparison)


def sheet_data(sheet: Sheet) -> dict[str, Any]:
    """What the paper shows: texts alone. Nothing of it is read as markup."""
    return {**msgspec.to_builtins(sheet), "words": WORDS[sheet.lang]}


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """What the paper shows: texts alone."""
    return {**msgspec.to_builtins(comparison), "words": WORDS[comparison.lang]}


def _json(name: str, said: Sheet | Comparison) -> bytes:
    document = {"format": name, **msgspec.to_builtins(said)}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


WORDS: dict[str, dict[str, str]] = {
    "en": {
        "missing": "missing",
        "missing title": "Not said yet",
        "missing lead": "The form asks for these and nobody said them. What is not known is left out, never guessed.",
        "field": "What is asked",
        "answer": "Answer",
        "pack": "Pack of duties",
        "report": "Report",
        "foot": "Prepared for a person to check and send. This node sends nothing by itself.",
        "side": "One incident, side by side",
        "regime": "Regime",
        "step": "Step",
        "due": "Due",
        "left": "Left",
        "span": "Time",
        "to": "To",
        "starts": "Runs from",
        "grade": "Grade",
        "reportable": "To be reported",
        "compared": "What was compared",
        "line": "Line",
        "value": "Here",
        "met": "Reached",
        "confirmed": "Confirmed",
        "unknown": "Could still raise it",
        "how": "How it was reckoned",
        "no clocks": "No clock runs under this duty.",
    },
    "zh": {
        "missing": "缺失",
        "missing title": "尚未填写",
        "missing lead": "表格要求以下内容，但尚无人填写。未知之处留空，绝不猜测。",
        "field": "要求的内容",
        "answer": "回答",
        "pack": "义务包",
        "report": "报告",
        "foot": "供人员核对并发送。本节点不会自行发送任何内容。",
        "side": "同一事件，并列对照",
        "regime": "制度",
        "step": "步骤",
        "due": "期限",
        "left": "剩余",
        "span": "时限",
        "to": "报送对象",
        "starts": "起算",
        "grade": "等级",
        "reportable": "应否报告",
        "compared": "比较过程",
        "line": "界线",
        "value": "本事件",
        "met": "达到",
        "confirmed": "出处可靠度",
        "unknown": "仍可能提高等级的事实",
        "how": "计算过程",
        "no clocks": "此义务下没有正在计时的期限。",
    },
}
