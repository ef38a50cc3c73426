"""Peer: another node that an operator named."""

from enum import StrEnum

import msgspec

from tocsin.kernel.records import TLP


class PeerStatus(StrEnum):
    ADDED = "added"
    """Named, its key not yet compared: nothing is sent to it or taken from it."""
    TRUSTED = "trusted"
    SUSPENDED = "suspended"


class Peer(msgspec.Struct, frozen=True):
    """`node_key` is the peer's Ed25519 public key (32 bytes); `tls_pin` the SHA-256 of its TLS key (SPKI).

    `identity` is its STIX identity id, derived from `node_key`: no peer can write under another's name.
    `credential` is the token it gave us, sealed under this node's master key.
    """

    name: str
    url: str
    status: PeerStatus = PeerStatus.ADDED
    node_key: bytes | None = None
    identity: str | None = None
    tls_pin: bytes | None = None
    credential: bytes | None = None
    ceiling: TLP = TLP.GREEN
    purposes: tuple[str, ...] = ("misuse-defence",)
    allow_private: bool = False
    created: int = 0
    cursor: str | None = None
    """X-TAXII-Date-Added-Last of the last complete pull."""
    last_pull: int | None = None
    failures: int = 0
    retry_at: int | None = None
    last_error: str | None = None
    jurisdiction: str = ""
    """Where it is established (ISO 3166-1 alpha-2), as its operator told ours; empty when nobody asked."""
    stores: tuple[str, ...] = ()
    """The countries where it keeps what it is given; empty when nobody asked."""
    pap: str = "clear"
    """The highest level of PAP that it agreed to honour."""
