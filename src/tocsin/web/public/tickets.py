"""Tickets: leave to send one report, asked for before it is written. They know nobody.

A ticket is a moment, a random name, how much proof of work it asks of programs, and an HMAC over these. Its key is
drawn when the process starts and kept in memory alone, so no ticket outlives the process, and none can be told apart
from another by who asked for it.

A ticket counts

1. when this process signed it;
2. not before FORM_SECONDS after it was asked for, unless a proof of work comes with it;
3. not after its hours;
4. once.

The proof is hashcash's: a text of which, after the ticket and a colon, SHA-256 begins with so many zero bits.
"""

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from threading import Lock

import msgspec

from tocsin.kernel import TocsinError
from tocsin.trust.seal import Entropy

FORM_SECONDS = 3
"""Nobody reads the form and writes three words in less; a program that waits is bound by the rates."""
TICKET_HOURS = 24
"""Beyond the twenty hours from which WCAG 2.2 (2.2.1) no longer calls a time limit a trap."""
MAX_USED = 200_000
"""Used tickets remembered, some 20 MB. Beyond it the oldest tickets end early: none is ever taken twice."""
LEAST_BITS, MOST_BITS = 16, 24
"""65 thousand and 17 million hashes at the mean: a tenth of a second, and half a minute, of one core."""
MAX_TICKET_CHARS = 128
MAX_NONCE_CHARS = 64

_MAC_BYTES = 16
_NAME_BYTES = 14  # so that no bit of the text is spare
_MICROS = 1_000_000
_PLAIN = 8 + _NAME_BYTES + 1


class TicketRefused(TocsinError):
    """The form is too old, was sent already, or is from before this node started."""

    code = "ticket-refused"
    status = 422


class TicketEarly(TicketRefused):
    """Right, but sooner than a person could have written it, and without a proof of work."""

    code = "ticket-early"
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"this ticket counts in {seconds} s, or at once with a proof of work (docs/public-reports.md)"
        )
        self.seconds = seconds


class Ticket(msgspec.Struct, frozen=True):
    """A ticket as read. `issued` in microseconds, `bits` what a proof for it must show."""

    text: str
    issued: int
    bits: int
    name: bytes


class Tickets:
    """Makes and takes tickets."""

    def __init__(self, entropy: Entropy, *, most: int = MAX_USED) -> None:
        self._entropy = entropy
        self._key = entropy(32)
        self._most = most
        self._used: OrderedDict[bytes, int] = OrderedDict()
        self._floor = 0
        self._turn = Lock()

    def issue(self, now: int, bits: int = LEAST_BITS) -> str:
        """A new one."""
        plain = now.to_bytes(8, "big") + self._entropy(_NAME_BYTES) + bytes([bits])
        return base64.urlsafe_b64encode(plain + self._mac(plain)).decode()

    def take(self, text: str, now: int, *, nonce: str = "") -> Ticket:
        """Checks 1 to 4, and uses it up. Raises TicketRefused, TicketEarly."""
        ticket = self._read(text)  # 1
        age = now - ticket.issued
        if age < FORM_SECONDS * _MICROS and not proves(text, nonce, ticket.bits):  # 2
            raise TicketEarly(max(1, FORM_SECONDS - max(age, 0) // _MICROS))
        if age > TICKET_HOURS * 3_600 * _MICROS:  # 3
            raise TicketRefused("this form was opened more than a day ago: open it again and send it")
        with self._turn:  # 4
            if ticket.name in self._used or ticket.issued < self._floor:
                raise TicketRefused("this form was sent already: open a new one for another report")
            self._used[ticket.name] = ticket.issued
            while len(self._used) > self._most:
                # what is forgotten must stay refused, and so must all that are older than it
                self._floor = max(self._floor, self._used.popitem(last=False)[1] + 1)
        return ticket

    def give_back(self, ticket: Ticket) -> None:
        """Nothing came of it: it counts again."""
        with self._turn:
            self._used.pop(ticket.name, None)

    def _read(self, text: str) -> Ticket:
        try:
            signed = base64.b64decode(text[:MAX_TICKET_CHARS].encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            signed = b""
        plain, mac = signed[:_PLAIN], signed[_PLAIN:]
        if not hmac.compare_digest(mac, self._mac(plain)) or len(plain) != _PLAIN:
            raise TicketRefused("this form is from before this node started, or not its own: open it again")
        return Ticket(text, int.from_bytes(plain[:8], "big"), plain[-1], plain[8:-1])

    def _mac(self, plain: bytes) -> bytes:
        return hmac.digest(self._key, plain, "sha256")[:_MAC_BYTES]


def proves(ticket: str, nonce: str, bits: int) -> bool:
    """Whether SHA-256 of `ticket:nonce` begins with `bits` zero bits."""
    if not nonce or len(nonce) > MAX_NONCE_CHARS:
        return False
    digest = hashlib.sha256(f"{ticket}:{nonce}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0
