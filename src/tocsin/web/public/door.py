"""Who is let in: the bounds of one application, kept in memory and nowhere else.

A report is admitted when

1. its ticket counts (`tickets`);
2. its network has not sent too many (`rates`): more are let through with a proof of work each, and many more that say
   somebody is in danger now;
3. the node altogether keeps up.

What was answered already is answered again to the same ticket and the same bytes, for RETRY_SECONDS: on a bad line the
answer is what gets lost, and with it the only secret.
"""

import hashlib
import ipaddress
import os
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any

from litestar import Request

from tocsin.app.node import Node
from tocsin.kernel import TocsinError, micros
from tocsin.kernel.reports import ReportReceipt
from tocsin.trust.seal import Entropy
from tocsin.web.public import rates
from tocsin.web.public.bodies import Room
from tocsin.web.public.rates import Counts, Load, Network
from tocsin.web.public.tickets import Ticket, Tickets, proves

RETRY_SECONDS = 600
MAX_RETRIES = 10_000
"""Receipts that are remembered for a retry, some 3 MB; the oldest is forgotten first."""
MAX_FORWARDED_CHARS = 1_024


class TooMany(TocsinError):
    """More than is taken from one network, or altogether, just now."""

    code = "too-many"
    status = 429

    def __init__(self, seconds: int, what: str) -> None:
        super().__init__(f"{what}: try again in {seconds} s, nothing of what you wrote was kept")
        self.seconds = seconds


class Door:
    """Bounds, tickets and the room for bodies. One for each application; safe for threads."""

    def __init__(self, node: Node, entropy: Entropy = os.urandom) -> None:
        self._node = node
        self.tickets = Tickets(entropy)
        self.room = Room()
        self._reports = Counts(entropy)
        self._looks = Counts(entropy)
        self._load = Load()
        self._proxies: Sequence[Network] = [
            ipaddress.ip_network(prefix) for prefix in node.settings.public_proxy_prefixes
        ]
        self._answered: OrderedDict[tuple[str, bytes], tuple[int, ReportReceipt]] = OrderedDict()
        self._turn = Lock()

    def ticket(self) -> tuple[str, int]:
        """A new ticket, and the bits of a proof for it."""
        now = self._node.clock()
        bits = self._load.bits(now.timestamp())
        return self.tickets.issue(micros(now), bits), bits

    def admit(self, request: Request[Any, Any, Any], ticket: str, *, nonce: str = "", urgent: bool) -> Ticket:
        """Checks 1 to 3. The ticket is used up, unless this raises. Raises TicketRefused, TooMany."""
        now = self._node.clock()
        taken = self.tickets.take(ticket, micros(now), nonce=nonce)  # 1
        most = rates.REPORTS_A_PREFIX
        if urgent:
            most = rates.URGENT_REPORTS_A_PREFIX
        elif proves(ticket, nonce, taken.bits):
            most = rates.PROVEN_REPORTS_A_PREFIX
        wait = self._reports.wait(self.address(request), now.timestamp(), most)  # 2
        what = "many reports came from your network"
        if not wait:
            together = rates.URGENT_A_MINUTE if urgent else rates.REPORTS_A_MINUTE
            wait, what = self._load.wait(now.timestamp(), together), "very many reports come in"  # 3
        if wait:
            self.tickets.give_back(taken)
            raise TooMany(wait, what)
        return taken

    def look(self, request: Request[Any, Any, Any]) -> None:
        """Count a question by number and secret, or something added. Raises TooMany."""
        now = self._node.clock().timestamp()
        if wait := self._looks.wait(self.address(request), now, rates.LOOKS_A_PREFIX):
            raise TooMany(wait, "many questions came from your network")

    def answered(self, ticket: str, body: bytes) -> ReportReceipt | None:
        """The receipt that these very bytes were given already."""
        with self._turn:
            found = self._answered.get(_named(ticket, body))
        now = micros(self._node.clock())
        return found[1] if found and now - found[0] < RETRY_SECONDS * 1_000_000 else None

    def answer(self, ticket: str, body: bytes, receipt: ReportReceipt) -> None:
        """Remember a receipt for a retry."""
        now = micros(self._node.clock())
        with self._turn:
            self._answered[_named(ticket, body)] = (now, receipt)
            while self._answered and (
                len(self._answered) > MAX_RETRIES
                or now - next(iter(self._answered.values()))[0] >= RETRY_SECONDS * 1_000_000
            ):
                self._answered.popitem(last=False)

    def address(self, request: Request[Any, Any, Any]) -> str:
        """Of whoever asks; behind a proxy of ours, as it says."""
        peer = request.client.host if request.client else ""
        if not self._proxies:
            return peer
        # a proxy may add a line of its own below one that the sender wrote: the last entry of the last line is its word
        lines = ",".join(request.headers.getall("x-forwarded-for", []))
        forwarded = lines[-MAX_FORWARDED_CHARS:]
        return rates.address_of(peer, forwarded.split(",") if forwarded else (), self._proxies)


def door_of(request: Request[Any, Any, Any]) -> Door:
    """The bounds of this application."""
    door: Door = request.app.state.door
    return door


def _named(ticket: str, body: bytes) -> tuple[str, bytes]:
    return ticket, hashlib.sha256(body).digest()
