"""A package checked, by whoever has it: bytes in, what was found out. No node, no network, nothing unpacked.

1. The tar is the one that its files make. 2. Every file is in a manifest, and every digest is right. 3. The signature
over the tag manifest holds, by the key that the package brings or the one that is asked for. 4. Every exhibit is what
its facts say. 5. Every chain of custody holds, by keys of the node, as long as the package says it is.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.cases.evidence.chain import read_facts, read_step, verify
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
    read_manifest,
    read_tar,
)
from tocsin.cases.evidence.packing import FORMAT, PREDICATE, file_of
from tocsin.kernel import BadInput
from tocsin.kernel.custody import CustodyStep
from tocsin.trust.signing_keys import holds, read_public, signed_by
from tocsin.wire.dsse import parse_envelope
from tocsin.wire.in_toto import parse_statement

_NEEDED = (BAGIT, BAG_INFO, MANIFEST, SIGNER, STATEMENT, TAG_MANIFEST, SIGNATURE, CASE, CUSTODY)


class Checked(msgspec.Struct, frozen=True):
    """A package that holds. `signer` is the public key that it holds by: whose that is, the package cannot prove."""

    export: str
    signer: bytes
    node: str
    at: str
    exhibits: int
    destroyed: int
    steps: int
    withheld: int


class _Node(msgspec.Struct, frozen=True):
    id: str
    name: str
    keys: tuple[str, ...]


class _Listed(msgspec.Struct, frozen=True):
    id: str
    steps: int
    file: str | None


class _Case(msgspec.Struct, frozen=True):
    format: str
    export: str
    at: str
    by: str
    purpose: str
    node: _Node
    case: dict[str, Any]
    exhibits: tuple[_Listed, ...]
    withheld: int


def check_package(data: bytes, *, expected_key: bytes | None = None) -> Checked:
    """What a package is. Raises BadInput naming the first thing that is wrong, TooLarge."""
    _, files = read_tar(data)  # 1
    for name in _NEEDED:
        if name not in files:
            raise BadInput(f"{name} is missing from the package")
    if files[BAGIT] != BAGIT_TEXT:
        raise BadInput(f"{BAGIT} is not that of a bag (RFC 8493)")
    payload = {path: content for path, content in files.items() if path.startswith("data/")}
    tags = {path: files[path] for path in (BAGIT, BAG_INFO, MANIFEST, SIGNER, STATEMENT)}
    _digests(read_manifest(files[TAG_MANIFEST], TAG_MANIFEST), tags, TAG_MANIFEST)  # 2
    _digests(read_manifest(files[MANIFEST], MANIFEST), payload, MANIFEST)
    signer = _signer(files, expected_key)  # 3
    case = _case(files[CASE])
    exhibits = _exhibits(case, payload)  # 4
    steps = _custody(case, payload, signer)  # 5
    return Checked(
        export=case.export,
        signer=signer,
        node=case.node.id,
        at=case.at,
        exhibits=exhibits,
        destroyed=len(case.exhibits) - exhibits,
        steps=steps,
        withheld=case.withheld,
    )


def _digests(declared: Mapping[str, str], files: Mapping[str, bytes], what: str) -> None:
    for path in sorted(set(files) | set(declared)):
        if path not in declared:
            raise BadInput(f"{path} is in the package and not in {what}: somebody added it")
        if path not in files:
            raise BadInput(f"{path} is in {what} and not in the package: somebody took it out")
        if hashlib.sha256(files[path]).hexdigest() != declared[path]:
            raise BadInput(f"{path} is not what {what} says: one of the two was changed")


def _signer(files: Mapping[str, bytes], expected: bytes | None) -> bytes:
    key = read_public(files[SIGNER])
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput(f"{SIGNER} is not the key of a node (Ed25519)")
    public = key.public_bytes_raw()
    if expected is not None and public != expected:
        raise BadInput("the package is signed by another key than the one you named")
    if not holds(key, files[SIGNATURE], files[TAG_MANIFEST]):
        raise BadInput(f"the signature does not hold: {TAG_MANIFEST}, {SIGNATURE} or {SIGNER} was changed")
    envelope = parse_envelope(files[STATEMENT])
    statement = parse_statement(envelope.payload)
    said = {one.name: one.digest.get("sha256", "") for one in statement.subjects}
    same = statement.predicate_type == PREDICATE and said == read_manifest(files[MANIFEST], MANIFEST)
    if not (same and signed_by(envelope, key)):
        raise BadInput(f"{STATEMENT} does not say what {MANIFEST} says, under the same key")
    return public


def _case(content: bytes) -> _Case:
    try:
        case = msgspec.json.decode(content, type=_Case)
        for key in case.node.keys:
            bytes.fromhex(key)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise BadInput(f"{CASE} cannot be read: {error}") from None
    if case.format != FORMAT:
        raise BadInput(f"{CASE} is of the format {case.format[:40]!r}; this version reads {FORMAT}")
    if len({one.id for one in case.exhibits}) != len(case.exhibits):
        raise BadInput(f"{CASE} names an exhibit twice")
    return case


def _exhibits(case: _Case, payload: Mapping[str, bytes]) -> int:
    """How many there are; raises BadInput unless files and facts are those of the listed exhibits, and no others."""
    known: set[str] = set()
    present = [one for one in case.exhibits if one.file is not None]
    for one in present:
        path = f"data/facts/{one.id}.json"
        if path not in payload:
            raise BadInput(f"{path} is missing from the package")
        facts = read_facts(payload[path])
        content = payload.get(one.file or "")
        if facts.exhibit != one.id or file_of(facts) != one.file or content is None:
            raise BadInput(f"the facts of {one.id} are of another exhibit")
        if hashlib.sha256(content).hexdigest() != facts.sha256 or len(content) != facts.size:
            raise BadInput(f"{one.file} is not what its facts say")
        known |= {path, one.file or ""}
    for path in payload:
        if path.startswith(("data/facts/", "data/exhibits/")) and path not in known:
            raise BadInput(f"{path} belongs to no exhibit of {CASE}")
    return len(present)


def _custody(case: _Case, payload: Mapping[str, bytes], signer: bytes) -> int:
    keys = {bytes.fromhex(key) for key in case.node.keys}
    if signer not in keys:
        raise BadInput(f"the key that signed the package is none of the node's in {CASE}")
    lines = payload[CUSTODY].split(b"\n")
    if lines.pop() != b"":
        raise BadInput(f"the last line of {CUSTODY} does not end: it was cut")
    steps = [read_step(line) for line in lines]
    by_exhibit: dict[str, list[CustodyStep]] = {one.id: [] for one in case.exhibits}
    for step in steps:
        if step.exhibit not in by_exhibit:
            raise BadInput(f"{CUSTODY} has a step of an exhibit that is not in {CASE}")
        by_exhibit[step.exhibit].append(step)
    for one in case.exhibits:
        facts = b"" if one.file is None else payload[f"data/facts/{one.id}.json"]
        broken = verify(one.id, facts, by_exhibit[one.id], keys, expected=one.steps)
        if broken is not None:
            raise BadInput(f"custody of {one.id}: {broken.reason}")
    return len(steps)
