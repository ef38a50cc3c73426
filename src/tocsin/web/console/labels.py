"""What people read for a value of an enum. A value that has no label yet is shown as it is, never hidden."""

from collections.abc import Mapping
from enum import Enum

from tocsin.kernel import (
    TLP,
    ArtefactVerdict,
    Level,
    Login,
    PeerStatus,
    Role,
    RuleState,
    Severity,
    Verdict,
    WarningKind,
    WarningStatus,
)
from tocsin.kernel.cases import CaseFlag, CaseOrigin, CaseState, Urgency
from tocsin.kernel.disposing import Appellant, Ground, Measure
from tocsin.kernel.disposing import Outcome as CaseOutcome
from tocsin.kernel.evaluations import LineVerdict, Outcome
from tocsin.kernel.models import ModelState
from tocsin.kernel.plans import Condition, Consequence
from tocsin.kernel.recognition import DrawState, RecognitionOutcome
from tocsin.kernel.release import ReleaseState, Tier
from tocsin.web.console.languages import N_

LABELS: Mapping[Enum, str] = {
    WarningStatus.OPEN: N_("Open"),
    WarningStatus.CONFIRMED: N_("Confirmed"),
    WarningStatus.DISMISSED: N_("Dismissed"),
    WarningStatus.QUIETED: N_("Quieted"),
    WarningStatus.MERGED: N_("Merged"),
    WarningStatus.SNOOZED: N_("Snoozed"),
    WarningKind.PHRASE: N_("Phrase"),
    WarningKind.CAMPAIGN: N_("Campaign"),
    WarningKind.LOOK_BACK: N_("Look-back"),
    WarningKind.RULE: N_("Rule"),
    WarningKind.SESSION: N_("Session"),
    WarningKind.AGENT: N_("Agent"),
    WarningKind.GUARD: N_("Guard model"),
    WarningKind.TREND: N_("Trend"),
    Level.NONE: N_("None"),
    Level.LOW: N_("Low"),
    Level.MEDIUM: N_("Medium"),
    Level.HIGH: N_("High"),
    PeerStatus.ADDED: N_("Added"),
    PeerStatus.TRUSTED: N_("Trusted"),
    PeerStatus.SUSPENDED: N_("Suspended"),
    PeerStatus.REVOKED: N_("Revoked"),
    PeerStatus.EXPIRED: N_("Ended"),
    TLP.CLEAR: "TLP:CLEAR",
    TLP.GREEN: "TLP:GREEN",
    TLP.AMBER: "TLP:AMBER",
    TLP.AMBER_STRICT: "TLP:AMBER+STRICT",
    TLP.RED: "TLP:RED",
    RuleState.ENABLED: N_("Enabled"),
    RuleState.SHADOW: N_("In shadow"),
    RuleState.DISABLED: N_("Disabled"),
    ArtefactVerdict.CLEAN: N_("Clean"),
    ArtefactVerdict.NOT_EXAMINED: N_("Not examined"),
    ArtefactVerdict.INCONCLUSIVE: N_("Inconclusive"),
    ArtefactVerdict.FOUND: N_("Found"),
    Severity.NOTE: N_("Note"),
    Severity.LOW: N_("Low"),
    Severity.MEDIUM: N_("Medium"),
    Severity.HIGH: N_("High"),
    Severity.CRITICAL: N_("Critical"),
    ModelState.ACTIVE: N_("In use"),
    ModelState.WITHDRAWN: N_("Withdrawn"),
    LineVerdict.BELOW: N_("Below the line"),
    LineVerdict.ABOVE: N_("Over the line"),
    LineVerdict.INCONCLUSIVE: N_("Inconclusive"),
    LineVerdict.INVALID: N_("Invalid"),
    Condition.AS_SHIPPED: N_("As shipped"),
    Condition.SAFEGUARDS_REMOVED: N_("Safeguards removed"),
    Condition.FINE_TUNED: N_("Fine-tuned"),
    Consequence.BLOCK: N_("Nothing goes out"),
    Consequence.RESTRICT: N_("Verified end users at most"),
    Consequence.REVIEW: N_("A person looks"),
    Outcome.PASSED: N_("Passed"),
    Outcome.FAILED: N_("Failed"),
    RecognitionOutcome.ACCEPTED: N_("Accepted"),
    RecognitionOutcome.REPRODUCED: N_("Reproduced"),
    RecognitionOutcome.COMPATIBLE: N_("Compatible"),
    RecognitionOutcome.CONTRADICTED: N_("Contradicted"),
    RecognitionOutcome.NOT_RECOGNISED: N_("Not recognised"),
    DrawState.CHALLENGED: N_("Challenged"),
    DrawState.DRAWN: N_("Drawn"),
    DrawState.REVEALED: N_("Revealed"),
    DrawState.CLOSED: N_("Closed"),
    DrawState.OPENED: N_("Opened"),
    CaseState.RECEIVED: N_("Arrived"),
    CaseState.TRIAGED: N_("Sorted"),
    CaseState.VERIFIED: N_("Verified"),
    CaseState.DISPOSED: N_("Decided"),
    CaseState.APPEALED: N_("Appealed"),
    CaseState.UPHELD: N_("Upheld"),
    CaseState.OVERTURNED: N_("Overturned"),
    CaseState.CLOSED: N_("Closed"),
    CaseState.TRANSFERRED: N_("Transferred"),
    CaseOrigin.REPORT: N_("Report from outside"),
    CaseOrigin.WARNING: N_("Warning"),
    CaseOrigin.PEER: N_("Peer"),
    CaseOrigin.MAIL: N_("Mail"),
    CaseOrigin.OWN: N_("Opened here"),
    Urgency.IMMINENT: N_("Somebody may be in danger"),
    Urgency.NORMAL: N_("Normal"),
    CaseFlag.IMMINENT_DANGER: N_("Danger now"),
    CaseFlag.SPECIAL_GROUP: N_("A protected group"),
    CaseFlag.CHILD_MATERIAL: N_("Suspected material of child abuse"),
    CaseOutcome.BORNE_OUT: N_("The facts bear it out"),
    CaseOutcome.NOT_BORNE_OUT: N_("The facts do not bear it out"),
    CaseOutcome.NO_FINDING: N_("It could not be found out"),
    Ground.NONE: N_("None"),
    Ground.ILLEGAL: N_("Against the law"),
    Ground.TERMS: N_("Against the terms of use"),
    Measure.VISIBILITY_REMOVED: N_("Content removed"),
    Measure.VISIBILITY_DISABLED: N_("Access to content disabled"),
    Measure.VISIBILITY_DEMOTED: N_("Content shown less"),
    Measure.VISIBILITY_AGE_RESTRICTED: N_("Content for adults alone"),
    Measure.VISIBILITY_INTERACTION: N_("Reactions to content restricted"),
    Measure.VISIBILITY_LABELLED: N_("Content labelled"),
    Measure.MONETARY_SUSPENDED: N_("Payments suspended"),
    Measure.MONETARY_TERMINATED: N_("Payments ended"),
    Measure.PROVISION_PARTLY_SUSPENDED: N_("Service suspended in part"),
    Measure.PROVISION_SUSPENDED: N_("Service suspended"),
    Measure.PROVISION_PARTLY_TERMINATED: N_("Service ended in part"),
    Measure.PROVISION_TERMINATED: N_("Service ended"),
    Measure.ACCOUNT_SUSPENDED: N_("Account suspended"),
    Measure.ACCOUNT_TERMINATED: N_("Account ended"),
    Measure.WARNED: N_("The person was told of the rule"),
    Measure.AUTHORITY_INFORMED: N_("An authority informed"),
    Appellant.REPORTER: N_("By who reported it"),
    Appellant.AFFECTED: N_("By who is affected"),
    Tier.WITHHELD: N_("Withheld"),
    Tier.RESTRICTED: N_("Restricted"),
    Tier.STAGED_API: N_("Staged, behind an API"),
    Tier.LIMITED: N_("Limited"),
    Tier.OPEN_WEIGHTS: N_("Open weights"),
    ReleaseState.PROPOSED: N_("Proposed"),
    ReleaseState.IN_FORCE: N_("In force"),
    ReleaseState.EXPIRED: N_("Expired"),
    ReleaseState.WITHDRAWN: N_("Withdrawn"),
    Verdict.RELEASE: N_("Released"),
    Verdict.REFUSE: N_("Refused"),
    Role.ADMIN: N_("Administrator"),
    Role.ANALYST: N_("Analyst"),
    Role.REVIEWER: N_("Reviewer"),
    Role.DUTY_OFFICER: N_("Duty officer"),
    Role.AUDITOR: N_("Auditor"),
    Role.SOURCE: N_("Source"),
    Role.PEER: N_("Peer"),
    Login.TOKEN: N_("Access token"),
    Login.PASSWORD: N_("Password"),
    Login.OIDC: N_("OpenID provider"),
}

