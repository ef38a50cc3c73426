"""Sigstore bundles, judged offline by the real library under a trust root that was made here.

No socket is open in these tests (tests/conftest.py), so the library opens none.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.private_sigstore import ISSUER, PrivateSigstore
from tests.signed_models import NAME, NOW, judged, make_artefact, policy_of, why
from tocsin.assure.provenance.signing import hashed_release
from tocsin.assure.provenance.verifying import Accepted, Refused
from tocsin.trust.signing_policy import SigningPolicy
from tocsin.wire.model_signature import Manifest, Stretch, statement_of

WHO = "release@example.org"
SIGNED = NOW - timedelta(days=90)
SIGSTORE = PrivateSigstore(NOW - timedelta(days=200))


def _policy(
    sigstore: PrivateSigstore = SIGSTORE, who: str = WHO, issuer: str = ISSUER, **rule: Any
) -> SigningPolicy:
    signer = {"sigstore": who, "issuer": issuer, "trusted_root": "root.json"}
    return policy_of(
        {"root.json": sigstore.trusted_root()},
        signers={"ana": signer},
        rules=[{"artefacts": [NAME], "signers": ["ana"], **rule}],
    )


def _bundle(model: Path, **more: Any) -> dict[str, Any]:
    said = statement_of(Manifest(NAME, {Stretch(p): d for p, d in hashed_release(model).items()}))
    return SIGSTORE.bundle(said.to_bytes(), WHO, at=SIGNED, **more)


def _judged(model: Path, bundle: dict[str, Any], policy: SigningPolicy) -> Accepted | Refused:
    return judged(model, json.dumps(bundle).encode(), policy)


def test_a_certificate_that_ended_long_ago_counts_because_the_log_vouches_for_the_time(
    tmp_path: Path,
) -> None:
    model = make_artefact(tmp_path)
    bundle = _bundle(model)
    verdict = _judged(model, bundle, _policy())
    assert isinstance(verdict, Accepted), verdict
    assert verdict.signers == ("ana",)
    assert isinstance(_judged(model, bundle, _policy(signed_after="2026-08-01")), Accepted)
    assert why(_judged(model, bundle, _policy(signed_after="2026-09-01"))) == ["too-few", "no-trusted-time"]
    (model / "config.json").write_bytes(b"{}")
    assert why(_judged(model, bundle, _policy())) == ["file-changed"]


def test_a_signature_that_was_logged_after_the_certificate_ended_is_refused(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    late = _bundle(model, logged=SIGNED + timedelta(minutes=11))
    assert why(_judged(model, late, _policy())) == ["too-few", "sigstore"]


@pytest.mark.parametrize(
    "policy",
    [
        _policy(who="someone@example.org"),
        _policy(issuer="https://elsewhere.example"),
        _policy(PrivateSigstore(NOW - timedelta(days=200))),
    ],
    ids=["another identity", "another issuer", "another root"],
)
def test_only_the_identity_the_issuer_and_the_root_that_the_policy_names(
    tmp_path: Path, policy: SigningPolicy
) -> None:
    model = make_artefact(tmp_path)
    assert why(_judged(model, _bundle(model), policy)) == ["too-few", "sigstore"]


def _entry(bundle: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


def _no_entry(bundle: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def _no_promise(bundle: dict[str, Any]) -> None:
    del _entry(bundle)["inclusionPromise"]


def _another_time(bundle: dict[str, Any]) -> None:
    _entry(bundle)["integratedTime"] = str(int(_entry(bundle)["integratedTime"]) + 1)


def _another_root(bundle: dict[str, Any]) -> None:
    _entry(bundle)["inclusionProof"]["rootHash"] = "A" * 43 + "="


def _no_checkpoint(bundle: dict[str, Any]) -> None:
    del _entry(bundle)["inclusionProof"]["checkpoint"]


def _another_entry(bundle: dict[str, Any]) -> None:
    other = SIGSTORE.bundle(b'{"another": "payload"}', WHO, at=SIGNED)
    bundle["verificationMaterial"] = other["verificationMaterial"]


def _as_a_chain_without_a_log(bundle: dict[str, Any]) -> None:
    material = bundle["verificationMaterial"]
    bundle["verificationMaterial"] = {"x509CertificateChain": {"certificates": [material["certificate"]]}}


@pytest.mark.parametrize(
    "change",
    [
        _no_entry,
        _no_promise,
        _another_time,
        _another_root,
        _no_checkpoint,
        _another_entry,
        _as_a_chain_without_a_log,
    ],
)
def test_every_part_of_the_proof_is_needed(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    model = make_artefact(tmp_path)
    bundle = _bundle(model)
    change(bundle)
    assert why(_judged(model, bundle, _policy()))[0] == "too-few"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, SigningPolicy]:
    """One for all examples of a property."""
    model = make_artefact(tmp_path_factory.mktemp("release"))
    return model, json.dumps(_bundle(model)).encode(), _policy()


@settings(max_examples=40)
@given(data=st.data())
def test_no_changed_byte_says_anything_else(
    release: tuple[Path, bytes, SigningPolicy], data: st.DataObject
) -> None:
    model, good, policy = release
    bundle = bytearray(good)
    bundle[data.draw(st.integers(0, len(bundle) - 1))] ^= data.draw(st.integers(1, 255))
    if isinstance(judged(model, bytes(bundle), policy), Accepted):
        before, after = (json.loads(one)["dsseEnvelope"] for one in (good, bytes(bundle)))
        for envelope in (before, after):
            envelope["signatures"] = [one["sig"] for one in envelope["signatures"]]
        assert after == before


def test_without_the_library_the_answer_is_unknown_and_so_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_artefact(tmp_path)
    bundle = _bundle(model)
    monkeypatch.setitem(sys.modules, "sigstore.verify", None)
    verdict = _judged(model, bundle, _policy())
    assert why(verdict) == ["no-library"]
    assert isinstance(verdict, Refused)
    assert verdict.unknown
