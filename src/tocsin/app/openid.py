"""Log-in by an OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 9700).

Enters: a browser that comes back from the provider. Leaves: a session of a user who is (issuer, subject), never an
e-mail address. Refuses: an answer nobody asked for, one used before, and a person without a mapped role.
"""

import base64
import binascii
import hashlib
import hmac
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec
import structlog

from tocsin.app.access import Access, Opened
from tocsin.app.accounts import Accounts, NeedsCode
from tocsin.app.openid_line import MAX_ANSWER_CHARS, Asking, OpenIdLine
from tocsin.app.openid_people import LoginRefused, OpenIdPeople, Why
from tocsin.app.settings import Settings
from tocsin.kernel import Clock, Login, ProviderFault, micros
from tocsin.store import Store
from tocsin.trust import openid
from tocsin.trust.openid import Expected, Provider
from tocsin.trust.seal import Entropy, Seal, SealBroken

BACK_PATH = "/login/back"
"""Where the provider sends people back to, under public_url."""

BEGUN_SECONDS = 600
"""Between leaving for the provider and coming back: a password, a second factor, a consent."""
MAX_USED = 4_096
"""Answers remembered as used; the oldest is forgotten first. Each is useless after BEGUN_SECONDS anyway."""
MAX_COOKIE_CHARS = 4_096

_LABEL = "a log-in at the OpenID provider"
_SECOND = 1_000_000

_log = structlog.get_logger(__name__)


class Begun(msgspec.Struct, frozen=True):
    """A log-in on its way: `address` is where the browser goes, `cookie` what it brings back."""

    address: str
    cookie: str


class _Pending(msgspec.Struct, frozen=True):
    """What only this browser may come back with. It travels sealed, in the browser's own cookie."""

    state: str
    nonce: str
    verifier: str
    onward: str
    made: int


class Finished(msgspec.Struct, frozen=True):
    found: Opened | NeedsCode
    onward: str


class OpenId:
    """Log-in by the one provider that the settings name."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        access: Access,
        accounts: Accounts,
        seal: Seal,
        secret: str | None,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._settings = settings
        self._accounts = accounts
        self._seal = seal
        self._clock = clock
        self._entropy = entropy
        self._line = OpenIdLine(
            settings.oidc_issuer,
            settings.oidc_client_id,
            secret,
            clock,
            hosts=settings.oidc_hosts,
            allow_private=settings.oidc_allow_private,
        )
        self._people = OpenIdPeople(settings, store, access, self._line.host, clock, entropy)
        self._lock = threading.Lock()
        self._used: OrderedDict[bytes, None] = OrderedDict()

    @property
    def host(self) -> str:
        """The provider's host, for people to read."""
        return self._line.host

    @property
    def people(self) -> OpenIdPeople:
        """Who the provider's subjects are here."""
        return self._people

    @property
    def back(self) -> str:
        """The address that the provider must know as this node's (redirect_uri)."""
        return self._settings.public_url.rstrip("/") + BACK_PATH

    def begin(self, onward: str) -> Begun:
        """Send a browser to the provider. Raises LoginRefused."""
        pending = _Pending(
            state=openid.new_verifier(self._entropy),
            nonce=openid.new_verifier(self._entropy),
            verifier=openid.new_verifier(self._entropy),
            onward=onward,
            made=self._now(),
        )
        with self._refusing():
            address = self._line.address(self._asking(pending), self._settings.oidc_scopes)
        sealed = self._seal.close(msgspec.msgpack.encode(pending), _LABEL)
        return Begun(address=address, cookie=base64.urlsafe_b64encode(sealed).decode())

    def finish(self, cookie: str, answer: Mapping[str, str], address: str = "") -> Finished:
        """Let in whom the provider vouches for. Raises LoginRefused.

        1. The browser brings the cookie of a log-in begun here, young, with this `state`, not used before.
        2. `iss`, where it stands or is promised, is the provider's (RFC 9207: no mix-up). 3. It is no refusal.
        4. The code is exchanged, with the verifier. 5. The ID token holds. 6. It leads to one user, with a role.
        7. Whoever enrolled a second factor here is asked for it, unless the provider says one was used.
        """
        pending = self._pending(cookie, answer.get("state", ""))  # 1
        with self._refusing():
            self._line.require_own(answer)  # 2
            if "error" in answer or not 0 < len(answer.get("code", "")) <= MAX_ANSWER_CHARS:  # 3
                raise LoginRefused(Why.DENIED, "the provider did not let this person in")
            token = self._line.token(answer["code"], self._asking(pending))  # 4
            identity = self._line.verified(token, self._expected(pending), openid.verify)  # 5
        user = self._people.user(identity)  # 6
        found = self._accounts.admit(  # 7
            user.id, Login.OIDC, groups=identity.groups, mfa=identity.mfa, address=address
        )
        if found is None:
            raise LoginRefused(Why.DISABLED, "this account is disabled", subject=identity.subject)
        return Finished(found, pending.onward)

    def check(self) -> Provider:
        """Ask the provider for its addresses and keys now. Raises ProviderFault."""
        return self._line.check()

    def _pending(self, cookie: str, state: str) -> _Pending:
        stale = LoginRefused(Why.STALE, "this log-in is too old, was used, or was begun in another browser")
        try:
            opened = self._seal.open(base64.urlsafe_b64decode(cookie[:MAX_COOKIE_CHARS].encode()), _LABEL)
            pending = msgspec.msgpack.decode(opened, type=_Pending)
        except (binascii.Error, ValueError, SealBroken, msgspec.DecodeError):
            raise stale from None
        if not hmac.compare_digest(pending.state.encode(), state.encode()):
            raise stale
        if self._now() - pending.made > BEGUN_SECONDS or not self._first_use(pending.state):
            raise stale
        return pending

    def _first_use(self, state: str) -> bool:
        digest = hashlib.sha256(state.encode()).digest()
        with self._lock:
            if digest in self._used:
                return False
            self._used[digest] = None
            while len(self._used) > MAX_USED:
                self._used.popitem(last=False)
            return True

    def _asking(self, pending: _Pending) -> Asking:
        return Asking(pending.state, pending.nonce, pending.verifier, self.back)

    def _expected(self, pending: _Pending) -> Expected:
        return Expected(
            issuer=self._settings.oidc_issuer,
            client=self._settings.oidc_client_id,
            nonce=pending.nonce,
            now=self._now(),
            groups_claim=self._settings.oidc_groups_claim,
            mfa_acr=self._settings.oidc_mfa_acr,
        )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """What the provider does wrong becomes a refusal; the log says what, the page does not."""
        try:
            yield
        except ProviderFault as fault:
            _log.warning("login.provider", provider=self.host, reason=fault.message)
            raise LoginRefused(Why.UNTRUSTED, fault.message) from fault

    def _now(self) -> int:
        return micros(self._clock()) // _SECOND
