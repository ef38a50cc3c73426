"""How much may come, so that a flood drowns nobody: by a salted prefix of the address, and altogether.

Nobody is tracked. An address is cut to its network (/24, /48), hashed under a salt that is drawn anew each day and
kept in memory alone, and counted for ten minutes; it is written nowhere. Two days cannot be linked, and neither can a
count and an address once the process has ended.

What says that somebody is in danger now is bound by the node's own strength only.
"""

import hashlib
import ipaddress
import math
from collections import OrderedDict, deque
from collections.abc import Sequence
from threading import Lock

from tocsin.trust.seal import Entropy
from tocsin.web.public.tickets import LEAST_BITS, MOST_BITS

WINDOW_SECONDS = 600
REPORTS_A_PREFIX = 30
"""In a window, from one network: a school or a café behind one address."""
PROVEN_REPORTS_A_PREFIX = 300
"""With a proof of work each: a shelter, a hotline, a network that hides addresses."""
URGENT_REPORTS_A_PREFIX = 3_000
"""That say somebody is in danger now. Only a machine sends more from one network in ten minutes."""
LOOKS_A_PREFIX = 300
"""Questions by number and secret, and what is added. The secret itself has 128 bits: this is against noise."""
REPORTS_A_MINUTE = 30_000
"""Altogether: 500 a second, over twice what a node keeps up with on two cores (docs/benchmarks.md)."""
URGENT_A_MINUTE = 36_000
"""The last sixth is kept for those in danger."""
MAX_PREFIXES = 100_000
"""Networks counted at once, some 30 MB; the one longest silent is forgotten first."""
CALM_A_SECOND = 5
"""Up to here a proof asks LEAST_BITS; each doubling asks one bit more."""

_DAY = 86_400
_MINUTE = 60
_FINEST = {4: 24, 6: 48}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Counts:
    """How often each prefix did something within the window."""

    def __init__(self, entropy: Entropy, *, most: int = MAX_PREFIXES) -> None:
        self._entropy = entropy
        self._most = most
        self._day = -1
        self._salt = b""
        self._seen: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._turn = Lock()

    def wait(self, address: str, now: float, most: int) -> int:
        """Seconds until one more counts; 0 counts it now. `now` in seconds."""
        with self._turn:
            key = self._key(address, now)
            moments = self._seen.setdefault(key, deque())
            self._seen.move_to_end(key)
            while moments and moments[0] <= now - WINDOW_SECONDS:
                moments.popleft()
            if len(moments) >= most:
                return max(1, math.ceil(moments[-most] + WINDOW_SECONDS - now))
            moments.append(now)
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)
            return 0

    def _key(self, address: str, now: float) -> bytes:
        day = int(now // _DAY)
        if day != self._day:  # another salt and no counts: nothing links two days
            self._day, self._salt = day, self._entropy(32)
            self._seen.clear()
        return hashlib.blake2b(prefix_of(address).encode(), key=self._salt, digest_size=8).digest()


class Load:
    """What came altogether in the last minute, by seconds."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int]] = deque()
        self._sum = 0
        self._turn = Lock()

    def wait(self, now: float, most: int) -> int:
        """Seconds until one more counts; 0 counts it now."""
        with self._turn:
            self._forget(now)
            if self._sum >= most:
                return max(1, self._seconds[0][0] + _MINUTE - int(now))
            if self._seconds and self._seconds[-1][0] == int(now):
                self._seconds[-1] = (int(now), self._seconds[-1][1] + 1)
            else:
                self._seconds.append((int(now), 1))
            self._sum += 1
            return 0

    def bits(self, now: float) -> int:
        """What a proof of work asks just now."""
        with self._turn:
            self._forget(now)
            rate = self._sum / _MINUTE
        more = math.ceil(math.log2(rate / CALM_A_SECOND)) if rate > CALM_A_SECOND else 0
        return min(LEAST_BITS + more, MOST_BITS)

    def _forget(self, now: float) -> None:
        while self._seconds and self._seconds[0][0] <= int(now) - _MINUTE:
            self._sum -= self._seconds.popleft()[1]


def prefix_of(address: str) -> str:
    """The network of an address, /24 or /48; what is none stands for itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, _FINEST[parsed.version]), strict=False))


def address_of(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """Whose request it is: the last address that a proxy of ours does not have. Only a proxy of ours is believed.

    `forwarded` are the entries of X-Forwarded-For in order. Whoever asks can write all but the last of them.
    """
    found = peer
    for claimed in reversed(forwarded):
        if not _among(found, proxies):
            return found
        found = claimed.strip()
    return found


def _among(address: str, networks: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks if network.version == parsed.version)
