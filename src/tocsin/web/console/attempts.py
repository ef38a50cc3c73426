"""How often somebody may try, so that guessing does not pay and nobody is locked out by a stranger.

- Failures of an address: 5 a minute. They are its own.
- Wrong passwords for an account, from everywhere: 20 in 15 minutes. An address that its owner came from before is let
  through, and so are tokens and the OpenID provider: a stranger cannot lock a person out.
- Wrong codes of an account, in a row: 5, then waits that double up to an hour. Only somebody who has the first factor
  can cause them; a right code ends them.

A token has 256 random bits: its bound is for noise. In memory: a restart forgets, and gives a guesser five more tries.
"""

import ipaddress
from collections import OrderedDict
from threading import Lock

MAX_FAILURES = 5
WINDOW_SECONDS = 60
MAX_ADDRESSES = 4_096
"""Addresses remembered; the one longest silent is forgotten first. As many accounts, and owners' addresses."""

MAX_ACCOUNT_FAILURES = 20
ACCOUNT_WINDOW_SECONDS = 900
"""20 in 15 minutes are 1,920 a day over however many addresses: nothing against 15 characters."""

MAX_CODES = 5
MAX_CODE_WAIT_SECONDS = 3_600
"""At most 30 or so tries a day at 3 in 1,000,000 each: a year of it is under 4 %, and each is in the audit trail."""


class Attempts:
    """Failures by key, in memory. An IPv6 network of 64 bits counts as one address."""

    def __init__(
        self,
        *,
        failures: int = MAX_FAILURES,
        addresses: int = MAX_ADDRESSES,
        window: int = WINDOW_SECONDS,
    ) -> None:
        self._failures = failures
        self._addresses = addresses
        self._window = window
        self._seen: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, now: float) -> int:
        """Whole seconds until this address may try again; 0 when it may now. `now` in seconds."""
        with self._lock:
            recent = self._recent(_key(address), now)
        if len(recent) < self._failures:
            return 0
        return max(1, int(recent[-self._failures] + self._window - now) + 1)

    def failed(self, address: str, now: float) -> None:
        """Count one failure."""
        key = _key(address)
        with self._lock:
            self._seen[key] = [*self._recent(key, now)[-self._failures :], now]
            self._seen.move_to_end(key)
            while len(self._seen) > self._addresses:
                self._seen.popitem(last=False)

    def _recent(self, key: str, now: float) -> list[float]:
        return [moment for moment in self._seen.get(key, ()) if now - moment < self._window]


class Passwords:
    """Wrong passwords by account, over all addresses but those its owner came from."""

    def __init__(self, *, failures: int = MAX_ACCOUNT_FAILURES, owners: int = MAX_ADDRESSES) -> None:
        self._accounts = Attempts(failures=failures, window=ACCOUNT_WINDOW_SECONDS)
        self._owners: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._most = owners
        self._lock = Lock()

    def wait(self, account: str, address: str, now: float) -> int:
        """Whole seconds until somebody at this address may try this account; 0 when they may now."""
        with self._lock:
            if (account, _key(address)) in self._owners:
                return 0
        return self._accounts.wait(_named(account), now)

    def failed(self, account: str, now: float) -> None:
        self._accounts.failed(_named(account), now)

    def succeeded(self, account: str, address: str) -> None:
        """Remember where the owner of the account came from."""
        with self._lock:
            self._owners[account, _key(address)] = None
            self._owners.move_to_end((account, _key(address)))
            while len(self._owners) > self._most:
                self._owners.popitem(last=False)


class Codes:
    """Wrong codes by account, in a row."""

    def __init__(self, *, accounts: int = MAX_ADDRESSES) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._most = accounts
        self._lock = Lock()

    def wait(self, account: str, now: float) -> int:
        """Whole seconds until the next code may be tried."""
        with self._lock:
            count, last = self._wrong.get(account, (0, now))
        if count < MAX_CODES:
            return 0
        pause = min(WINDOW_SECONDS << min(count - MAX_CODES, 16), MAX_CODE_WAIT_SECONDS)
        return max(0, int(last + pause - now) + 1) if now < last + pause else 0

    def failed(self, account: str, now: float) -> None:
        with self._lock:
            count, _ = self._wrong.get(account, (0, now))
            self._wrong[account] = (count + 1, now)
            self._wrong.move_to_end(account)
            while len(self._wrong) > self._most:
                self._wrong.popitem(last=False)

    def succeeded(self, account: str) -> None:
        with self._lock:
            self._wrong.pop(account, None)


class Guard:
    """The three bounds of one application."""

    def __init__(self) -> None:
        self.addresses = Attempts()
        self.passwords = Passwords()
        self.codes = Codes()


def _named(account: str) -> str:
    # an account may be called like an address, and must not count as one
    return f"account {account}"


def _key(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
