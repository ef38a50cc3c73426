"""Every clock of every packaged duty, reckoned by hand: what triggers it, the grade, from when, until when.

A row is (situation, start, due, latest). `latest` is the regime's own reading of the period where that is later.
Situations: "spring" and "autumn" cross the day on which clocks change, "leap" crosses or meets 29 February, "zone"
gives the start in another zone, "month-end" has no such day, "holiday" ends on a day off. Sundays: 29 March and
25 October 2026, 26 March and 29 October 2028, 25 March 2029, 29 February 2032. 29 February 2028 is a Tuesday.
"""

from typing import NamedTuple

from tocsin.kernel.duties import FactValue

Row = tuple[str, str, str, str | None]


class Table(NamedTuple):
    """Rows of one clock: `clock` is the grade from which it holds."""

    duty: str
    step: str
    clock: str
    facts: dict[str, FactValue]
    grade: str
    rows: tuple[Row, ...]


LARGER: dict[str, FactValue] = {"people_leaked": 1_000_000}
GRAVE: dict[str, FactValue] = {"people_leaked": 10_000_000}
SUMMARY: tuple[Row, ...] = (
    ("zone", "2026-03-28T20:00:00+01:00", "2026-04-28T03:00:00+08:00", "2026-04-29T00:00:00+08:00"),
    ("leap", "2028-02-10T09:00:00+08:00", "2028-03-11T09:00:00+08:00", "2028-03-12T00:00:00+08:00"),
)
ONE_HOUR: tuple[Row, ...] = (
    ("zone", "2026-03-28T23:30:00+01:00", "2026-03-29T07:30:00+08:00", None),
    ("leap", "2028-02-28T23:30:00+08:00", "2028-02-29T00:30:00+08:00", None),
)
CHINA = (
    Table("china-cii-operator", "first", "", LARGER, "larger", ONE_HOUR),
    Table(
        "china-cii-operator",
        "onward",
        "",
        GRAVE,
        "grave",
        (
            ("zone", "2026-03-29T01:45:00+01:00", "2026-03-29T09:15:00+08:00", None),
            ("leap", "2028-02-29T23:45:00+08:00", "2028-03-01T00:15:00+08:00", None),
        ),
    ),
    Table("china-cii-operator", "summary", "", LARGER, "larger", SUMMARY),
    Table(
        "china-state-organ",
        "first",
        "",
        LARGER,
        "larger",
        (
            ("zone", "2026-03-28T23:30:00+01:00", "2026-03-29T08:30:00+08:00", None),
            ("leap", "2028-02-28T23:30:00+08:00", "2028-02-29T01:30:00+08:00", None),
        ),
    ),
    Table("china-state-organ", "onward", "", GRAVE, "grave", ONE_HOUR),
    Table("china-state-organ", "summary", "", LARGER, "larger", SUMMARY),
    Table(
        "china-network-operator",
        "first",
        "",
        LARGER,
        "larger",
        (
            ("zone", "2026-03-28T23:30:00+01:00", "2026-03-29T10:30:00+08:00", None),
            ("leap", "2028-02-28T23:30:00+08:00", "2028-02-29T03:30:00+08:00", None),
        ),
    ),
    Table("china-network-operator", "onward", "", GRAVE, "grave", ONE_HOUR),
    Table("china-network-operator", "summary", "", LARGER, "larger", SUMMARY),
    Table(
        "china-product-risk",
        "report",
        "",
        {"national_security_risk": True},
        "risk",
        (
            ("zone", "2026-03-28T23:30:00+01:00", "2026-03-30T06:30:00+08:00", None),
            ("leap", "2028-02-28T23:30:00+08:00", "2028-02-29T23:30:00+08:00", None),
        ),
    ),
)

