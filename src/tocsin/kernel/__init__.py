"""The nouns, and nothing else: what passes between rooms, the errors, the clock, the limits.

Enters: nothing. Leaves: frozen values. Refuses: I/O, and imports of any other room.
"""

from tocsin.kernel.approvals import Approval
from tocsin.kernel.clock import Clock, at_micros, micros, system_clock
from tocsin.kernel.errors import (
    BadInput,
    Conflict,
    Equivocation,
    NotAllowed,
    NotFound,
    PeerFault,
    ProviderFault,
    TocsinError,
    TooLarge,
    Unavailable,
)
from tocsin.kernel.events import Event, EventLine, Kind, Observable, ObservableType, Refusal
from tocsin.kernel.groups import Group, Terms, highest, terms, terms_in
from tocsin.kernel.indicators import Dismissal, EvidenceStatus, Indicator
from tocsin.kernel.keys import KeyStatement
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
    "BackTest",
    "BadInput",
    "Caller",
    "Clock",
    "Conflict",
    "Dismissal",
    "Doubt",
    "Entry",
    "Equivocation",
    "Event",
    "EventLine",
    "EvidenceStatus",
    "Fingerprint",
    "Group",
    "Indicator",
    "KeptRule",
    "KeyStatement",
    "Kind",
    "Level",
    "Link",
    "Login",
    "Manifest",
    "Means",
    "NotAllowed",
    "NotFound",
    "Observable",
    "ObservableType",
    "Origin",
    "Peer",
    "PeerFault",
    "PeerStatus",
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
    "RuleSource",
    "RuleState",
    "RuleTally",
    "Signal",
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
]
