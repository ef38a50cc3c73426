"""A package holds as it was made, and one changed byte anywhere is found, by us and by public tools."""

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.cases.evidence.test_chain import NODE, OTHER
from tocsin.cases.evidence import Facts, extended, facts_bytes
from tocsin.cases.evidence.checking import check_package
from tocsin.cases.evidence.package import (
    CASE,
    CUSTODY,
    MANIFEST,
    SIGNATURE,
    SIGNER,
    STATEMENT,
    TAG_MANIFEST,
    manifest,
    read_tar,
    write_tar,
)
from tocsin.cases.evidence.packing import Export, Packed, packed
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.custody import CustodyAct, CustodyStep
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.signing_keys import public_pem, sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes, parse_envelope
from tocsin.wire.in_toto import parse_statement

replace = msgspec.structs.replace


def exhibit(number: int, content: bytes) -> Packed:
    facts = facts_bytes(
        Facts(
            exhibit=f"ex_{number:020x}",
            case="c1",
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            media_type="text/plain",
            name="1.txt",
            received=5,
            by="report",
            salt="00" * 16,
        )
    )
    steps: list[CustodyStep] = []
    for act in (CustodyAct.RECEIVED, CustodyAct.SEALED, CustodyAct.EXPORTED):
        plain = CustodyStep(
            exhibit=f"ex_{number:020x}", number=0, at=len(steps), by="u1", act=act, how="here", result="done"
        )
        last = steps[-1] if steps else None
        steps.append(extended(facts, last, plain, key=NODE.public, sign=NODE.sign))
    return Packed(f"ex_{number:020x}", facts, content, tuple(steps))


DESTROYED = replace(exhibit(2, b"gone"), facts=b"", content=b"")
EXPORT = Export(
    id="00112233445566aa",
    at="2026-11-20T12:00:00+00:00",
    by="u1",
    purpose="for the court",
    node=NODE.node_id,
    node_name="node",
    keys=(NODE.public,),
    case={"id": "c1"},
    withheld=1,
)


def made(identity: NodeIdentity = NODE, **changes: object) -> bytes:
    pem = public_pem(Ed25519PublicKey.from_public_bytes(identity.public))
    exhibits = [exhibit(1, b"lottery refund"), DESTROYED, exhibit(3, b"")]
    return packed(replace(EXPORT, **changes), exhibits, signer_pem=pem, sign=identity.sign)


NODE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
WHOLE = made()
BASE, FILES = read_tar(WHOLE)


def signed_anew(files: dict[str, bytes]) -> bytes:
    """What somebody with the node's key could make: every digest and signature right."""
    tags = {name: files[name] for name in files if not name.startswith("data/")}
    tags[MANIFEST] = manifest({name: files[name] for name in files if name.startswith("data/")})
    del tags[TAG_MANIFEST], tags[SIGNATURE]
    tags[TAG_MANIFEST] = manifest(tags)
    tags[SIGNATURE] = NODE.sign(tags[TAG_MANIFEST])
    return write_tar(BASE, files | tags)


def test_a_package_holds_as_it_was_made() -> None:
    checked = check_package(WHOLE, expected_key=NODE.public)
    assert (checked.exhibits, checked.destroyed, checked.steps, checked.withheld) == (2, 1, 9, 1)
    assert (checked.signer, checked.node, checked.export) == (NODE.public, NODE.node_id, EXPORT.id)
    assert made() == WHOLE
    assert check_package(signed_anew(FILES)) == checked


@settings(max_examples=60, deadline=None)
@example(0, 0)
@example(len(WHOLE) - 1, 7)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 7))
def test_any_one_changed_bit_of_the_file_is_found(place: int, bit: int) -> None:
    changed = bytearray(WHOLE)
    changed[place] ^= 1 << bit
    with pytest.raises(BadInput):
        check_package(bytes(changed))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_a_package_that_was_cut_or_lengthened_is_found(place: int) -> None:
    for changed in (WHOLE[:place], WHOLE + WHOLE[:place] + b"\0"):
        with pytest.raises(BadInput):
            check_package(changed)


