"""A statement of reasons in the form of the DSA transparency database, and the words that form has.

Names, values and lengths are those of the database's own published code (digital-services-act/transparency-database,
`StatementStoreRequest` and `Statement`), read in stored copies of several ages; docs/reasons.md says which of them was
read where. The law is Regulation (EU) 2022/2065, Articles 17 and 24(5).
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from tocsin.kernel.cases import CaseOrigin
from tocsin.kernel.disposing import Ground, Measure

MAX_FACTS_CHARS = 5_000
"""`decision_facts`, in the database's `StatementStoreRequest`."""
MAX_GROUND_CHARS = 500
"""`illegal_content_legal_ground` and `incompatible_content_ground`, ibid."""
MAX_EXPLANATION_CHARS = 2_000
"""`illegal_content_explanation` and `incompatible_content_explanation`, ibid."""
MAX_PUID_CHARS = 500
"""`puid`, ibid."""
MAX_TOGETHER = 100
"""Statements in one document: what the database takes in one request, unconfirmed."""

CONTENT_TYPES = tuple(
    f"CONTENT_TYPE_{name}"
    for name in ("APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER")
)

GROUNDS = {
    Ground.ILLEGAL: "DECISION_GROUND_ILLEGAL_CONTENT",
    Ground.TERMS: "DECISION_GROUND_INCOMPATIBLE_CONTENT",
}

VISIBILITY = {
    Measure.VISIBILITY_REMOVED: "DECISION_VISIBILITY_CONTENT_REMOVED",
    Measure.VISIBILITY_DISABLED: "DECISION_VISIBILITY_CONTENT_DISABLED",
    Measure.VISIBILITY_DEMOTED: "DECISION_VISIBILITY_CONTENT_DEMOTED",
    Measure.VISIBILITY_AGE_RESTRICTED: "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    Measure.VISIBILITY_INTERACTION: "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    Measure.VISIBILITY_LABELLED: "DECISION_VISIBILITY_CONTENT_LABELLED",
}
MONETARY = {
    Measure.MONETARY_SUSPENDED: "DECISION_MONETARY_SUSPENSION",
    Measure.MONETARY_TERMINATED: "DECISION_MONETARY_TERMINATION",
}
PROVISION = {
    Measure.PROVISION_PARTLY_SUSPENDED: "DECISION_PROVISION_PARTIAL_SUSPENSION",
    Measure.PROVISION_SUSPENDED: "DECISION_PROVISION_TOTAL_SUSPENSION",
    Measure.PROVISION_PARTLY_TERMINATED: "DECISION_PROVISION_PARTIAL_TERMINATION",
    Measure.PROVISION_TERMINATED: "DECISION_PROVISION_TOTAL_TERMINATION",
}
ACCOUNT = {
    Measure.ACCOUNT_SUSPENDED: "DECISION_ACCOUNT_SUSPENDED",
    Measure.ACCOUNT_TERMINATED: "DECISION_ACCOUNT_TERMINATED",
}

SOURCES = {
    CaseOrigin.REPORT: "SOURCE_ARTICLE_16",
    CaseOrigin.MAIL: "SOURCE_TYPE_OTHER_NOTIFICATION",
    CaseOrigin.PEER: "SOURCE_TYPE_OTHER_NOTIFICATION",
    CaseOrigin.WARNING: "SOURCE_VOLUNTARY",
    CaseOrigin.OWN: "SOURCE_VOLUNTARY",
    CaseOrigin.APPLICATION: "SOURCE_VOLUNTARY",
}
TRUSTED_FLAGGER = "SOURCE_TRUSTED_FLAGGER"

BY_PEOPLE, WHOLLY = "AUTOMATED_DECISION_NOT_AUTOMATED", "AUTOMATED_DECISION_FULLY"
"""The database told Yes from No once, and three degrees since; both are in docs/reasons.md."""

_SCOPE = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
SCOPE = frozenset(_SCOPE.split())
"""Countries of the European Economic Area, which is where a decision reported there has effect."""


class StatementOfReasons(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the database. Fields and values are its own; days are YYYY-MM-DD."""

    decision_visibility: tuple[str, ...] = ()
    decision_monetary: str | None = None
    decision_provision: str | None = None
    decision_account: str | None = None
    end_date_visibility_restriction: str | None = None
    end_date_monetary_restriction: str | None = None
    end_date_service_restriction: str | None = None
    end_date_account_restriction: str | None = None
    decision_ground: str = ""
    illegal_content_legal_ground: str | None = None
    illegal_content_explanation: str | None = None
    incompatible_content_ground: str | None = None
    incompatible_content_explanation: str | None = None
    content_type: tuple[str, ...] = ()
    content_date: str | None = None
    content_language: str | None = None
    category: str = ""
    territorial_scope: tuple[str, ...] = ()
    application_date: str = ""
    decision_facts: str = ""
    source_type: str = ""
    automated_detection: str = ""
    automated_decision: str = ""
    puid: str = ""


class Crossed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which category of the database a kind of conduct falls under, and how sure that is."""

    category: str
    status: str
    because: str = ""


class _Crosswalk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    source: str
    categories: tuple[str, ...]
    conduct: dict[str, Crossed]


@cache
def _crosswalk() -> _Crosswalk:
    data = resources.files("tocsin.cases.reasons").joinpath("crosswalk.yaml").read_bytes()
    return msgspec.yaml.decode(data, type=_Crosswalk)


def crosswalk() -> Mapping[str, Crossed]:
    """Conduct of our closed list → category of the database."""
    return _crosswalk().conduct


def database_categories() -> tuple[str, ...]:
    """Every category of the database."""
    return _crosswalk().categories