DIMENSIONS: tuple[tuple[str, str, str, str], ...] = (
    ("uplift", "U", N_("Uplift of skill"), N_("What a person could now do that they could not do alone.")),
    ("scale", "S", N_("Scale and speed"), N_("How many people it reaches, and how fast.")),
    ("attribution", "A", N_("Difficulty of attribution"), N_("How hard it is to say who is behind it.")),
    (
        "coupling",
        "C",
        N_("Coupling with a sensitive domain"),
        N_("How near it comes to health, power or weapons."),
    ),
    ("gaps", "G", N_("Gaps in oversight"), N_("How far it stays out of sight of those who watch.")),
)
"""(field of RiskVector, letter, name, what it means)."""

BANDS: Mapping[str, str] = {
    "critical": N_("Critical risk"),
    "high": N_("High risk"),
    "medium": N_("Medium risk"),
    "low": N_("Low risk"),
    "none": N_("No known risk"),
}
ARRANGED: Mapping[str, str] = {
    "merge": N_("Merged: this warning speaks for both from now on."),
    "unmerge": N_("The merge is taken back: it is open again."),
    "split": N_("Split: the samples are a warning of their own now."),
    "snooze": N_("It waits. It wakes by itself at its end, or at once when it grows."),
    "wake": N_("It is open again."),
}
"""What is said after a person arranged something, by the act."""

