"""The words that code chooses on the pages for applicants, in plain language."""

from collections.abc import Mapping

from tocsin.app.applicant_logins import LoginWhy
from tocsin.kernel.admission import SubjectStanding, VerificationLevel
from tocsin.kernel.applicants import Method
from tocsin.kernel.cases import CaseState
from tocsin.kernel.disposing import Outcome
from tocsin.trust.presentations import Why
from tocsin.web.console.languages import N_

LEVELS: Mapping[VerificationLevel, str] = {
    VerificationLevel.NONE: N_("Nothing shown yet"),
    VerificationLevel.EMAIL: N_("A mail address"),
    VerificationLevel.ORGANISATION: N_("An organisation"),
    VerificationLevel.LEGAL_IDENTITY: N_("A legal identity"),
    VerificationLevel.VETTED: N_("Vetted for a purpose"),
}
METHODS: Mapping[Method, str] = {
    Method.MAIL: N_("by a code that was sent"),
    Method.PRESENTATION: N_("by a wallet"),
    Method.LOGIN: N_("by a log-in"),
    Method.REVIEW: N_("by people"),
}
STANDINGS: Mapping[SubjectStanding, str] = {
    SubjectStanding.GOOD: N_("Nothing stands against your access."),
    SubjectStanding.SUSPENDED: N_(
        "Your access is stopped while people look. What they decide, and why, stands below."
    ),
    SubjectStanding.REVOKED: N_("Your access was ended. The reasons stand below, and you can object."),
}
STATES: Mapping[CaseState, str] = {
    CaseState.RECEIVED: N_("Nobody has looked at it yet."),
    CaseState.TRIAGED: N_("A person has read it and is finding out more."),
    CaseState.VERIFIED: N_("A decision comes next."),
    CaseState.DISPOSED: N_("It is decided."),
    CaseState.APPEALED: N_("You objected. Another person looks at everything again."),
    CaseState.UPHELD: N_("Another person looked again, and the decision stays."),
    CaseState.OVERTURNED: N_("Another person looked again, and the decision was changed."),
    CaseState.CLOSED: N_("It is closed."),
    CaseState.MERGED: N_("It is dealt with together with another."),
    CaseState.TRANSFERRED: N_("Another organisation deals with it now, because it is theirs to decide."),
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.BORNE_OUT: N_("What was said holds, as far as we could find out."),
    Outcome.NOT_BORNE_OUT: N_("What we found does not bear it out."),
    Outcome.NO_FINDING: N_("We could not find out."),
}

_OLD = N_("Your wallet answered too late or twice. Begin anew.")
_OTHER = N_("The answer was not to our question. Begin anew, on this device.")
_BROKEN = N_("What your wallet sent does not hold together. Ask whoever gave you the credential.")
WHY: Mapping[str, str] = {
    Why.UNREADABLE: _BROKEN,
    Why.UNKNOWN_ISSUER: N_("We do not know who gave you this credential. Choose one of the list."),
    Why.SIGNATURE: _BROKEN,
    Why.TYPE: N_("This is another kind of credential than we asked for."),
    Why.NOT_YET: N_("This credential does not count yet, or the clock of your device is wrong."),
    Why.EXPIRED: N_("This credential has run out. Have it renewed."),
    Why.FORGED: _BROKEN,
    Why.UNASKED: N_(
        "Your wallet showed more than we asked for. We kept nothing of it. Show only what is asked."
    ),
    Why.MISSING: N_("Your wallet did not show what we asked for."),
    Why.UNBOUND: N_("This credential does not show that it is yours."),
    Why.HOLDER: N_("This credential does not show that it is yours."),
    Why.AUDIENCE: _OTHER,
    Why.NONCE: _OTHER,
    Why.CLOCK: N_("This credential does not count yet, or the clock of your device is wrong."),
    Why.REVOKED: N_("Whoever gave you this credential took it back. Ask them."),
    Why.SUSPENDED: N_("Whoever gave you this credential took it back. Ask them."),
    Why.STATUS_UNKNOWN: N_("We could not find out whether this credential still counts. Try again later."),
    Why.REPLAYED: _OLD,
    Why.STALE_REQUEST: _OLD,
    Why.DECLINED: N_("You declined in your wallet. Nothing was shown."),
    LoginWhy.STALE: N_("This log-in came too late or twice. Begin anew."),
    LoginWhy.DECLINED: N_("You were not let in there, or you declined. Nothing was shown."),
    LoginWhy.ISSUER: N_("The answer came from somebody else than you were sent to. Choose one of the list."),
    LoginWhy.AWAY: N_("We could not ask there just now. Try again later."),
    LoginWhy.UNTRUSTED: N_("What came back does not hold together. Begin anew, or choose another way."),
    LoginWhy.UNVERIFIED: N_(
        "You were let in there, but nothing that counts here was verified. Have your address confirmed there."
    ),
}
"""By why the answer of a wallet, or a log-in, was refused."""
