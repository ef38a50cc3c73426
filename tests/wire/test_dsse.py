"""Envelopes and bundles are read in one way or not at all."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire import dsse, model_bundle
from tocsin.wire.dsse import Envelope, EnvelopeSignature, pae, parse_envelope
from tocsin.wire.model_bundle import parse_bundle

GOOD = Envelope(dsse.IN_TOTO_TYPE, b'{"a": 1}', (EnvelopeSignature(b"\x01\x02\x03\x04", "k"),))


def _wire(**changed: Any) -> bytes:
    return json.dumps(dsse.envelope_value(GOOD) | changed).encode()


def _bundle(**changed: Any) -> bytes:
    return json.dumps(json.loads(model_bundle.key_bundle(GOOD, "hint")) | changed).encode()


def test_the_encoding_is_the_specifications_own_example() -> None:
    # DSSE protocol v1.0.2, "test vectors"
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("\u00e9", b"") == b"DSSEv1 2 \xc3\xa9 0 ", "lengths are of bytes"


@given(*(st.text("1 \u00e9", max_size=4), st.binary(max_size=4)) * 2)
def test_two_contents_never_have_one_encoding(kind: str, payload: bytes, other: str, another: bytes) -> None:
    assert (pae(kind, payload) == pae(other, another)) == ((kind, payload) == (other, another))


@given(st.binary(min_size=1, max_size=60), st.binary(min_size=1, max_size=80), st.text(max_size=10))
def test_an_envelope_comes_back(payload: bytes, sig: bytes, keyid: str) -> None:
    made = Envelope("x/y", payload, (EnvelopeSignature(sig, keyid),))
    assert parse_envelope(json.dumps(dsse.envelope_value(made)).encode()) == made
    bundle = parse_bundle(model_bundle.key_bundle(made, "h"))
    assert (bundle.kind, bundle.hint, bundle.envelope) == ("key", "h", made)


@pytest.mark.parametrize(
    "wrong",
    [
        _wire(signatures=[]),
        _wire(signatures=[{"sig": "AQIDBA=="}] * (dsse.MAX_SIGNATURES + 1)),
        _wire(signatures=[{"sig": ""}]),
        _wire(signatures=[{"sig": "AQIDBA"}]),
        _wire(signatures=[{"sig": "AQIDBB=="}]),  # the same bytes as AQIDBA== to a loose reader
        _wire(signatures=[{"sig": "AQID\nBA=="}]),
        _wire(payload="_-8="),
        _wire(payload=""),
        _wire(payloadType="x" * 300),
        _wire(extra=1),
        _wire().replace(b'"payload":', b'"payload": "AA==", "payload":'),
        b"[" * 100_000,
        b'{"payload":' + b'{"a":' * 200 + b"1" + b"}" * 201,
        b'{"payload": 1' + b"0" * 5000 + b"}",
        b'{"payload": NaN}',
        b"\xff",
        b"null",
        b"",
    ],
)
def test_what_is_not_one_envelope_is_refused(wrong: bytes) -> None:
    for read in (parse_envelope, parse_bundle):
        with pytest.raises(BadInput):
            read(wrong)


def test_a_huge_one_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge, match="values"):
        parse_bundle(b'{"payloadType":[' + b"[]," * (dsse.MAX_VALUES + 1) + b"1]}")
    with pytest.raises(TooLarge):
        parse_envelope(b" " * (dsse.MAX_ENVELOPE_BYTES + 1))


MATERIAL = {"publicKey": {"hint": "h"}}
CERTIFICATE = {"rawBytes": base64.b64encode(b"der").decode()}


@pytest.mark.parametrize(
    "material",
    [
        {},
        {"certificate": CERTIFICATE, **MATERIAL},
        {"x509CertificateChain": {"certificates": []}},
        {"x509CertificateChain": {"certificates": [CERTIFICATE] * 9}},
        {"x509CertificateChain": {"certificates": [{"rawBytes": "AA"}]}},
        {**MATERIAL, "tlogEntries": [{}] * 33},
        {**MATERIAL, "unknown": 1},
    ],
)
def test_material_is_of_one_kind_and_bounded(material: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        parse_bundle(_bundle(verificationMaterial=material))


def test_the_three_kinds_are_told_apart() -> None:
    chain = {"certificates": [CERTIFICATE]}
    for material, kind in (
        (MATERIAL, "key"),
        ({"publicKey": {"rawBytes": "AA==", "keyDetails": "PKIX_ECDSA_P256_SHA_256"}}, "key"),
        ({"x509CertificateChain": chain, "tlogEntries": []}, "certificate"),
        ({"x509CertificateChain": chain, "tlogEntries": [{}]}, "sigstore"),
        ({"certificate": CERTIFICATE}, "sigstore"),
    ):
        assert parse_bundle(_bundle(verificationMaterial=material)).kind == kind
    assert parse_bundle(_wire()).kind == "bare"
    with pytest.raises(BadInput):
        parse_bundle(_bundle(mediaType="application/json"))