CASE_ACTS: Mapping[str, str] = {
    "received": N_("It arrived"),
    "claim": N_("Claimed"),
    "release": N_("Given back"),
    "note": N_("A note"),
    "told": N_("Something was added from outside"),
    "triage": N_("Sorted"),
    "verify": N_("Verified"),
    "dispose": N_("Decided"),
    "propose": N_("A grave measure proposed"),
    "approve": N_("Approved by a second person"),
    "refuse": N_("Not approved"),
    "appeal": N_("Appealed"),
    "uphold": N_("Upheld"),
    "overturn": N_("Overturned"),
    "close": N_("Closed"),
    "reopen": N_("Opened again"),
    "merge": N_("Merged"),
    "absorb": N_("Another case merged into it"),
    "unmerge": N_("Taken out again"),
    "yield": N_("A merged case taken out"),
    "split": N_("A part became a case of its own"),
    "move": N_("To another queue"),
    "transfer": N_("Transferred"),
    "escalate": N_("Past due: somebody above was told"),
}
"""What the timeline says of an act; one without a line here is shown as it is."""

OUTCOMES: Mapping[str, str] = {"done": N_("Done"), "refused": N_("Refused")}

ERRORS: Mapping[int, tuple[str, str]] = {
    400: (N_("This cannot be taken as it is"), N_("Go back and change what the message names.")),
    403: (N_("You may not do this"), N_("Ask the node's administrator if you need to.")),
    404: (N_("There is no such page"), N_("It may have been removed, or the address is mistyped.")),
    405: (N_("This page is not used that way"), N_("Go back and use the page's own form.")),
    409: (N_("It changed meanwhile"), N_("Open the page again to see how it stands now.")),
    413: (N_("That is too long"), N_("Go back and say it in fewer words.")),
    429: (N_("Too many attempts"), N_("Wait a minute, then try again.")),
    502: (N_("A peer did not answer as it should"), N_("Nothing of its answer was kept. Try again later.")),
    503: (N_("This node cannot do it just now"), N_("What was accepted is safe. Try again in a minute.")),
}
FAILURE = (N_("This node failed"), N_("It is not your fault. The node's log says more."))
"""For every status without a line of its own."""


def label(value: Enum | str) -> str:
    """The English label of a value, ready to be translated."""
    if isinstance(value, Enum):
        return LABELS.get(value, str(value.value))
    return OUTCOMES.get(value, value)
