"""Who may sign what: accepted only when those who must have signed these bytes; else refused, with why."""

import base64
import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signed_models import NAME, NOW, by_key, judged, make_artefact, new_key, policy_of, why
from tocsin.assure.provenance.signed_files import tree_digest
from tocsin.assure.provenance.signing import hashed_release, sign_release
from tocsin.assure.provenance.verifying import Accepted, Given, Refused, verify
from tocsin.kernel import BadInput
from tocsin.kernel.release import DECISION_PREDICATE
from tocsin.trust.signing_keys import PrivateKey, public_pem, sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, Envelope
from tocsin.wire.in_toto import Statement, Subject
from tocsin.wire.model_bundle import key_bundle
from tocsin.wire.model_signature import Manifest, Stretch, statement_of

KEY = new_key()
SLSA = "https://slsa.dev/provenance/v1"


def _attestation(
    key: PrivateKey, files: dict[str, str], predicate: dict[str, object], kind: str = SLSA
) -> bytes:
    said = Statement(
        tuple(Subject(f"out/{path}", {"sha256": d}) for path, d in files.items()), kind, predicate
    )
    return key_bundle(sealed(key, IN_TOTO_TYPE, said.to_bytes()), "")


def test_nothing_configured_means_refuse(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    bundle = sign_release(model, KEY)
    assert why(judged(model, bundle, None)) == ["no-rule"]
    assert why(judged(model, bundle, by_key(KEY, "other-*"))) == ["no-rule"]
    assert why(judged(model, None, by_key(KEY))) == ["unsigned"]


def test_what_is_signed_is_accepted_and_says_by_whom(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    verdict = judged(model, sign_release(model, KEY), by_key(KEY))
    assert isinstance(verdict, Accepted)
    assert (verdict.name, verdict.signers, verdict.notes) == (NAME, ("ana",), ())
    assert verdict.files == hashed_release(model)
    assert verdict.digest == tree_digest(verdict.files)


@pytest.mark.parametrize(
    "key", [Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)], ids=["ed25519", "rsa-pss"]
)
def test_other_kinds_of_key_are_verified_too(tmp_path: Path, key: PrivateKey) -> None:
    model = make_artefact(tmp_path)
    said = statement_of(Manifest(NAME, {Stretch(p): d for p, d in hashed_release(model).items()}))
    bundle = key_bundle(sealed(key, IN_TOTO_TYPE, said.to_bytes()), "")
    assert isinstance(judged(model, bundle, by_key(key)), Accepted)
    with pytest.raises(BadInput, match="ECDSA"):
        sign_release(model, key)


def _added(model: Path) -> None:
    (model / "hook.py").write_bytes(b"")


def _missing(model: Path) -> None:
    (model / "config.json").unlink()


def _renamed(model: Path) -> None:
    (model / "config.json").rename(model / "Config.json")


def _swapped(model: Path) -> None:
    one, two = (model / "weights" / f"part-{n}.safetensors" for n in (1, 2))
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)


def _linked(model: Path) -> None:
    shutil.move(model / "config.json", model.parent / "elsewhere")
    (model / "config.json").symlink_to(model.parent / "elsewhere")


def _linked_folder(model: Path) -> None:
    shutil.move(model / "weights", model.parent / "elsewhere")
    (model / "weights").symlink_to(model.parent / "elsewhere")


def _piped(model: Path) -> None:
    os.mkfifo(model / "pipe")


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        (_added, {"file-added"}),
        (_missing, {"file-missing"}),
        (_renamed, {"file-missing", "file-added"}),
        (_swapped, {"file-changed"}),
        (_linked, {"file-missing", "link"}),
        (_linked_folder, {"file-missing", "link"}),
        (_piped, {"not-a-file"}),
    ],
)
def test_every_change_of_the_tree_is_refused(tmp_path: Path, change: object, reasons: set[str]) -> None:
    model = make_artefact(tmp_path)
    bundle = sign_release(model, KEY)
    assert callable(change)
    change(model)
    assert set(why(judged(model, bundle, by_key(KEY)))) == reasons
    assert not judged(model, bundle, by_key(KEY)).unknown  # type: ignore[union-attr]


