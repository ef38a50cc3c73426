"""The one room with outbound sockets.

Enters: a peer as an operator named it, and what to ask of it. Leaves: a bounded answer, or a fault that
names the peer. Refuses: redirects, private addresses nobody allowed, keys that are not the pinned one,
answers without end.
"""

from tocsin.net.addresses import refused_address
from tocsin.net.client import Answer, AnswerTooLarge, Client, Line
from tocsin.net.mail import MailClient
from tocsin.net.provider import ProviderClient
from tocsin.net.services import ServiceClient
from tocsin.net.syslog import SyslogClient
from tocsin.net.tap import Tap
from tocsin.net.tls import self_signed, spki_pin

__all__ = [
    "Answer",
    "AnswerTooLarge",
    "Client",
    "Line",
    "MailClient",
    "ProviderClient",
    "ServiceClient",
    "SyslogClient",
    "Tap",
    "refused_address",
    "self_signed",
    "spki_pin",
]
