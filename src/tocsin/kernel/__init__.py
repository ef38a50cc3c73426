"""The nouns, and nothing else: what passes between rooms, the errors, the clock, the limits.

Enters: nothing. Leaves: frozen values. Refuses: I/O, and imports of any other room.
"""

from tocsin.kernel.approvals import Approval
from tocsin.kernel.clock import Clock, at_micros, micros, system_clock
from tocsin.kernel.errors import (
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    PeerFault,
    TocsinError,
    TooLarge,
    Unavailable,
)
from tocsin.kernel.events import Event, EventLine, Kind, Observable, ObservableType, Refusal
from tocsin.kernel.indicators import Dismissal, EvidenceStatus, Indicator
from tocsin.kernel.peers import Peer, PeerStatus
from tocsin.kernel.people import Caller, Role, Token, User
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
    "BadInput",
    "Caller",
    "Clock",
    "Conflict",
    "Dismissal",
    "Entry",
    "Event",
    "EventLine",
    "EvidenceStatus",
    "Fingerprint",
    "Indicator",
    "Kind",
    "Level",
    "Manifest",
    "NotAllowed",
    "NotFound",
    "Observable",
    "ObservableType",
    "Origin",
    "Peer",
    "PeerFault",
    "PeerStatus",
    "Reason",
    "Record",
    "Refusal",
    "Release",
    "Review",
    "RiskVector",
    "Role",
    "Signal",
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
    "micros",
    "system_clock",
]
