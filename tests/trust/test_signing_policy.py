"""A policy is read whole or refused with the place that is wrong."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.signed_models import new_key
from tocsin.assure.provenance.policy_file import load_policy
from tocsin.kernel import BadInput
from tocsin.trust.signing_keys import key_id, public_pem, read_private, read_public, supported
from tocsin.trust.signing_policy import read_policy

KEY = new_key()
PEM = public_pem(KEY.public_key()).decode()
RULE = {"artefacts": ["*"], "signers": ["ana"]}


def _read(**changed: Any) -> Any:
    document = {"version": 1, "signers": {"ana": {"key": PEM}}, "rules": [RULE]} | changed
    return read_policy(yaml.safe_dump(document).encode(), lambda name: b"")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": 2}, "version 2"),
        ({"extra": 1}, "extra"),
        ({"signers": {"ana": {}}}, "neither key, certificate nor sigstore"),
        ({"signers": {"ana": {"key": "no.pem"}}}, "not a public key"),
        ({"signers": {"ana": {"key": PEM, "trusted": True}}}, "trusted"),
        ({"signers": {"ana": {"certificate": "a@example.org", "roots": "no.pem"}}}, "certificates in PEM"),
        ({"rules": [{**RULE, "signers": ["bo"]}]}, "'bo'"),
        ({"rules": [{**RULE, "signers": []}]}, "asks for 1 of 0"),
        ({"rules": [{**RULE, "threshold": 0}]}, "asks for 0"),
        ({"rules": [{**RULE, "signers": ["ana", "ana"], "threshold": 2}]}, "asks for 2 of 1"),
        ({"rules": [{**RULE, "artefacts": []}]}, "names no artefact"),
        ({"rules": [{**RULE, "attestations": [{"predicate": "x", "signers": ["cy"]}]}]}, "'cy'"),
        (
            {
                "rules": [
                    {**RULE, "attestations": [{"predicate": "x", "signers": ["ana"], "max_age_days": 0}]}
                ]
            },
            "0 days",
        ),
        ({"rules": [{**RULE, "digests": ["A" * 64]}]}, "not a sha256"),
        ({"withdrawn": ["abc"]}, "not a sha256"),
        ({"rules": [{**RULE, "unsafe_any_nam": True}]}, "unsafe_any_nam"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        _read(**changed)


@pytest.mark.parametrize(
    "data", [b"", b"[", b"version: 1", b"\x00", b"!!python/object:os.system {}", b"a: &a [*a]"]
)
def test_what_is_no_policy_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_policy(data, lambda name: b"")


def test_a_signer_given_twice_is_refused_not_replaced() -> None:
    twice = yaml.safe_dump({"version": 1, "signers": {"ana": {"key": PEM}}, "rules": [RULE]})
    twice = twice.replace("signers:\n  ana:", f"signers:\n  ana: {{key: {PEM!r}}}\n  ana:", 1)
    with pytest.raises(BadInput, match="twice"):
        read_policy(twice.encode(), lambda name: b"")


def test_its_files_lie_beside_it(tmp_path: Path) -> None:
    (tmp_path / "signers").mkdir()
    (tmp_path / "signers" / "ana.pem").write_text(PEM)
    policy = tmp_path / "signers.yaml"
    for named, good in (
        ("signers/ana.pem", True),
        ("../ana.pem", False),
        (str(tmp_path / "signers/ana.pem"), False),
    ):
        policy.write_text(f"version: 1\nsigners: {{ana: {{key: {named}}}}}\nrules: []")
        if good:
            assert load_policy(policy).for_name("x") == (), "no rule fits, so nothing may be accepted"
        else:
            with pytest.raises(BadInput, match="beside the policy"):
                load_policy(policy)


def test_keys_that_do_not_count() -> None:
    for weak in (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP256K1())):
        with pytest.raises(BadInput, match="does not count"):
            supported(weak.public_key())
    for data in (b"", b"x" * 20_000, b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"):
        with pytest.raises(BadInput):
            read_public(data)
        with pytest.raises(BadInput):
            read_private(data)
    assert key_id(read_public(PEM.encode())) == key_id(KEY.public_key())


def test_a_key_that_is_no_word_is_refused() -> None:
    with pytest.raises(BadInput, match="a key is a word"):
        read_policy(b"version: 1\nsigners: {[ana]: {}}\nrules: []\n", lambda name: b"")
