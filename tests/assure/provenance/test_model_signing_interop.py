"""OpenSSF's own tool and ours accept each other's signatures, and refuse the same changes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from model_signing import hashing, signing, verifying

from tests.signed_models import (
    NAME,
    by_key,
    issue,
    judged,
    make_artefact,
    new_key,
    pem,
    policy_of,
    private_pem,
    why,
)
from tocsin.assure.provenance.signing import sign_release
from tocsin.assure.provenance.verifying import Accepted
from tocsin.trust.certificates import signing_chain
from tocsin.trust.signing_keys import public_pem


def _hashing(model: Path) -> hashing.Config:
    return hashing.Config().set_ignored_paths(paths=["model.sig"], ignore_git_paths=True)


def _theirs(model: Path, key: Path, how: hashing.Config | None = None) -> bytes:
    signature = model.parent / "their.sig"
    config = signing.Config().use_elliptic_key_signer(private_key=key)
    config.set_hashing_config(how or _hashing(model)).sign(model, signature)
    return signature.read_bytes()


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda one: one.name)
def test_each_verifies_what_the_other_signed(tmp_path: Path, curve: ec.EllipticCurve) -> None:
    model, key = make_artefact(tmp_path), new_key(curve)
    (model / ".gitignore").write_bytes(b"*.log")
    (tmp_path / "key").write_bytes(private_pem(key))
    (tmp_path / "pub").write_bytes(public_pem(key.public_key()))

    assert isinstance(judged(model, _theirs(model, tmp_path / "key"), by_key(key)), Accepted)

    (model / "model.sig").write_bytes(sign_release(model, key, without=("model.sig",)))
    their = verifying.Config().use_elliptic_key_verifier(public_key=tmp_path / "pub")
    their.verify(model, model / "model.sig")
    (model / "weights.txt").write_bytes(b"lottery refunds")
    with pytest.raises(ValueError, match=r"weights\.txt"):
        their.verify(model, model / "model.sig")
    assert why(judged(model, (model / "model.sig").read_bytes(), by_key(key))) == ["file-changed"]


@pytest.mark.parametrize(
    "how",
    [
        lambda: hashing.Config().use_shard_serialization(shard_size=1500),
        lambda: hashing.Config().use_shard_serialization(hashing_algorithm="blake2", shard_size=5000),
        lambda: hashing.Config().use_file_serialization(hashing_algorithm="blake2"),
        lambda: hashing.Config().use_file_serialization(hashing_algorithm="blake3"),
    ],
    ids=["shards", "shards-blake2", "blake2", "blake3"],
)
def test_every_way_they_hash_is_read(tmp_path: Path, how: Callable[[], hashing.Config]) -> None:
    model, key = make_artefact(tmp_path), new_key()
    (tmp_path / "key").write_bytes(private_pem(key))
    signature = _theirs(model, tmp_path / "key", how())
    assert isinstance(judged(model, signature, by_key(key)), Accepted)
    part = model / "weights" / "part-1.safetensors"
    part.write_bytes(b"\x01" * 4999 + b"\x02")
    assert why(judged(model, signature, by_key(key))) == ["file-changed"]
    part.write_bytes(b"\x01" * 5001)
    assert why(judged(model, signature, by_key(key))) == ["file-changed"]


def test_a_single_file_both_ways(tmp_path: Path) -> None:
    model, key = tmp_path / "one.safetensors", new_key()
    model.write_bytes(b"\x03" * 100)
    (tmp_path / "key").write_bytes(private_pem(key))
    (tmp_path / "pub").write_bytes(public_pem(key.public_key()))
    policy = by_key(key, "*.safetensors")
    assert isinstance(judged(model, _theirs(model, tmp_path / "key", hashing.Config()), policy), Accepted)
    (tmp_path / "our.sig").write_bytes(sign_release(model, key))
    verifying.Config().use_elliptic_key_verifier(public_key=tmp_path / "pub").verify(
        model, tmp_path / "our.sig"
    )
    model.write_bytes(b"\x04" * 100)
    assert why(judged(model, (tmp_path / "our.sig").read_bytes(), policy)) == ["file-changed"]


def test_a_chain_of_certificates_both_ways(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    root = issue("root", None, authority=True)
    middle = issue("middle", root, authority=True)
    leaf = issue("release", middle, san=x509.RFC822Name("release@example.org"))
    for name, (certificate, _) in {"root": root, "middle": middle, "leaf": leaf}.items():
        (tmp_path / name).write_bytes(pem(certificate))
    (tmp_path / "key").write_bytes(private_pem(leaf[1]))
    config = signing.Config().use_certificate_signer(
        private_key=tmp_path / "key",
        signing_certificate=tmp_path / "leaf",
        certificate_chain=[tmp_path / "middle"],
    )
    config.set_hashing_config(_hashing(model)).sign(model, tmp_path / "their.sig")
    policy = policy_of(
        {"root.pem": pem(root[0])},
        signers={"corp": {"certificate": "release@example.org", "roots": "root.pem"}},
        rules=[{"artefacts": [NAME], "signers": ["corp"]}],
    )
    verdict = judged(model, (tmp_path / "their.sig").read_bytes(), policy)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.signers == ("corp",)

    ours = sign_release(
        model, leaf[1], chain=signing_chain(pem(leaf[0]) + pem(middle[0]), leaf[1].public_key())
    )
    assert isinstance(judged(model, ours, policy), Accepted)
    (tmp_path / "our.sig").write_bytes(ours)
    verifying.Config().use_certificate_verifier(certificate_chain=[tmp_path / "root"]).verify(
        model, tmp_path / "our.sig"
    )