def test_every_byte_of_every_file_is_under_a_digest_or_the_signature() -> None:
    """A changed file is named, even where somebody makes the tar anew around it."""
    for path, content in FILES.items():
        for place in {0, len(content) // 2, len(content) - 1} if content else ():
            changed = bytearray(content)
            changed[place] ^= 4
            with pytest.raises(BadInput):
                check_package(write_tar(BASE, FILES | {path: bytes(changed)}))


def changed_case(files: dict[str, bytes]) -> None:
    files[CASE] = files[CASE].replace(b'"steps":3', b'"steps":2', 1)


def dropped_step(files: dict[str, bytes]) -> None:
    files[CUSTODY] = files[CUSTODY].split(b"\n", 1)[1]


def dropped_exhibit(files: dict[str, bytes]) -> None:
    del files[next(name for name in files if name.startswith("data/exhibits/"))]


def added_exhibit(files: dict[str, bytes]) -> None:
    files[f"data/exhibits/{'0' * 64}.txt"] = b"another"


def changed_exhibit(files: dict[str, bytes]) -> None:
    files[next(name for name in files if name.startswith("data/exhibits/"))] = b"other words"


def changed_facts(files: dict[str, bytes]) -> None:
    name = next(name for name in files if name.startswith("data/facts/"))
    files[name] = files[name].replace(b'"by":"report"', b'"by":"nobody"')


@pytest.mark.parametrize(
    "change", [changed_case, dropped_step, dropped_exhibit, added_exhibit, changed_exhibit, changed_facts]
)
def test_what_its_own_node_signed_wrongly_is_found_too(change: Callable[[dict[str, bytes]], None]) -> None:
    files = dict(FILES)
    change(files)
    assert files != FILES
    with pytest.raises(BadInput):
        check_package(signed_anew(files))


def test_the_statement_is_an_in_toto_one_over_the_same_files() -> None:
    envelope = parse_envelope(FILES[STATEMENT])
    said = parse_statement(envelope.payload)
    assert {one.name for one in said.subjects} == {name for name in FILES if name.startswith("data/")}
    assert said.predicate["export"] == EXPORT.id
    for other in (
        sealed(OTHER_KEY, IN_TOTO_TYPE, envelope.payload),
        sealed(NODE_KEY, IN_TOTO_TYPE, envelope.payload.replace(b"README.en", b"README.zh", 1)),
    ):
        with pytest.raises(BadInput, match=STATEMENT):
            check_package(signed_anew(FILES | {STATEMENT: envelope_bytes(other)}))


def test_whose_key_it_is() -> None:
    theirs = made(OTHER)
    with pytest.raises(BadInput, match="none of the node's"):
        check_package(theirs)
    with pytest.raises(BadInput, match="another key"):
        check_package(WHOLE, expected_key=OTHER.public)
    with pytest.raises(BadInput, match="not this node's"):
        check_package(made(OTHER, keys=(OTHER.public,)))


def tar_with(name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in (f"{BASE}/bagit.txt", name):
            member = tarfile.TarInfo(path)
            member.type = kind if path == name else tarfile.REGTYPE
            member.linkname = link
            archive.addfile(member)
    return written.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        f"{BASE}/../x",
        f"{BASE}/data/../../x",
        f"{BASE}/data/exhibits/x.sh",
        f"{BASE}/bagit.txt",
        "other/bagit.txt",
        f"{BASE}/DATA/case.json",
    ],
)
def test_a_name_that_no_package_has_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="holds"):
        read_tar(tar_with(name))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_only_plain_files_are_read(kind: bytes) -> None:
    with pytest.raises(BadInput, match="no plain file"):
        read_tar(tar_with(f"{BASE}/bag-info.txt", kind=kind, link="/etc/passwd"))


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.cases.evidence.package.MAX_PACKAGE_BYTES", len(WHOLE) - 1)
    with pytest.raises(TooLarge):
        read_tar(WHOLE)
    with pytest.raises(TooLarge):
        write_tar(BASE, {"bagit.txt": bytes(len(WHOLE))})


TOOLS = pytest.mark.skipif(
    not (shutil.which("sha256sum") and shutil.which("openssl")), reason="sha256sum or openssl is missing here"
)
COMMANDS = (
    f"sha256sum -c --strict {TAG_MANIFEST}",
    f"sha256sum -c --strict {MANIFEST}",
    f"openssl pkeyutl -verify -pubin -inkey {SIGNER} -rawin -in {TAG_MANIFEST} -sigfile {SIGNATURE}",
)
"""As the package's README and docs/evidence.md give them."""


def by_public_tools(folder: Path) -> list[bool]:
    done = [
        subprocess.run(command.split(), cwd=folder, capture_output=True, check=False) for command in COMMANDS
    ]
    return [one.returncode == 0 for one in done]


@TOOLS
def test_public_tools_check_it_offline_and_find_one_changed_byte_in_each_file(tmp_path: Path) -> None:
    (tmp_path / "package.tar").write_bytes(WHOLE)
    subprocess.run(["tar", "-xf", "package.tar"], cwd=tmp_path, check=True)
    folder = tmp_path / BASE
    assert by_public_tools(folder) == [True, True, True]
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == set(FILES)
    for path in sorted(found):
        content = FILES[path]
        if not content:
            continue
        changed = bytearray(content)
        changed[len(changed) // 3] ^= 1
        (folder / path).write_bytes(changed)
        assert not all(by_public_tools(folder)), path
        (folder / path).write_bytes(content)
    assert by_public_tools(folder) == [True, True, True]


def test_the_commands_are_those_that_people_are_told() -> None:
    docs = Path(__file__).parents[3] / "docs" / "evidence.md"
    for text in (
        docs.read_text("utf-8"),
        FILES["data/README.en.txt"].decode(),
        FILES["data/README.zh.txt"].decode(),
    ):
        for command in COMMANDS:
            assert command in text
