"""End users: what evidence is worth, and what follows from results.

Enters: what a wallet, a log-in or a mailbox showed, or people decided, and the operator's list of whom this node
believes. Leaves: a result with its level and its end, and the subject that access decisions see. Refuses: a source that
the operator did not name, a vetting that rests on no identity; and it has no place for a name, a country or a language.
"""

from tocsin.admit.applicants.judging import (
    Evidence,
    by_login,
    by_mail,
    by_presentation,
    by_review,
    handle_of,
    normal_address,
)
from tocsin.admit.applicants.sources import (
    FILE_NAME,
    IssuerSource,
    LegalIdentity,
    ProviderSource,
    Purpose,
    Sources,
    load_sources,
    read_sources,
)
from tocsin.admit.applicants.standing import dependants, matched, subject_of

__all__ = [
    "FILE_NAME",
    "Evidence",
    "IssuerSource",
    "LegalIdentity",
    "ProviderSource",
    "Purpose",
    "Sources",
    "by_login",
    "by_mail",
    "by_presentation",
    "by_review",
    "dependants",
    "handle_of",
    "load_sources",
    "matched",
    "normal_address",
    "read_sources",
    "subject_of",
]