def test_a_signature_for_another_artefact_is_not_taken_for_this_one(tmp_path: Path) -> None:
    model = make_artefact(tmp_path, name="small-guard")
    bundle = sign_release(model, KEY)
    swapped = model.rename(tmp_path / NAME)
    assert why(judged(swapped, bundle, by_key(KEY))) == ["too-few", "other-name"]
    assert isinstance(judged(swapped, bundle, by_key(KEY, unsafe_any_name=True)), Accepted)
    assert isinstance(judged(swapped, bundle, by_key(KEY, "small-guard"), name="small-guard"), Accepted)
    fixed = by_key(KEY, digests=[tree_digest(hashed_release(swapped))])
    assert isinstance(judged(swapped, bundle, fixed), Accepted), "the rule names the bytes themselves"


def test_a_withdrawn_or_another_version_is_refused(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    bundle, files = sign_release(model, KEY), hashed_release(model)
    ana = {"ana": {"key": public_pem(KEY.public_key()).decode()}}
    rules = [{"artefacts": [NAME], "signers": ["ana"]}]
    for digest in (tree_digest(files), files["config.json"]):
        policy = policy_of(signers=ana, rules=rules, withdrawn=[digest])
        assert why(judged(model, bundle, policy)) == ["withdrawn"]
    assert why(judged(model, bundle, by_key(KEY, digests=["0" * 64]))) == ["other-digest"]
    late = by_key(KEY, signed_after="2026-01-01")
    assert why(judged(model, bundle, late)) == ["too-few", "no-trusted-time"], "a bare key proves no time"


def test_signers_count_only_in_their_days(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    bundle = sign_release(model, KEY)
    signer = {
        "key": public_pem(KEY.public_key()).decode(),
        "valid_from": "2026-11-01",
        "valid_until": "2026-12-01",
    }
    policy = policy_of(signers={"ana": signer}, rules=[{"artefacts": ["*"], "signers": ["ana"]}])
    assert isinstance(judged(model, bundle, policy), Accepted)
    for days in (-30, 30):
        assert why(judged(model, bundle, policy, at=NOW + timedelta(days=days))) == ["too-few", "out-of-days"]


def test_two_of_three_are_two_people(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    keys = {name: new_key() for name in ("ana", "bo", "cy")}
    signers = {name: {"key": public_pem(key.public_key()).decode()} for name, key in keys.items()}
    signers["ana-again"] = signers["ana"]
    policy = policy_of(
        signers=signers, rules=[{"artefacts": [NAME], "signers": sorted(signers), "threshold": 2}]
    )

    def by(*names: str) -> Accepted | Refused:
        bundles = {name: sign_release(model, keys[name]) for name in names}
        return verify(model, Given(bundles), policy, at=NOW)

    assert why(by("ana")) == ["too-few"], "one key under two names is one"
    assert isinstance(by("ana", "cy"), Accepted)
    stranger = {"a": sign_release(model, keys["ana"]), "b": sign_release(model, new_key())}
    assert why(verify(model, Given(stranger), policy, at=NOW))[0] == "too-few"


def test_every_rule_that_fits_must_be_satisfied(tmp_path: Path) -> None:
    model, other = make_artefact(tmp_path), new_key()
    signers = {n: {"key": public_pem(k.public_key()).decode()} for n, k in (("ana", KEY), ("bo", other))}
    wide, narrow = {"artefacts": ["*"], "signers": ["ana"]}, {"artefacts": [NAME], "signers": ["bo"]}
    bundle = sign_release(model, KEY)
    assert isinstance(judged(model, bundle, policy_of(signers=signers, rules=[wide])), Accepted)
    assert why(judged(model, bundle, policy_of(signers=signers, rules=[wide, narrow])))[0] == "too-few"


def test_attestations_count_only_about_these_bytes_by_these_signers_and_saying_this(tmp_path: Path) -> None:
    model, builder = make_artefact(tmp_path), new_key()
    bundle, files = sign_release(model, KEY), hashed_release(model)
    signers = {n: {"key": public_pem(k.public_key()).decode()} for n, k in (("ana", KEY), ("ci", builder))}
    needed = {
        "predicate": SLSA,
        "signers": ["ci"],
        "where": {"/runDetails/builder/id": "https://ci.example/1"},
    }
    policy = policy_of(
        signers=signers, rules=[{"artefacts": [NAME], "signers": ["ana"], "attestations": [needed]}]
    )
    said: dict[str, object] = {"runDetails": {"builder": {"id": "https://ci.example/1"}}}

    def with_(*attestations: bytes) -> list[str]:
        given_ = Given({"s": bundle}, {str(n): one for n, one in enumerate(attestations)})
        return why(verify(model, given_, policy, at=NOW))

    assert with_(_attestation(builder, files, said)) == []
    few = {path: digest for path, digest in files.items() if path != "config.json"}
    other_names = dict(zip(files, reversed(files.values()), strict=True))
    for wrong in (
        (),
        (_attestation(KEY, files, said),),
        (_attestation(builder, few, said),),
        (_attestation(builder, other_names, said),),
        (_attestation(builder, files, {}),),
        (_attestation(builder, files, said, "https://slsa.dev/provenance/v0.2"),),
    ):
        assert with_(*wrong) == ["attestation-missing"]
    assert with_(b"{}") == ["attestation-unreadable"]


VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "model_signing_0_2"


@pytest.mark.parametrize("curve", ["p256", "p384"])
def test_the_older_form_only_where_the_rule_allows_it_and_fixes_the_name_otherwise(
    tmp_path: Path, curve: str
) -> None:
    model = make_artefact(tmp_path)
    bundle = (VECTORS / f"{curve}.sig").read_bytes()
    signers = {"ana": {"key": (VECTORS / f"{curve}.pub").read_text()}}

    def judged_with(**rule: object) -> Accepted | Refused:
        rules = [{"artefacts": [NAME], "signers": ["ana"], **rule}]
        return judged(model, bundle, policy_of(signers=signers, rules=rules))

    assert why(judged_with()) == ["too-few", "older-form"]
    assert why(judged_with(unsafe_older_form=True)) == ["too-few", "other-name"]
    assert isinstance(judged_with(unsafe_older_form=True, unsafe_any_name=True), Accepted)
    digest = tree_digest(hashed_release(model))
    assert isinstance(judged_with(unsafe_older_form=True, digests=[digest]), Accepted)
    _added(model)
    assert why(judged_with(unsafe_older_form=True, unsafe_any_name=True)) == ["file-added"]


def test_two_signatures_in_one_envelope_are_two_signers(tmp_path: Path) -> None:
    model, other = make_artefact(tmp_path), new_key()
    said = statement_of(Manifest(NAME, {Stretch(p): d for p, d in hashed_release(model).items()})).to_bytes()
    both = [sealed(key, IN_TOTO_TYPE, said).signatures[0] for key in (KEY, other)]
    signers = {n: {"key": public_pem(k.public_key()).decode()} for n, k in (("ana", KEY), ("bo", other))}
    policy = policy_of(
        signers=signers, rules=[{"artefacts": [NAME], "signers": ["ana", "bo"], "threshold": 2}]
    )
    assert isinstance(
        judged(model, key_bundle(Envelope(IN_TOTO_TYPE, said, tuple(both)), ""), policy), Accepted
    )
    twice = key_bundle(Envelope(IN_TOTO_TYPE, said, (both[0], both[0])), "")
    assert why(judged(model, twice, policy)) == ["too-few"]


def test_files_that_the_signature_leaves_out_are_told(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    (model / ".git").mkdir()
    (model / ".git" / "config").write_bytes(b"x")
    bundle = sign_release(model, KEY, without=("model.sig",))
    (model / "model.sig").write_bytes(bundle)
    verdict = judged(model, bundle, by_key(KEY))
    assert isinstance(verdict, Accepted)
    assert [(one.rule, one.place.path) for one in verdict.notes] == [("provenance.left-out", ".git/config")]


def _changed_envelope(bundle: bytes, **changed: object) -> bytes:
    value = json.loads(bundle)
    value["dsseEnvelope"] |= changed
    return json.dumps(value).encode()


def test_a_stripped_or_exchanged_signature_is_refused(tmp_path: Path) -> None:
    model = make_artefact(tmp_path)
    bundle = sign_release(model, KEY)
    policy = by_key(KEY)
    assert why(judged(model, _changed_envelope(bundle, signatures=[]), policy)) == ["unreadable"]
    assert why(judged(model, _changed_envelope(bundle, payloadType="application/json"), policy)) == [
        "unreadable"
    ]
    theirs = json.loads(sign_release(model, new_key()))["dsseEnvelope"]["signatures"]
    assert why(judged(model, _changed_envelope(bundle, signatures=theirs), policy)) == [
        "too-few",
        "unknown-signer",
    ]
    # the key's own bytes as an HMAC-like "signature", and the payload's digest as one: no algorithm is chosen by them
    for sig in (public_pem(KEY.public_key()), b"\x00" * 64, b"\x30\x06\x02\x01\x00\x02\x01\x00"):
        fake = [{"sig": base64.b64encode(sig).decode()}]
        assert why(judged(model, _changed_envelope(bundle, signatures=fake), policy)) == [
            "too-few",
            "unknown-signer",
        ]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """An artefact and one signature for all examples of a property: ECDSA makes another each time."""
    model = make_artefact(tmp_path_factory.mktemp("release"))
    return model, sign_release(model, KEY)


@given(data=st.data())
def test_no_changed_byte_of_a_bundle_says_anything_else(
    release: tuple[Path, bytes], data: st.DataObject
) -> None:
    model, good = release
    bundle = bytearray(good)
    at = data.draw(st.integers(0, len(bundle) - 1))
    bundle[at] ^= data.draw(st.integers(1, 255))
    if isinstance(judged(model, bytes(bundle), by_key(KEY)), Accepted):
        # only what nothing signs may differ: a space, the hints; payload, type and signature are as they were
        before, after = (json.loads(one)["dsseEnvelope"] for one in (good, bytes(bundle)))
        for envelope in (before, after):
            envelope["signatures"] = [one["sig"] for one in envelope["signatures"]]
        assert after == before


@settings(max_examples=25)
@given(data=st.data())
def test_no_changed_byte_of_a_file_is_accepted(release: tuple[Path, bytes], data: st.DataObject) -> None:
    model, bundle = release
    path = model / data.draw(st.sampled_from(["config.json", "weights/part-2.safetensors", "weights.txt"]))
    good = path.read_bytes()
    content = bytearray(good)
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        path.write_bytes(content)
        assert why(judged(model, bundle, by_key(KEY))) == ["file-changed"]
    finally:
        path.write_bytes(good)
    assert isinstance(judged(model, bundle, by_key(KEY)), Accepted)


def test_a_rule_can_ask_for_a_release_decision(tmp_path: Path) -> None:
    """As docs/provenance.md shows it: in its days, by two people, at a tier at least; about these bytes."""
    root = make_artefact(tmp_path)
    bundle, builder, files = sign_release(root, KEY), new_key(), hashed_release(root)
    needed = {"predicate": DECISION_PREDICATE, "signers": ["lab"], "where": {"/allows/limited": True}}
    policy = policy_of(
        signers={
            "ana": {"key": public_pem(KEY.public_key()).decode()},
            "lab": {"key": public_pem(builder.public_key()).decode()},
        },
        rules=[{"artefacts": [NAME], "signers": ["ana"], "attestations": [needed]}],
    )
    said: dict[str, object] = {
        "tier": "limited",
        "allows": {"limited": True, "open-weights": False},
        "approvals": 2,
        "decided": (NOW - timedelta(days=1)).isoformat(),
        "expires": (NOW + timedelta(days=1)).date().isoformat(),
    }

    def with_(**changes: object) -> list[str]:
        made = _attestation(builder, files, said | changes, DECISION_PREDICATE)
        return why(verify(root, Given({"s": bundle}, {"d": made}), policy, at=NOW))

    assert with_() == []
    wrong: tuple[dict[str, object], ...] = (
        {"tier": "restricted", "allows": {"limited": False}},
        {"tier": "withheld"},
        {"approvals": 1},
        {"approvals": True},
        {"expires": NOW.date().isoformat()},
        {"expires": "never"},
        {"decided": (NOW + timedelta(days=1)).isoformat()},
    )
    for changes in wrong:
        assert with_(**changes) == ["attestation-missing"], changes
