"""Evidence handed on: exhibits and their custody as one signed package, with as much of the case as was chosen."""

import os
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.app.access import Access
from tocsin.app.cases import Cases
from tocsin.app.exhibit_desk import purpose_of
from tocsin.app.exhibits import EXPORT, Exhibits
from tocsin.app.keyring import Keyring
from tocsin.cases.evidence.packing import Export, packed
from tocsin.kernel import BadInput, Caller, Clock
from tocsin.trust.seal import Entropy
from tocsin.trust.signing_keys import public_pem

ID_BYTES = 8

_TOLD = ("id", "origin", "state", "received", "category", "flags")
"""Of every case; words of people are never in a package but as exhibits."""


class Package(msgspec.Struct, frozen=True):
    """A package as made. Quarantined exhibits stay behind: `withheld` says how many."""

    id: str
    content: bytes
    exhibits: int
    withheld: int


class EvidencePackages:
    """Makes packages; `cases.evidence.checking` checks them, on any machine."""

    def __init__(
        self,
        exhibits: Exhibits,
        cases: Cases,
        access: Access,
        keys: Keyring,
        clock: Clock,
        name: str,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._exhibits = exhibits
        self._cases = cases
        self._access = access
        self._keys = keys
        self._clock = clock
        self._name = name
        self._entropy = entropy

    def export(
        self,
        by: Caller,
        case_id: str,
        purpose: str,
        *,
        only: Sequence[str] = (),
        timeline: bool = False,
        disposition: bool = False,
    ) -> Package:
        """A case's evidence, or `only` some exhibits. Its timeline and its decision go along where they are chosen.

        Raises NotAllowed, NotFound, BadInput, TooLarge; what was written into custody before stays there.
        """
        self._access.require(by, EXPORT)
        case = self._cases.get(by, case_id)
        told: dict[str, Any] = {name: msgspec.to_builtins(getattr(case, name)) for name in _TOLD}
        if timeline:
            told["timeline"] = msgspec.to_builtins(self._cases.acts(by, case_id))
        if disposition:
            told["disposition"] = msgspec.to_builtins(case.disposition)
        export_id = self._entropy(ID_BYTES).hex()
        exhibits, withheld = self._exhibits.copied(by, case_id, purpose, export_id=export_id, only=only)
        if not exhibits:
            raise BadInput("there is nothing to export: this case has no exhibit that may leave")
        identity = self._keys.identity
        content = packed(
            Export(
                id=export_id,
                at=self._clock().isoformat(timespec="seconds"),
                by=by.user,
                purpose=purpose_of(purpose),
                node=identity.node_id,
                node_name=self._name,
                keys=tuple(sorted(self._exhibits.signers())),
                case=told,
                withheld=withheld,
            ),
            exhibits,
            signer_pem=public_pem(Ed25519PublicKey.from_public_bytes(identity.public)),
            sign=identity.sign,
        )
        self._access.audit(
            by.user,
            EXPORT,
            subject=export_id,  # a restricted case is not named to auditors
            purpose=purpose_of(purpose),
            detail={"exhibits": len(exhibits), "withheld": withheld, "sha256": sha256(content).hexdigest()},
        )
        return Package(export_id, content, len(exhibits), withheld)
