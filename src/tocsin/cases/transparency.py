"""What a node did, in counts that may be published: no small number, and none that could be worked out from others.

Pure: counts go in, a report comes out. Below SMALL_COUNT a number is withheld; where one of a table is withheld alone,
a second is withheld with it (secondary suppression), for the total would tell it. Restricted queues are in totals
alone.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import msgspec

from tocsin.kernel import at_micros

SMALL_COUNT = 5
"""The least number that is published: below it, people who know the matter may know whom it is."""
WITHHELD = None


class Row(msgspec.Struct, frozen=True):
    """One line of a table. `count` is None where it is withheld."""

    key: tuple[str, ...]
    count: int | None


class Table(msgspec.Struct, frozen=True):
    """Counts of one kind, with what their keys say and the total (None where it would tell a withheld row)."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int | None


class Delay(msgspec.Struct, frozen=True):
    """Hours from arrival to decision: median and ninth decile of `decided` cases; None of fewer than SMALL_COUNT."""

    decided: int | None
    median_hours: float | None
    p90_hours: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A transparency report. Moments in microseconds, `until` is the first that is not in it."""

    node: str
    since: int
    until: int
    made: int
    agrees: bool = True
    """Whether the audit has a line for each decision that the cases hold, and none besides."""
    smallest: int = SMALL_COUNT
    tables: tuple[Table, ...]
    delay: Delay


def table(
    name: str,
    title: str,
    columns: tuple[str, ...],
    counts: Mapping[tuple[str, ...], int],
    *,
    apart: int | None = None,
) -> Table:
    """A table in which nothing small is told, nor what is counted `apart` (restricted queues; None: there are none).

    1. Small rows are hidden. 2. What is counted apart is always hidden, and always with a row beside it, whether there
    is anything or not: that a row is missing tells nothing. 3. What the total leaves for all that is hidden is not
    small, and of two at least. 4. Where that cannot be had, the total is hidden too.
    """
    shown = {key: count for key, count in counts.items() if count > 0}
    hidden = {key for key, count in shown.items() if count < SMALL_COUNT}  # 1
    left, ways = sum(shown[key] for key in hidden), len(hidden)
    if apart is not None:  # 2
        left, ways = left + apart, ways + 1
    if ways:
        for key in sorted((key for key in shown if key not in hidden), key=lambda one: (shown[one], one)):
            if left >= SMALL_COUNT and ways > 1 and hidden:  # 3
                break
            hidden.add(key)
            left, ways = left + shown[key], ways + 1
    total = sum(shown.values()) + (apart or 0)
    untold = 0 < total < SMALL_COUNT or (
        ways > 0 and not (left >= SMALL_COUNT and ways > 1) and total > 0
    )  # 4
    rows = tuple(Row(key, WITHHELD if key in hidden else count) for key, count in sorted(shown.items()))
    return Table(name, title, columns, rows, None if untold else total)


def delay(hours: Sequence[float]) -> Delay:
    """Median and ninth decile by rank, with no interpolation: a number that some case really took."""
    if len(hours) < SMALL_COUNT:
        return Delay(None, None, None)
    ordered = sorted(hours)
    return Delay(len(ordered), round(_rank(ordered, 50), 1), round(_rank(ordered, 90), 1))


def _rank(ordered: Sequence[float], percent: int) -> float:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def as_json(report: Report) -> bytes:
    return msgspec.json.format(msgspec.json.encode(report), indent=2)


def as_csv(report: Report) -> str:
    """One line a row: table, key (its parts apart by " / "), count; an empty count is withheld."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("table", "key", "count"))
    for one in report.tables:
        for row in one.rows:
            writer.writerow((one.name, " / ".join(row.key), "" if row.count is None else row.count))
        writer.writerow((one.name, "total", "" if one.total is None else one.total))
    for name, value in (
        ("median_hours", report.delay.median_hours),
        ("p90_hours", report.delay.p90_hours),
    ):
        writer.writerow(("delay", name, "" if value is None else value))
    return out.getvalue()


def as_markdown(report: Report) -> str:
    """For a page of one's own."""
    lines = [
        f"# What {_plain(report.node)} did",
        "",
        f"{_day(report.since)} to {_day(report.until)}. {_note(report)}",
    ]
    for one in report.tables:
        lines += [
            "",
            f"## {one.title}",
            "",
            _line((*one.columns, "count")),
            _line("---" for _ in range(len(one.columns) + 1)),
        ]
        lines += [_line((*map(_plain, row.key), _said(row.count))) for row in one.rows]
        lines += [_line(("total", *("" for _ in one.columns[1:]), _said(one.total)))]
    lines += ["", "## Time to a decision", "", _told(report.delay), ""]
    return "\n".join(lines)


def as_html(report: Report) -> str:
    """The body of a page: headings and tables, with nothing that runs."""
    parts = [f"<p>{_day(report.since)} – {_day(report.until)}. {escape(_note(report))}</p>"]
    for one in report.tables:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in (*one.columns, "count"))
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(part)}</td>" for part in (*row.key, _said(row.count))) + "</tr>"
            for row in one.rows
        )
        foot = f'<tr><th scope="row" colspan="{len(one.columns)}">total</th><td>{_said(one.total)}</td></tr>'
        parts.append(
            f"<h2>{escape(one.title)}</h2><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody><tfoot>{foot}</tfoot></table>"
        )
    parts.append(f"<h2>Time to a decision</h2><p>{escape(_told(report.delay))}</p>")
    return "\n".join(parts)


def _note(report: Report) -> str:
    told = "" if report.agrees else " The audit and the cases do not say the same: ask the node."
    return (
        f"A dash is a number below {report.smallest}, or one that would tell such a number; "
        "cases of restricted queues are in totals alone." + told
    )


def _told(found: Delay) -> str:
    if found.median_hours is None:
        return "Too few decisions to tell."
    return f"Half of {found.decided} decisions took {found.median_hours} hours or less, nine of ten {found.p90_hours}."


def _said(count: int | None) -> str:
    return "–" if count is None else f"{count:,}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _day(moment: int) -> str:
    return at_micros(moment).date().isoformat()
