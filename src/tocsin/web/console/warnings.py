"""The list of warnings, and one warning."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.cases.arranging import FACTOR, MAX_SNOOZE_DAYS, SNOOZE_DAYS, UNDECIDED
from tocsin.cases.disposition import (
    DISMISSAL_DAYS,
    MAX_DISMISSAL_DAYS,
    MAX_STATEMENT_CHARS,
    MIN_STATEMENT_CHARS,
)
from tocsin.kernel import (
    BadInput,
    Level,
    Manifest,
    NotFound,
    Reason,
    Record,
    Review,
    Warning,
    WarningKind,
    WarningStatus,
)
from tocsin.taxonomy import categories
from tocsin.taxonomy.messages import sentence
from tocsin.web.console import acts, charts
from tocsin.web.console.languages import Language
from tocsin.web.console.render import category_label, link, render, said
from tocsin.web.console.visits import Visit, visit_of

MAX_LISTED = 1_000
"""Warnings read for one list, newest first; the page says so when there are more."""
PER_PAGE = 25
MAX_MERGEABLE = 100
MAX_SEARCH_CHARS = 100

SUPPORTING = frozenset({"identity", "marking-definition", "extension-definition"})
"""Types that say nothing of a warning: every record leans on the same few."""

_RISK = {Level.NONE: 0, Level.LOW: 1, Level.MEDIUM: 2, Level.HIGH: 3}

SORTS: Mapping[str, Callable[[Warning], Any]] = {
    "category": lambda warning: (warning.category, -warning.last_seen),
    "kind": lambda warning: (warning.kind, -warning.last_seen),
    "actors": lambda warning: warning.actors,
    "events": lambda warning: warning.events,
    "first": lambda warning: warning.first_seen,
    "last": lambda warning: warning.last_seen,
    "risk": lambda warning: _risk_order(warning),
    "confidence": lambda warning: warning.confidence,
    "status": lambda warning: (warning.status, -warning.last_seen),
}
DEFAULT_SORT = "-last"
_DESCENDING_FIRST = {"actors", "events", "first", "last", "risk", "confidence"}


class Wanted(msgspec.Struct, frozen=True):
    """What the address asks to see."""

    status: WarningStatus | None
    kind: WarningKind | None
    category: str
    text: str
    sort: str
    page: int

    @property
    def narrowed(self) -> bool:
        return bool(self.status or self.kind or self.category or self.text)

    def query(self, **changes: str) -> dict[str, str]:
        """This view as GET parameters, with changes."""
        now = {
            "status": self.status or "",
            "kind": self.kind or "",
            "category": self.category,
            "q": self.text,
            "sort": "" if self.sort == DEFAULT_SORT else self.sort,
            "page": "" if self.page == 1 else str(self.page),
        }
        return {**now, **changes}


class Column(msgspec.Struct, frozen=True):
    """A heading: where its link leads, and how the table is sorted by it now (aria-sort)."""

    key: str
    href: str
    order: str


class Row(msgspec.Struct, frozen=True):
    """A line of the list: the warning, its weightiest reason as a sentence, its days as small bars."""

    warning: Warning
    why: str
    spark: charts.Timeline | None


class Shared(msgspec.Struct, frozen=True):
    """What was shared about a warning: its records, and the manifests under which any left (at, by, manifest)."""

    records: tuple[Record, ...]
    manifests: tuple[tuple[int, str, Manifest], ...]


@get("/warnings", sync_to_thread=True)
def warnings_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The list: filtered and sorted by GET parameters. Raises BadInput for a value that is none."""
    visit = visit_of(request)
    visit.require(acts.WARNINGS_READ)
    wanted = read_wanted(visit.query)
    read = visit.node.store.warnings.list(status=wanted.status, kind=wanted.kind, limit=MAX_LISTED)
    found = narrow(read, wanted, visit.language)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(wanted.page, pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    rows = [
        Row(
            warning=warning,
            why=said(weightiest(warning), visit.language) if warning.reasons else "",
            spark=charts.timeline(warning.timeline, width=96, height=24, most=32),
        )
        for warning in shown
    ]
    return render(
        visit,
        "warnings.html",
        wanted=wanted,
        rows=rows,
        found=len(found),
        total=len(read),
        truncated=len(read) == MAX_LISTED,
        columns={key: column(key, wanted) for key in SORTS},
        page=page,
        previous=link("/warnings", wanted.query(page=str(page - 1))) if page > 1 else "",
        following=link("/warnings", wanted.query(page=str(page + 1))) if page < pages else "",
        pages=pages,
        categories=category_choices(visit.language),
        statuses=tuple(WarningStatus),
        kinds=tuple(WarningKind),
    )


@get("/warnings/{warning_id:str}", sync_to_thread=True)
def warning_page(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[str]:
    """One warning. Raises NotFound."""
    visit = visit_of(request)
    visit.require(acts.WARNINGS_READ)
    return show_warning(visit, warning_id)


def show_warning(visit: Visit, warning_id: str, *, status: int = 200, **more: Any) -> Response[str]:
    """The page of one warning; `more` carries opened samples, or a form that was filled in wrongly."""
    store = visit.node.store
    warning = store.warnings.get(warning_id)
    if warning is None:
        raise NotFound("there is no such warning")
    people = {user.id: user.name for user in store.people.users()}
    reviews: tuple[Review, ...] = store.warnings.reviews(warning_id)
    values: dict[str, Any] = {
        "warning": warning,
        "timeline": charts.timeline(warning.timeline),
        "radar": charts.radar(visit.node.weighing.one(warning).risk),
        "reviews": reviews,
        "people": people,
        "shared": shared_of(visit, warning_id),
        "withdrawable": warning.status is WarningStatus.DISMISSED,
        "open_to_review": warning.status in UNDECIDED,
        "weighed": visit.node.weighing.one(warning),
        "arrangeable": warning.status in UNDECIDED,
        "mergeable": mergeable(visit, warning) if warning.status in UNDECIDED else [],
        "categories": category_choices(visit.language),
        "limits": {
            "statement_min": MIN_STATEMENT_CHARS,
            "statement_max": MAX_STATEMENT_CHARS,
            "days": DISMISSAL_DAYS,
            "days_max": MAX_DISMISSAL_DAYS,
            "snooze_days": SNOOZE_DAYS,
            "snooze_max": MAX_SNOOZE_DAYS,
            "snooze_factor": FACTOR,
        },
        "samples": None,
        "purpose": "",
        "errors": {},
        "filled": {},
        "done": visit.query.get("done", ""),
    }
    return render(visit, "warning.html", status, **{**values, **more})


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """GET parameters, checked. Raises BadInput naming the one that is none of ours."""
    sort = query.get("sort") or DEFAULT_SORT
    if sort.removeprefix("-") not in SORTS:
        raise BadInput(f"sort takes one of: {', '.join(SORTS)}")
    try:
        status = WarningStatus(query["status"]) if query.get("status") else None
        kind = WarningKind(query["kind"]) if query.get("kind") else None
        page = int(query.get("page") or 1)
    except ValueError:
        raise BadInput(
            "status, kind or page holds a value that there is none of: choose one in the form"
        ) from None
    return Wanted(
        status=status,
        kind=kind,
        category=query.get("category", "")[:MAX_SEARCH_CHARS],
        text=query.get("q", "").strip()[:MAX_SEARCH_CHARS],
        sort=sort,
        page=max(1, page),
    )


def narrow(warnings: Sequence[Warning], wanted: Wanted, language: Language) -> list[Warning]:
    """Those asked for, in the order asked for. Text is looked for in what the page shows, whatever its case."""
    needle = wanted.text.casefold()
    found = [
        warning
        for warning in warnings
        if (not wanted.category or warning.category == wanted.category)
        and (not needle or needle in _haystack(warning, language))
    ]
    return sorted(found, key=SORTS[wanted.sort.removeprefix("-")], reverse=wanted.sort.startswith("-"))


def column(key: str, wanted: Wanted) -> Column:
    """The heading's link turns the order round when the table is sorted by it already."""
    ascending, descending = wanted.sort == key, wanted.sort == f"-{key}"
    order = "ascending" if ascending else "descending" if descending else "none"
    turned = key if descending else f"-{key}" if ascending or key in _DESCENDING_FIRST else key
    return Column(key=key, href=link("/warnings", wanted.query(sort=turned, page="")), order=order)


def weightiest(warning: Warning) -> Reason:
    """The reason that says most in one line: evidence with a weight stands in order; the first only counts."""
    return next((reason for reason in warning.reasons if "weight" in reason.values), warning.reasons[0])


def category_choices(language: Language) -> list[tuple[str, str]]:
    """The closed list, as (id, label)."""
    return [(entry.id, category_label(entry.id, language)) for entry in categories()]


def mergeable(visit: Visit, warning: Warning) -> list[Warning]:
    """Undecided warnings that this may be one thing with: of its category first, newest first."""
    listed = visit.node.store.warnings.list(limit=MAX_LISTED)
    others = [one for one in listed if one.status in UNDECIDED and one.id != warning.id]
    return sorted(others, key=lambda one: one.category != warning.category)[:MAX_MERGEABLE]


def shared_of(visit: Visit, warning_id: str) -> Shared:
    """Records that speak of a warning, and the manifests that released any of them."""
    listed = visit.node.store.records.list(warning=warning_id)
    records = tuple(record for record in listed if record.type not in SUPPORTING)
    ids = {record.id for record in records}
    manifests = tuple(
        logged
        for logged in visit.node.store.releases.manifests()
        if ids and any(entry.id in ids for entry in logged[2].released)
    )
    return Shared(records=records, manifests=manifests)


def _haystack(warning: Warning, language: Language) -> str:
    # without the language's own way of writing numbers, which costs ten times the rest
    sentences = (sentence(reason, language.tag, translate=language.say) for reason in warning.reasons)
    shown = (
        warning.id,
        warning.key,
        warning.category,
        category_label(warning.category, language),
        warning.peer or "",
        *sentences,
    )
    return "\n".join(shown).casefold()


def _risk_order(warning: Warning) -> tuple[int, ...]:
    """Highest levels first: one high outranks many lows, because danger is not a sum."""
    levels = msgspec.structs.astuple(warning.risk)
    return tuple(sorted((_RISK[level] for level in levels), reverse=True))
