"""The console's rooms in their order: a few groups in the first row, the pages of the one that is open in the second.

A new page is a row here. Who may read none of a group's pages sees no group.
"""

from typing import NamedTuple

from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.visits import Visit

GROUPS = (
    (
        N_("Watch"),
        (
            ("/warnings", N_("Warnings"), acts.WARNINGS_READ),
            ("/trends", N_("Trends"), acts.WARNINGS_READ),
            ("/rules", N_("Rules"), acts.RULES_READ),
            ("/actors", N_("Actors"), acts.WARNINGS_READ),
            ("/sessions", N_("Sessions"), acts.CONVERSATIONS_LIST),
            ("/guards", N_("Guards"), acts.NODE_READ),
        ),
    ),
    (
        N_("Cases"),
        (
            ("/cases", N_("Cases"), acts.CASES_READ),
            ("/incidents", N_("Incidents"), acts.INCIDENTS_READ),
        ),
    ),
    (
        N_("Models"),
        (
            ("/models", N_("Models"), acts.MODELS_READ),
            ("/evaluations", N_("Evaluations"), acts.EVALUATIONS_READ),
            ("/releases", N_("Releases"), acts.RELEASES_READ),
            ("/red-lines", N_("Red lines"), acts.REDLINES_READ),
        ),
    ),
    (
        N_("Access"),
        (
            ("/access", N_("Who may use what"), acts.ACCESS_READ),
            ("/applicants", N_("Applicants"), acts.APPLICANTS_READ),
        ),
    ),
    (
        N_("Sharing"),
        (
            ("/peers", N_("Peers"), acts.NODE_READ),
            ("/records", N_("Records"), acts.RECORDS_READ),
            ("/left", N_("What left"), acts.NODE_READ),
            ("/counts", N_("Counts"), acts.SHARE_PREVIEW),
            ("/matches", N_("Matching"), acts.MATCH_READ),
            ("/matches", N_("Matching"), acts.MATCH_AGREE),
            ("/sums", N_("Private sums"), acts.SUMS_READ),
            ("/distinct", N_("Distinct counts"), acts.SUMS_READ),
        ),
    ),
    (
        N_("Oversight"),
        (
            ("/openings", N_("Openings"), acts.AUDIT_READ),
            ("/audit", N_("Audit"), acts.AUDIT_READ),
            ("/log", N_("Log"), acts.AUDIT_READ),
            ("/channels", N_("Channels"), acts.NODE_READ),
            ("/taxonomy", N_("Taxonomy"), acts.NODE_READ),
        ),
    ),
)
"""Groups by name; of each page its path, its name and the act that it needs. Two rows of one page: either act."""

NAVIGATION = tuple(page for _, pages in GROUPS for page in pages)

BESIDE = {"/share": "/left"}
"""A page that stands under another's name."""


class Way(NamedTuple):
    """One link: `here` where somebody is on it or below."""

    path: str
    name: str
    here: bool


class Ways(NamedTuple):
    """Both rows; the second is empty where the group has one page, and outside of all groups."""

    groups: tuple[Way, ...]
    pages: tuple[Way, ...]
    group: str


def ways(visit: Visit) -> Ways:
    """What this person may go to, and where they are."""
    groups: list[Way] = []
    inner: tuple[Way, ...] = ()
    current = ""
    for name, pages in GROUPS:
        allowed = tuple(
            dict.fromkeys(
                Way(path, title, _within(visit.path, path)) for path, title, act in pages if visit.may(act)
            )
        )
        if not allowed:
            continue
        here = any(way.here for way in allowed)
        groups.append(Way(allowed[0].path, name, here))
        if here:
            current, inner = name, allowed if len(allowed) > 1 else ()
    return Ways(tuple(groups), inner, current)


def _within(at: str, path: str) -> bool:
    at = BESIDE.get(at, at)
    return at == path or at.startswith(path + "/")