ACT: dict[str, FactValue] = {
    "serious_incident": True,
    "deaths": 0,
    "widespread_infringement": False,
    "critical_infrastructure": False,
}
ACT_AUTUMN_15 = (
    "autumn",
    "2028-10-20T10:15:00+02:00",
    "2028-11-04T10:15:00+01:00",
    "2028-11-07T00:00:00+01:00",
)
ACT_AUTUMN_10 = (
    "autumn",
    "2028-10-20T10:15:00+02:00",
    "2028-10-30T10:15:00+01:00",
    "2028-10-31T00:00:00+01:00",
)
ACT_AUTUMN_2 = (
    "autumn",
    "2028-10-28T10:15:00+02:00",
    "2028-10-30T10:15:00+01:00",
    "2028-11-01T00:00:00+01:00",
)
AI_ACT = (
    Table(
        "eu-ai-act-annex-iii",
        "report",
        "",
        ACT,
        "serious",
        (
            ("spring", "2028-03-20T10:15:00+01:00", "2028-04-04T10:15:00+02:00", "2028-04-05T00:00:00+02:00"),
            ACT_AUTUMN_15,
            ("leap", "2028-02-20T10:15:00+01:00", "2028-03-06T10:15:00+01:00", "2028-03-07T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-ai-act-annex-iii",
        "report",
        "death",
        {**ACT, "deaths": 1},
        "death",
        (
            ("spring", "2028-03-20T10:15:00+01:00", "2028-03-30T10:15:00+02:00", "2028-03-31T00:00:00+02:00"),
            ACT_AUTUMN_10,
            ("leap", "2028-02-20T10:15:00+01:00", "2028-03-01T10:15:00+01:00", "2028-03-02T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-ai-act-annex-iii",
        "report",
        "critical",
        {**ACT, "widespread_infringement": True},
        "critical",
        (
            ("spring", "2028-03-25T10:15:00+01:00", "2028-03-27T10:15:00+02:00", "2028-03-29T00:00:00+02:00"),
            ACT_AUTUMN_2,
            ("leap", "2028-02-28T10:15:00+01:00", "2028-03-01T10:15:00+01:00", "2028-03-02T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-ai-act-annex-i",
        "report",
        "",
        ACT,
        "serious",
        (
            ("spring", "2029-03-13T10:15:00+01:00", "2029-03-28T10:15:00+02:00", "2029-03-29T00:00:00+02:00"),
            ACT_AUTUMN_15,
            ("leap", "2032-02-20T10:15:00+01:00", "2032-03-06T10:15:00+01:00", "2032-03-09T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-ai-act-annex-i",
        "report",
        "death",
        {**ACT, "deaths": 2},
        "death",
        (
            ("spring", "2029-03-17T10:15:00+01:00", "2029-03-27T10:15:00+02:00", "2029-03-28T00:00:00+02:00"),
            ACT_AUTUMN_10,
            ("leap", "2032-02-20T10:15:00+01:00", "2032-03-01T10:15:00+01:00", "2032-03-02T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-ai-act-annex-i",
        "report",
        "critical",
        {**ACT, "deaths": 2, "critical_infrastructure": True},
        "critical",
        (
            ("spring", "2029-03-24T10:15:00+01:00", "2029-03-26T10:15:00+02:00", "2029-03-28T00:00:00+02:00"),
            ACT_AUTUMN_2,
            ("leap", "2032-02-28T10:15:00+01:00", "2032-03-01T10:15:00+01:00", "2032-03-03T00:00:00+01:00"),
        ),
    ),
)

CODE: dict[str, FactValue] = {
    "serious_incident": True,
    "deaths": 0,
    "security_breach": False,
    "weights_exfiltrated": False,
    "critical_infrastructure": False,
}
GPAI = (
    Table(
        "eu-gpai-code",
        "report",
        "",
        CODE,
        "serious",
        (
            # 4 April 2026 is a Saturday before Easter: Monday is off too
            ("spring", "2026-03-20T10:15:00+01:00", "2026-04-04T10:15:00+02:00", "2026-04-08T00:00:00+02:00"),
            (
                "holiday",
                "2026-03-22T10:15:00+01:00",
                "2026-04-06T10:15:00+02:00",
                "2026-04-08T00:00:00+02:00",
            ),
            ("autumn", "2026-10-20T10:15:00+02:00", "2026-11-04T10:15:00+01:00", "2026-11-05T00:00:00+01:00"),
            ("leap", "2028-02-20T10:15:00+01:00", "2028-03-06T10:15:00+01:00", "2028-03-07T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-gpai-code",
        "report",
        "death",
        {**CODE, "deaths": 1},
        "death",
        (
            ("spring", "2026-03-20T10:15:00+01:00", "2026-03-30T10:15:00+02:00", "2026-03-31T00:00:00+02:00"),
            ("autumn", "2026-10-20T10:15:00+02:00", "2026-10-30T10:15:00+01:00", "2026-10-31T00:00:00+01:00"),
            ("leap", "2028-02-20T10:15:00+01:00", "2028-03-01T10:15:00+01:00", "2028-03-02T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-gpai-code",
        "report",
        "breach",
        {**CODE, "weights_exfiltrated": True},
        "breach",
        (
            ("spring", "2026-03-27T10:15:00+01:00", "2026-04-01T10:15:00+02:00", "2026-04-02T00:00:00+02:00"),
            ("autumn", "2026-10-22T10:15:00+02:00", "2026-10-27T10:15:00+01:00", "2026-10-28T00:00:00+01:00"),
            ("leap", "2028-02-26T10:15:00+01:00", "2028-03-02T10:15:00+01:00", "2028-03-03T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-gpai-code",
        "report",
        "critical-infrastructure",
        {**CODE, "critical_infrastructure": True},
        "critical-infrastructure",
        (
            ("spring", "2026-03-28T10:15:00+01:00", "2026-03-30T10:15:00+02:00", "2026-04-01T00:00:00+02:00"),
            ("autumn", "2026-10-24T10:15:00+02:00", "2026-10-26T10:15:00+01:00", "2026-10-28T00:00:00+01:00"),
            ("leap", "2028-02-28T10:15:00+01:00", "2028-03-01T10:15:00+01:00", "2028-03-02T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-gpai-code",
        "update",
        "",
        CODE,
        "serious",
        (
            # half past two does not exist on 29 March: the earlier moment that it can mean
            ("spring", "2026-03-01T02:30:00+01:00", "2026-03-29T01:30:00+01:00", "2026-03-31T00:00:00+02:00"),
            ("spring", "2026-03-02T10:15:00+01:00", "2026-03-30T10:15:00+02:00", "2026-03-31T00:00:00+02:00"),
            ("autumn", "2026-10-05T10:15:00+02:00", "2026-11-02T10:15:00+01:00", "2026-11-03T00:00:00+01:00"),
            ("leap", "2028-02-14T10:15:00+01:00", "2028-03-13T10:15:00+01:00", "2028-03-14T00:00:00+01:00"),
        ),
    ),
    Table(
        "eu-gpai-code",
        "final",
        "",
        CODE,
        "serious",
        (
            ("spring", "2026-02-10T10:15:00+01:00", "2026-04-11T10:15:00+02:00", "2026-04-14T00:00:00+02:00"),
            ("autumn", "2026-09-01T10:15:00+02:00", "2026-10-31T10:15:00+01:00", "2026-11-03T00:00:00+01:00"),
            ("leap", "2028-01-10T10:15:00+01:00", "2028-03-10T10:15:00+01:00", "2028-03-11T00:00:00+01:00"),
        ),
    ),
)

SIGNIFICANT: dict[str, FactValue] = {"significant_incident": True}
NIS2 = (
    Table(
        "nis2",
        "early-warning",
        "",
        SIGNIFICANT,
        "significant",
        (
            ("spring", "2026-03-28T10:15:00+01:00", "2026-03-29T11:15:00+02:00", "2026-03-29T12:00:00+02:00"),
            ("autumn", "2026-10-24T10:15:00+02:00", "2026-10-25T09:15:00+01:00", "2026-10-25T10:00:00+01:00"),
            ("leap", "2028-02-28T10:15:00+01:00", "2028-02-29T10:15:00+01:00", "2028-02-29T11:00:00+01:00"),
            ("zone", "2026-03-28T17:15:00+08:00", "2026-03-29T11:15:00+02:00", "2026-03-29T12:00:00+02:00"),
        ),
    ),
    Table(
        "nis2",
        "notification",
        "",
        SIGNIFICANT,
        "significant",
        (
            ("spring", "2026-03-28T10:15:00+01:00", "2026-03-31T11:15:00+02:00", "2026-03-31T12:00:00+02:00"),
            ("autumn", "2026-10-24T10:15:00+02:00", "2026-10-27T09:15:00+01:00", "2026-10-27T10:00:00+01:00"),
            ("leap", "2028-02-28T10:15:00+01:00", "2028-03-02T10:15:00+01:00", "2028-03-02T11:00:00+01:00"),
        ),
    ),
    Table(
        "nis2",
        "final",
        "",
        SIGNIFICANT,
        "significant",
        (
            ("spring", "2026-03-10T10:15:00+01:00", "2026-04-10T10:15:00+02:00", "2026-04-11T00:00:00+02:00"),
            ("autumn", "2026-10-12T10:15:00+02:00", "2026-11-12T10:15:00+01:00", "2026-11-13T00:00:00+01:00"),
            ("leap", "2028-01-31T10:15:00+01:00", "2028-02-29T10:15:00+01:00", "2028-03-01T00:00:00+01:00"),
            (
                "month-end",
                "2026-01-31T10:15:00+01:00",
                "2026-02-28T10:15:00+01:00",
                "2026-03-03T00:00:00+01:00",
            ),
            (
                "holiday",
                "2026-11-25T10:15:00+01:00",
                "2026-12-25T10:15:00+01:00",
                "2026-12-29T00:00:00+01:00",
            ),
        ),
    ),
)

FRONTIER: dict[str, FactValue] = {
    "critical_safety_incident": True,
    "serious_injury_imminent": False,
    "training_compute": 2e26,
    "revenue_usd": 600_000_000,
}
STATES = (
    Table(
        "california-sb53",
        "imminent",
        "",
        {**FRONTIER, "serious_injury_imminent": True},
        "imminent",
        (
            ("spring", "2026-03-07T10:15:00-08:00", "2026-03-08T11:15:00-07:00", None),
            ("autumn", "2026-10-31T10:15:00-07:00", "2026-11-01T09:15:00-08:00", None),
            ("leap", "2028-02-28T10:15:00-08:00", "2028-02-29T10:15:00-08:00", None),
        ),
    ),
    Table(
        "california-sb53",
        "report",
        "",
        FRONTIER,
        "incident",
        (
            ("spring", "2026-03-01T10:15:00-08:00", "2026-03-16T10:15:00-07:00", "2026-03-17T00:00:00-07:00"),
            ("autumn", "2026-10-25T10:15:00-07:00", "2026-11-09T10:15:00-08:00", "2026-11-10T00:00:00-08:00"),
            # 17 October at half past one, fifteen days on: there is that time twice, and the first is due
            ("autumn", "2026-10-17T01:30:00-07:00", "2026-11-01T01:30:00-07:00", "2026-11-02T00:00:00-08:00"),
            # half past two does not exist on 8 March: the moment that was half past one
            ("spring", "2026-02-21T02:30:00-08:00", "2026-03-08T01:30:00-08:00", "2026-03-09T00:00:00-07:00"),
            ("leap", "2028-02-20T10:15:00-08:00", "2028-03-06T10:15:00-08:00", "2028-03-07T00:00:00-08:00"),
        ),
    ),
    Table(
        "new-york-raise",
        "law-enforcement",
        "",
        FRONTIER,
        "incident",
        (
            ("spring", "2027-03-13T10:15:00-05:00", "2027-03-14T11:15:00-04:00", None),
            ("autumn", "2027-11-06T10:15:00-04:00", "2027-11-07T09:15:00-05:00", None),
            ("leap", "2028-02-28T10:15:00-05:00", "2028-02-29T10:15:00-05:00", None),
        ),
    ),
    Table(
        "new-york-raise",
        "report",
        "",
        FRONTIER,
        "incident",
        (
            ("spring", "2027-03-13T10:15:00-05:00", "2027-03-16T11:15:00-04:00", None),
            ("autumn", "2027-11-06T10:15:00-04:00", "2027-11-09T09:15:00-05:00", None),
            ("leap", "2028-02-28T10:15:00-05:00", "2028-03-02T10:15:00-05:00", None),
        ),
    ),
    Table(
        "circia",
        "incident",
        "",
        {"covered_cyber_incident": True},
        "covered",
        (
            ("spring", "2026-03-07T10:15:00-05:00", "2026-03-10T11:15:00-04:00", None),
            ("autumn", "2026-10-31T10:15:00-04:00", "2026-11-03T09:15:00-05:00", None),
            ("leap", "2028-02-28T10:15:00-05:00", "2028-03-02T10:15:00-05:00", None),
        ),
    ),
    Table(
        "circia",
        "ransom",
        "",
        {"ransom_paid": True},
        "covered",
        (
            ("spring", "2026-03-07T10:15:00-05:00", "2026-03-08T11:15:00-04:00", None),
            ("autumn", "2026-10-31T10:15:00-04:00", "2026-11-01T09:15:00-05:00", None),
            ("leap", "2028-02-28T10:15:00-05:00", "2028-02-29T10:15:00-05:00", None),
        ),
    ),
)

BASE: dict[str, FactValue] = {
    "serious_incident": True,
    "deaths": 0,
    "serious_injury_imminent": False,
    "critical_infrastructure": False,
    "weights_exfiltrated": False,
}
OTHERS = (
    Table(
        "india-cert-in",
        "report",
        "",
        {"covered_cyber_incident": True},
        "incident",
        (
            ("zone", "2026-03-29T01:30:00+01:00", "2026-03-29T12:00:00+05:30", None),
            ("leap", "2028-02-28T21:15:00+05:30", "2028-02-29T03:15:00+05:30", None),
        ),
    ),
    Table(
        "hiroshima",
        "report",
        "",
        {},
        "",
        (
            ("zone", "2026-03-28T23:30:00-05:00", "2027-03-29T04:30:00+00:00", "2027-03-30T00:00:00+00:00"),
            ("leap", "2028-02-29T10:15:00+00:00", "2029-02-28T10:15:00+00:00", "2029-03-01T00:00:00+00:00"),
        ),
    ),
    Table(
        "base",
        "first",
        "",
        BASE,
        "serious",
        (
            ("zone", "2026-03-29T01:30:00+01:00", "2026-04-01T00:30:00+00:00", None),
            ("leap", "2028-02-28T10:15:00+00:00", "2028-03-02T10:15:00+00:00", None),
        ),
    ),
    Table(
        "base",
        "first",
        "grave",
        {**BASE, "deaths": 1},
        "grave",
        (
            ("zone", "2026-03-29T01:30:00+01:00", "2026-03-30T00:30:00+00:00", None),
            ("leap", "2028-02-28T10:15:00+00:00", "2028-02-29T10:15:00+00:00", None),
        ),
    ),
    Table(
        "base",
        "update",
        "",
        BASE,
        "serious",
        (
            ("zone", "2026-03-31T23:30:00-04:00", "2026-05-01T03:30:00+00:00", "2026-05-02T00:00:00+00:00"),
            ("leap", "2028-01-31T10:15:00+00:00", "2028-02-29T10:15:00+00:00", "2028-03-01T00:00:00+00:00"),
        ),
    ),
    Table(
        "base",
        "final",
        "",
        BASE,
        "serious",
        (
            ("zone", "2026-05-31T10:15:00+08:00", "2026-06-30T02:15:00+00:00", "2026-07-01T00:00:00+00:00"),
            ("leap", "2028-01-30T10:15:00+00:00", "2028-02-29T10:15:00+00:00", "2028-03-01T00:00:00+00:00"),
        ),
    ),
)

TABLES = (*CHINA, *AI_ACT, *GPAI, *NIS2, *STATES, *OTHERS)
NO_CLOCK = ("korea",)
"""Duties of which no time was found: they have no step, and say so."""
