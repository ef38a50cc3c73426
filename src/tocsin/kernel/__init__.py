"""The nouns, and nothing else: what passes between rooms, the errors, the clock, the limits.

Enters: nothing. Leaves: frozen values. Refuses: I/O, and imports of any other room.
"""

from tocsin.kernel.approvals import Approval
from tocsin.kernel.artefacts import ArtefactVerdict, Fact, Finding, Inspection, Part, Place, Severity, worst
from tocsin.kernel.channels import Channel, ChannelKind, Notice, NoticeState, RoutingRule
from tocsin.kernel.clock import Clock, at_micros, micros, system_clock
from tocsin.kernel.erasure import Erasure, Hold
from tocsin.kernel.errors import (
    BadInput,
    Conflict,
    Deviation,
    Equivocation,
    NotAllowed,
    NotFound,
    PeerFault,
    ProviderFault,
    ServiceFault,
    TocsinError,
    TooLarge,
    Unavailable,
)
from tocsin.kernel.events import Event, EventLine, Kind, Observable, ObservableType, Refusal
from tocsin.kernel.groups import Group, Terms, highest, terms, terms_in
from tocsin.kernel.guarding import GuardOutcome, GuardVerdict
from tocsin.kernel.handling import Handling, Snooze
from tocsin.kernel.indicators import Dismissal, EvidenceStatus, Indicator
from tocsin.kernel.keys import KeyStatement
from tocsin.kernel.looks import Look, LookOutcome
from tocsin.kernel.peers import Doubt, Peer, PeerStatus
from tocsin.kernel.people import Caller, Link, Login, Means, Role, Token, User
from tocsin.kernel.recalls import Recall, Receipt
from tocsin.kernel.records import (
    TLP,
    Entry,
    Fingerprint,
    Manifest,
    Origin,
    Record,
    Release,
    Verdict,
)
from tocsin.kernel.rules import BackTest, KeptRule, RuleSource, RuleState, RuleTally
from tocsin.kernel.signals import Signal
from tocsin.kernel.warnings import (
    Level,
    Reason,
    Review,
    RiskVector,
    Warning,
    WarningKind,
    WarningStatus,
)

__all__ = [
    "TLP",
    "Approval",
    "ArtefactVerdict",
    "BackTest",
    "BadInput",
    "Caller",
    "Channel",
    "ChannelKind",
    "Clock",
    "Conflict",
    "Deviation",
    "Dismissal",
    "Doubt",
    "Entry",
    "Equivocation",
    "Erasure",
    "Event",
    "EventLine",
    "EvidenceStatus",
    "Fact",
    "Finding",
    "Fingerprint",
    "Group",
    "GuardOutcome",
    "GuardVerdict",
    "Handling",
    "Hold",
    "Indicator",
    "Inspection",
    "KeptRule",
    "KeyStatement",
    "Kind",
    "Level",
    "Link",
    "Login",
    "Look",
    "LookOutcome",
    "Manifest",
    "Means",
    "NotAllowed",
    "NotFound",
    "Notice",
    "NoticeState",
    "Observable",
    "ObservableType",
    "Origin",
    "Part",
    "Peer",
    "PeerFault",
    "PeerStatus",
    "Place",
    "ProviderFault",
    "Reason",
    "Recall",
    "Receipt",
    "Record",
    "Refusal",
    "Release",
    "Review",
    "RiskVector",
    "Role",
    "RoutingRule",
    "RuleSource",
    "RuleState",
    "RuleTally",
    "ServiceFault",
    "Severity",
    "Signal",
    "Snooze",
    "Terms",
    "TocsinError",
    "Token",
    "TooLarge",
    "Unavailable",
    "User",
    "Verdict",
    "Warning",
    "WarningKind",
    "WarningStatus",
    "at_micros",
    "highest",
    "micros",
    "system_clock",
    "terms",
    "terms_in",
    "worst",
]
