"""Signatures among a model's files are read and told, and a broken one keeps the model from being clean."""

from pathlib import Path

from tests.signed_models import NAME, NOW, make_artefact, new_key
from tocsin.assure import Held, inspect
from tocsin.assure.provenance.bundles import Bundles
from tocsin.assure.provenance.signing import sign_release
from tocsin.kernel import ArtefactVerdict, Inspection
from tocsin.trust.signing_keys import sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes

TEXTS = {"README.md": b"A small model.\n"}


def _inspected(model: Path) -> Inspection:
    return inspect(model, clock=lambda: NOW)


def test_a_signature_is_clean_and_told_as_a_claim(tmp_path: Path) -> None:
    model = make_artefact(tmp_path, TEXTS)
    (model / "model.sig").write_bytes(sign_release(model, new_key()))
    found = _inspected(model)
    assert found.verdict is ArtefactVerdict.CLEAN, found.findings
    fact = next(one for one in found.facts if one.kind == "signature")
    assert (fact.path, fact.values["made_with"], fact.values["subject"]) == ("model.sig", "key", NAME)


def test_a_broken_signature_is_inconclusive(tmp_path: Path) -> None:
    model = make_artefact(tmp_path, TEXTS)
    bundle = sign_release(model, new_key())
    for broken in (
        bundle[:-1],
        bundle.replace(b'"payload"', b'"payload": "", "payload"'),
        bundle + b"\x80\x04.",
    ):
        (model / "model.sig").write_bytes(broken)
        found = _inspected(model)
        assert found.verdict is not ArtefactVerdict.CLEAN
        assert "provenance.broken-bundle" in {one.rule for one in found.findings}


def test_only_what_begins_as_a_signature_is_taken_for_one() -> None:
    envelope = envelope_bytes(sealed(new_key(), IN_TOTO_TYPE, b"{}" * 9000))
    for data, known in (
        (envelope, True),
        (sign_release(Path(__file__), new_key()), True),
        (b'{"vocab": {"\\"payloadType\\"": 1, "payloadType": 2}}', False),
        (b'["payloadType"]', False),
        (b"", False),
    ):
        assert bool(Bundles().recognises(Held("x", data))) is known
