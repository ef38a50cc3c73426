"""`require_clean` gives the judged bytes or raises, also when the files change after it has looked."""

import json
import re
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.signed_models import NAME, NOW, make_artefact, new_key
from tocsin.assure import NotClean, inspect, require_clean
from tocsin.assure.provenance.attestations import inspected
from tocsin.assure.provenance.require import inspected_files
from tocsin.assure.provenance.signing import sign_release
from tocsin.kernel import BadInput
from tocsin.trust.signing_keys import key_id, public_pem, sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes

KEY = new_key()
PEM = public_pem(KEY.public_key())
TEXTS = {"README.md": b"A small model.\n", "notes/one.txt": b"lottery refund\n"}
ROOT = Path(__file__).resolve().parents[3]


def _now() -> datetime:
    return NOW


def _signed(model: Path, folder: Path) -> Path:
    """A policy for a model that is signed in place."""
    (model / "model.sig").write_bytes(sign_release(model, KEY, without=("model.sig",)))
    (folder / "ana.pem").write_bytes(PEM)
    policy = folder / "signers.yaml"
    policy.write_text(
        f"version: 1\nsigners: {{ana: {{key: ana.pem}}}}\nrules: [{{artefacts: [{NAME}], signers: [ana]}}]"
    )
    return policy


def _attestation(model: Path, folder: Path, *, at: datetime = NOW, verdict: str = "clean") -> Path:
    inspection = inspect(model, clock=lambda: at)
    said = inspected(inspection, inspected_files(inspection, model, ("model.sig",)))
    said.predicate["verdict"] = verdict
    file = folder / "inspection.json"
    file.write_bytes(envelope_bytes(sealed(KEY, IN_TOTO_TYPE, said.to_bytes(), keyid="ana")))
    return file


def test_what_is_clean_is_given_and_what_is_not_raises_with_its_findings(tmp_path: Path) -> None:
    model = make_artefact(tmp_path, TEXTS)
    cleared = require_clean(model, clock=_now)
    assert {path: cleared.read(path) for path in cleared.files} == TEXTS
    (model / "x.bin").write_bytes(b"\x00\xff" * 40)
    with pytest.raises(NotClean, match=r"x\.bin") as caught:
        require_clean(model, clock=_now)
    assert [one.place.path for one in caught.value.findings] == ["x.bin"]
    rule = caught.value.findings[0].rule
    assert "x.bin" in require_clean(model, accept=[rule], clock=_now).files


def test_clean_is_not_enough_where_a_policy_asks_for_signers(tmp_path: Path) -> None:
    model = make_artefact(tmp_path, TEXTS)
    policy = _signed(model, tmp_path)
    cleared = require_clean(model, policy=policy, clock=_now)
    assert (cleared.signers, set(cleared.files)) == (("ana",), set(TEXTS))
    with pytest.raises(NotClean, match="who may sign"):
        require_clean(model, policy=policy, name="other", clock=_now)
    (model / "README.md").write_bytes(b"A small Model.\n")
    assert require_clean(model, clock=_now).signers == (), "clean it still is"
    with pytest.raises(NotClean, match="not those that were signed"):
        require_clean(model, policy=policy, clock=_now)


def test_an_attested_inspection_counts_for_exactly_its_bytes(tmp_path: Path) -> None:
    model = make_artefact(tmp_path, TEXTS)
    policy, file = _signed(model, tmp_path), _attestation(model, tmp_path)
    cleared = require_clean(model, attestation=file, signers=[PEM], policy=policy, clock=_now)
    assert (cleared.attested_by, cleared.signers) == (key_id(KEY.public_key()), ("ana",))
    (model / "more.txt").write_bytes(b"")
    with pytest.raises(NotClean, match="exactly these bytes"):
        require_clean(model, attestation=file, signers=[PEM], clock=_now)


@pytest.mark.parametrize(
    ("made", "signers", "why"),
    [
        ({}, [public_pem(new_key().public_key())], "none of the keys"),
        ({}, [], "none of the keys"),
        ({"verdict": "found"}, [PEM], "did not end clean"),
        ({"at": NOW - timedelta(days=31)}, [PEM], "too old"),
        ({"at": NOW + timedelta(days=1)}, [PEM], "too old"),
    ],
)
def test_an_attestation_that_does_not_count(
    tmp_path: Path, made: dict[str, object], signers: list[bytes], why: str
) -> None:
    model = make_artefact(tmp_path, TEXTS)
    file = _attestation(model, tmp_path, **made)  # type: ignore[arg-type]
    with pytest.raises(NotClean, match=why):
        require_clean(model, attestation=file, signers=signers, clock=_now)


