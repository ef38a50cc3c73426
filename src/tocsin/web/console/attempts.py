"""How often one address may try a token. The bound is for noise: 256 random bits cannot be guessed."""

import ipaddress
from collections import OrderedDict
from threading import Lock

MAX_FAILURES = 5
WINDOW_SECONDS = 60
MAX_ADDRESSES = 4_096
"""Addresses remembered; the one longest silent is forgotten first."""


class Attempts:
    """Failed log-ins by address, in memory. An IPv6 network of 64 bits counts as one address."""

    def __init__(self, *, failures: int = MAX_FAILURES, addresses: int = MAX_ADDRESSES) -> None:
        self._failures = failures
        self._addresses = addresses
        self._seen: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, now: float) -> int:
        """Whole seconds until this address may try again; 0 when it may now. `now` in seconds."""
        with self._lock:
            recent = self._recent(_key(address), now)
        if len(recent) < self._failures:
            return 0
        return max(1, int(recent[-self._failures] + WINDOW_SECONDS - now) + 1)

    def failed(self, address: str, now: float) -> None:
        """Count one failure."""
        key = _key(address)
        with self._lock:
            self._seen[key] = [*self._recent(key, now)[-self._failures :], now]
            self._seen.move_to_end(key)
            while len(self._seen) > self._addresses:
                self._seen.popitem(last=False)

    def _recent(self, key: str, now: float) -> list[float]:
        return [moment for moment in self._seen.get(key, ()) if now - moment < WINDOW_SECONDS]


def _key(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
