"""The pages' words that code chooses: kinds of misuse, states of a report, what was decided, in plain language."""

from collections.abc import Mapping

from tocsin.kernel.cases import CaseState
from tocsin.kernel.disposing import Measure, Outcome
from tocsin.kernel.reports import ReportWordKind
from tocsin.web.console.languages import N_

CATEGORIES: Mapping[str, str] = {
    "fraud.scam": N_("Getting money by lies"),
    "fraud.impersonation": N_("Pretending to be somebody else, also with a false voice or picture"),
    "cyber.phishing": N_("Stealing passwords or access to accounts"),
    "cyber.malware": N_("Harmful programs"),
    "cyber.intrusion": N_("Breaking into computers or telephones"),
    "technique.privacy-theft": N_("Getting hold of private information about people"),
    "influence.synthetic-media": N_("False pictures, voices or videos that mislead"),
    "influence.inauthentic": N_("Many false accounts that act together"),
    "incitement.violence": N_("Calling for violence"),
    "recruitment.violent": N_("Winning people over to violence"),
    "planning.violence": N_("Planning violence"),
    "coercion.companion": N_("A chatbot that urges somebody to harm themselves or others"),
    "cbrn.uplift": N_("Help with weapons that could harm very many people"),
    "autonomy.weapons": N_("Machines or weapons that act by themselves"),
    "agent.tool-misuse": N_("An AI assistant that was turned against its user"),
}
"""Of the closed list of conduct (`taxonomy.conduct`), those that somebody can see from outside."""

STATES: Mapping[CaseState, str] = {
    CaseState.RECEIVED: N_("We have your report. Nobody has looked at it yet."),
    CaseState.TRIAGED: N_("A person has read your report and is finding out more."),
    CaseState.VERIFIED: N_("We have found out what we could. A decision comes next."),
    CaseState.DISPOSED: N_("It is decided. The decision and its reasons are below."),
    CaseState.APPEALED: N_("You objected. Another person looks at everything again."),
    CaseState.UPHELD: N_("Another person looked again, and the decision stays."),
    CaseState.OVERTURNED: N_("Another person looked again, and the decision was changed."),
    CaseState.CLOSED: N_("It is closed."),
    CaseState.MERGED: N_("Others reported the same. All of it is dealt with together."),
    CaseState.TRANSFERRED: N_("Another organisation deals with it now, because it is theirs to decide."),
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.BORNE_OUT: N_("What was reported is true, as far as we could find out."),
    Outcome.NOT_BORNE_OUT: N_("What we found does not show what was reported."),
    Outcome.NO_FINDING: N_("We could not find out whether it is true."),
}

MEASURES: Mapping[Measure, str] = {
    Measure.NONE: N_("Nothing is done."),
    Measure.VISIBILITY_REMOVED: N_("The content was removed."),
    Measure.VISIBILITY_DISABLED: N_("The content can no longer be seen."),
    Measure.VISIBILITY_DEMOTED: N_("The content is shown less."),
    Measure.VISIBILITY_AGE_RESTRICTED: N_("The content is shown to adults only."),
    Measure.VISIBILITY_INTERACTION: N_("The content can no longer be answered or passed on."),
    Measure.VISIBILITY_LABELLED: N_("The content carries a warning."),
    Measure.MONETARY_SUSPENDED: N_("Payments were stopped for a time."),
    Measure.MONETARY_TERMINATED: N_("Payments were stopped."),
    Measure.PROVISION_PARTLY_SUSPENDED: N_("A part of the service was stopped for a time."),
    Measure.PROVISION_SUSPENDED: N_("The service was stopped for a time."),
    Measure.PROVISION_PARTLY_TERMINATED: N_("A part of the service was ended."),
    Measure.PROVISION_TERMINATED: N_("The service was ended."),
    Measure.ACCOUNT_SUSPENDED: N_("An account was closed for a time."),
    Measure.ACCOUNT_TERMINATED: N_("An account was closed."),
    Measure.WARNED: N_("The person was told the rules."),
    Measure.AUTHORITY_INFORMED: N_("An authority was told."),
}

SAID: Mapping[ReportWordKind, str] = {
    ReportWordKind.ADDED: N_("You added something."),
    ReportWordKind.APPEALED: N_("You objected to the decision."),
    ReportWordKind.WITHDRAWN: N_("You withdrew the report."),
    ReportWordKind.CONTACT_ERASED: N_("How to reach you was erased."),
    ReportWordKind.DECIDED: N_("It was decided."),
    ReportWordKind.JUDGED: N_("Your objection was looked at."),
}
