"""A package made: exhibits, their custody, and what the exporter tells of the case."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tocsin.cases.evidence.chain import Facts, read_facts, step_line
from tocsin.cases.evidence.package import (
    BAG_INFO,
    BAGIT,
    BAGIT_TEXT,
    CASE,
    CUSTODY,
    MANIFEST,
    SIGNATURE,
    SIGNER,
    STATEMENT,
    TAG_MANIFEST,
    base_of,
    manifest,
    write_tar,
)
from tocsin.cases.evidence.readme import README
from tocsin.kernel.custody import CustodyStep
from tocsin.wire.dsse import IN_TOTO_TYPE, Envelope, EnvelopeSignature, envelope_bytes, pae
from tocsin.wire.in_toto import Statement, Subject

FORMAT = "tocsin-evidence/1"

PREDICATE = "urn:tocsin:attestation:evidence:1"

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "message/rfc822": "eml",
}
"""Of a file in a package; everything else is "bin"."""

_JSON = msgspec.json.Encoder(order="deterministic").encode


class Packed(msgspec.Struct, frozen=True):
    """One exhibit as it goes into a package. Of a destroyed one there are steps alone."""

    id: str
    facts: bytes
    content: bytes
    steps: tuple[CustodyStep, ...]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a package as a whole. `keys` are all that this node signed steps with."""

    id: str
    at: str
    """RFC 3339."""
    by: str
    purpose: str
    node: str
    node_name: str
    keys: tuple[bytes, ...]
    case: Mapping[str, Any]
    """As far as the exporter chose."""
    withheld: int = 0
    """Exhibits that are quarantined and leave nobody's hands."""


def packed(
    export: Export, exhibits: Sequence[Packed], *, signer_pem: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """The package. Raises TooLarge."""
    facts = {one.id: read_facts(one.facts) for one in exhibits if one.facts}
    payload = {f"data/README.{lang}.txt": text.encode() for lang, text in README.items()}
    payload[CASE] = _JSON(_case(export, exhibits, facts)) + b"\n"
    payload[CUSTODY] = b"".join(step_line(step) + b"\n" for one in exhibits for step in one.steps)
    for one in exhibits:
        if one.facts:
            payload[f"data/facts/{one.id}.json"] = one.facts
            payload[file_of(facts[one.id])] = one.content
    tags = {
        BAGIT: BAGIT_TEXT,
        BAG_INFO: _info(export, payload),
        MANIFEST: manifest(payload),
        SIGNER: signer_pem,
    }
    tags[STATEMENT] = _statement(export, payload, sign)
    tags[TAG_MANIFEST] = manifest(tags)
    tags[SIGNATURE] = sign(tags[TAG_MANIFEST])
    return write_tar(base_of(export.id), payload | tags)


def file_of(facts: Facts) -> str:
    """Where an exhibit's bytes lie in a package."""
    return f"data/exhibits/{facts.sha256}.{ENDINGS.get(facts.media_type, 'bin')}"


def _case(export: Export, exhibits: Sequence[Packed], facts: Mapping[str, Facts]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "export": export.id,
        "at": export.at,
        "by": export.by,
        "purpose": export.purpose,
        "node": {"id": export.node, "name": export.node_name, "keys": [key.hex() for key in export.keys]},
        "case": export.case,
        "exhibits": [
            {
                "id": one.id,
                "steps": len(one.steps),
                "file": file_of(facts[one.id]) if one.id in facts else None,
            }
            for one in exhibits
        ],
        "withheld": export.withheld,
    }


def _statement(export: Export, payload: Mapping[str, bytes], sign: Callable[[bytes], bytes]) -> bytes:
    subjects = tuple(
        Subject(path, {"sha256": hashlib.sha256(content).hexdigest()})
        for path, content in sorted(payload.items())
    )
    said = Statement(
        subjects, PREDICATE, {"export": export.id, "at": export.at, "node": export.node}
    ).to_bytes()
    signature = EnvelopeSignature(sign(pae(IN_TOTO_TYPE, said)))
    return envelope_bytes(Envelope(IN_TOTO_TYPE, said, (signature,)))


def _info(export: Export, payload: Mapping[str, bytes]) -> bytes:
    """Bag metadata (RFC 8493, section 2.2.2)."""
    size = sum(map(len, payload.values()))
    return (
        f"Bagging-Date: {export.at[:10]}\n"
        "Bag-Software-Agent: Tocsin\n"
        f"External-Identifier: {export.id}\n"
        f"Payload-Oxum: {size}.{len(payload)}\n"
        f"Source-Organization: {export.node}\n"
    ).encode()