def test_a_single_file(tmp_path: Path) -> None:
    model = tmp_path / "note.txt"
    model.write_bytes(b"lottery refund\n")
    cleared = require_clean(model, clock=_now)
    assert cleared.read() == b"lottery refund\n"
    assert cleared.copy_to(tmp_path / "copy").read_bytes() == b"lottery refund\n"
    with pytest.raises(BadInput):
        require_clean(tmp_path / "gone", clock=_now)


def _changed(model: Path) -> None:
    (model / "notes" / "one.txt").write_bytes(b"lottery refunD\n")


def _grown(model: Path) -> None:
    (model / "notes" / "one.txt").write_bytes(b"lottery refund\n\n")


def _linked(model: Path) -> None:
    (model / "notes" / "one.txt").rename(model.parent / "one.txt")
    (model / "notes" / "one.txt").symlink_to(model.parent / "one.txt")


def _folder_linked(model: Path) -> None:
    (model / "notes").rename(model.parent / "notes")
    (model / "notes").symlink_to(model.parent / "notes")


def _gone(model: Path) -> None:
    (model / "notes" / "one.txt").unlink()


@pytest.mark.parametrize("change", [_changed, _grown, _linked, _folder_linked, _gone])
def test_a_change_after_the_look_reaches_no_loader(tmp_path: Path, change: Callable[[Path], None]) -> None:
    model = make_artefact(tmp_path, TEXTS)
    cleared = require_clean(model, clock=_now)
    change(model)
    with pytest.raises(NotClean, match="after it was judged"):
        cleared.read("notes/one.txt")
    with pytest.raises(NotClean), cleared.sealed("notes/one.txt"):
        pytest.fail("sealed")
    with pytest.raises(NotClean):
        cleared.copy_to(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    with pytest.raises(NotClean, match="not among"):
        cleared.read("../one.txt")


def test_a_sealed_file_and_a_copy_cannot_be_written_to(tmp_path: Path) -> None:
    model = make_artefact(tmp_path, TEXTS)
    cleared = require_clean(model, clock=_now)
    with cleared.sealed("README.md") as path:
        assert path.read_bytes() == TEXTS["README.md"]
        with pytest.raises(PermissionError), path.open("r+b") as file:
            file.write(b"x")
    copied = cleared.copy_to(tmp_path / "copy")
    assert {
        str(one.relative_to(copied)): one.read_bytes() for one in copied.rglob("*") if one.is_file()
    } == TEXTS
    assert all(not stat.S_IMODE(one.stat().st_mode) & 0o277 for one in (copied, *copied.rglob("*")))
    with pytest.raises(BadInput, match="new folder"):
        cleared.copy_to(copied)


def _safetensors(path: Path, numbers: list[float]) -> None:
    body = struct.pack(f"<{len(numbers)}f", *numbers)
    header = json.dumps(
        {"w": {"dtype": "F32", "shape": [len(numbers)], "data_offsets": [0, len(body)]}}
    ).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(struct.pack("<Q", len(header)) + header + body)


def test_the_hook_in_the_documentation_loads_what_was_signed_and_not_one_byte_else(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "provenance.md").read_text("utf-8")
    script = tmp_path / "serve.py"
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    script.write_text(found[1], "utf-8")
    model = make_artefact(tmp_path, {"README.md": b"Weights.\n"})
    _safetensors(model / "model.safetensors", [1.0, 2.5])
    policy = _signed(model, tmp_path)

    def served() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(script), str(model), str(policy)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    done = served()
    assert (done.returncode, done.stdout.strip()) == (0, "{'w': 3.5}"), done.stderr
    content = bytearray((model / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (model / "model.safetensors").write_bytes(content)
    refused = served()
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "not those that were signed" in refused.stderr


def test_the_call_loads_no_database_and_nothing_that_speaks_to_a_network() -> None:
    heavy = (
        "sqlalchemy",
        "pyarrow",
        "duckdb",
        "litestar",
        "urllib3",
        "requests",
        "sigstore",
        "cryptography.x509",
    )
    code = f"import sys; from tocsin.assure import require_clean; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
