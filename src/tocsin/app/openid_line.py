"""One OpenID provider as this node meets it: its addresses and keys, kept for a while; codes, tokens.

Enters: what the operator wrote down of a provider, and what a browser brought back from it. Leaves: what an ID
token that holds says. Refuses: hosts that the operator did not name, and to ask a provider that failed a moment ago.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec
from joserfc.jwk import KeySet

from tocsin.kernel import Clock, ProviderFault, micros
from tocsin.net import ProviderClient
from tocsin.trust import openid
from tocsin.trust.openid import Expected, Provider

DISCOVERY_PATH = "/.well-known/openid-configuration"

FRESH_SECONDS = 3_600
"""Discovery and keys are fetched again after this; an unknown key asks sooner."""
RETRY_SECONDS = 10
"""After a failed fetch, and between two fetches for an unknown key: nobody makes this node hammer its provider."""
MAX_ANSWER_CHARS = 4_096

_SECOND = 1_000_000

Said = TypeVar("Said")


class Asking(msgspec.Struct, frozen=True):
    """What one log-in is asked with, each drawn for it alone; `back` is exactly where the answer goes."""

    state: str
    nonce: str
    verifier: str
    back: str


class OpenIdLine:
    """A provider. Every method raises ProviderFault."""

    def __init__(
        self,
        issuer: str,
        client: str,
        secret: str | None,
        clock: Clock,
        *,
        hosts: tuple[str, ...] = (),
        allow_private: bool = False,
    ) -> None:
        self._issuer = issuer
        self._client_id = client
        self._secret = secret
        self._clock = clock
        self._client = ProviderClient(issuer, hosts=hosts, allow_private=allow_private)
        self._lock = threading.Lock()
        self._known: tuple[Provider, KeySet, int] | None = None
        self._failed_at: int | None = None

    @property
    def host(self) -> str:
        """The provider's host, for people to read."""
        return self._client.host

    def address(self, asking: Asking, scopes: tuple[str, ...], more: Mapping[str, str] | None = None) -> str:
        """Where a browser goes to log in."""
        provider, _ = self.known()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": asking.back,
            "scope": " ".join(scopes),
            "state": asking.state,
            "nonce": asking.nonce,
            "code_challenge": openid.challenge(asking.verifier),
            "code_challenge_method": "S256",
            **(more or {}),
        }
        return self._client.with_query(provider.authorization, query)

    def require_own(self, answer: Mapping[str, str]) -> None:
        """That an answer names this issuer, where it stands or is promised (RFC 9207: no mix-up)."""
        provider, _ = self.known()
        if answer.get("iss", "" if provider.names_itself else provider.issuer) != provider.issuer:
            raise ProviderFault("the answer came from another issuer")

    def token(self, code: str, asking: Asking) -> str:
        """The ID token for a code, with the verifier."""
        provider, _ = self.known()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asking.back,
            "code_verifier": asking.verifier,
        }
        answer = self._client.exchange(
            provider.token, form, client=self._client_id, secret=self._secret, basic=provider.basic
        )
        return openid.read_id_token(answer)

    def verified(
        self, token: str, expected: Expected, verify: Callable[[str, KeySet, Expected], Said]
    ) -> Said:
        """What `verify` makes of a token; keys are fetched again for one that names another."""
        try:
            return verify(token, self.known()[1], expected)
        except openid.KeyUnknownError:
            return verify(token, self.known(older_than=RETRY_SECONDS)[1], expected)

    def check(self) -> Provider:
        """Its addresses, asked for now."""
        self._known = self._failed_at = None
        return self.known()[0]

    def known(self, *, older_than: int = FRESH_SECONDS) -> tuple[Provider, KeySet]:
        """Addresses and keys, fetched when they are older than this; for one caller at a time."""
        with self._lock:
            now = self._now()
            if self._known and now - self._known[2] < older_than:
                return self._known[:2]
            if self._failed_at is not None and now - self._failed_at < RETRY_SECONDS:
                raise ProviderFault("it did not answer as it should a moment ago: it is asked again soon")
            try:
                provider, keys = self._fetch()
            except ProviderFault:
                self._failed_at = now
                raise
            self._known, self._failed_at = (provider, keys, now), None
            return provider, keys

    def _fetch(self) -> tuple[Provider, KeySet]:
        found = self._client.get(self._issuer.rstrip("/") + DISCOVERY_PATH)
        provider = openid.read_provider(found, self._issuer)
        if not self._client.allows(provider.authorization):
            raise ProviderFault(
                "it sends people to a host that was not named (oidc_hosts, or hosts in applicants.yaml)"
            )
        return provider, openid.read_keys(self._client.get(provider.keys))

    def _now(self) -> int:
        return micros(self._clock()) // _SECOND
