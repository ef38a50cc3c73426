"""Certificates that are over, not yet, of no authority; and manifests judged by whoever is believed."""

from pathlib import Path

import pytest

from tests.label.making import NOW, ask, encoded, gradient, looked, signer, standings
from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.labels import Scheme, Standing
from tocsin.label.signing import key_in_file
from tocsin.label.verifying import Anchors, anchors, verify
from tocsin.label.writing import write
from tocsin.trust.label_certificates import new_authority
from tocsin.trust.signing_keys import read_private

VECTORS = Path(__file__).parents[1] / "vectors" / "labels"


@pytest.mark.parametrize("name", ["expired", "not-yet"])
def test_a_certificate_outside_its_time_is_doubted_and_the_bytes_are_not(name: str) -> None:
    """A clock that is wrong by years makes the same of an honest file: no timestamp from outside says better."""
    believed = anchors((VECTORS / f"{name}.pem").read_bytes())
    finding = looked(VECTORS / f"{name}.jpg", believed).of(Scheme.C2PA)
    assert finding.standing is Standing.VALID_UNTRUSTED
    assert "certificate-expired" in finding.reasons, finding.reasons


def test_what_was_signed_out_of_time_and_then_changed_is_broken(tmp_path: Path) -> None:
    content = bytearray((VECTORS / "expired.jpg").read_bytes())
    content[-20] ^= 1
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert looked(path).of(Scheme.C2PA).standing is Standing.BROKEN


def test_a_certificate_that_signed_itself_signs_no_manifest(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(gradient(), "PNG"))
    alone = new_authority("Alone", NOW)
    key = key_in_file(read_private(alone.key), alone.certificate)
    with pytest.raises((BadInput, Conflict), match="sign"):
        write(path, path, ask(explicit=False), key, NOW)
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_signed_by_itself_is_valid_and_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A lottery refund.\n")
    alone = new_authority("Alone", NOW)
    write(path, path, ask(), key_in_file(read_private(alone.key), alone.certificate), NOW)
    finding = looked(path).of(Scheme.GB45438)
    assert finding.standing is Standing.VALID_UNTRUSTED
    assert finding.reasons[0].startswith("certificate-")


def test_a_guard_out_of_its_certificates_time_is_doubted(tmp_path: Path) -> None:
    from datetime import timedelta

    path = tmp_path / "a.txt"
    path.write_text("A lottery refund.\n")
    write(path, path, ask(), signer().key, NOW)
    later = verify(path, signer().anchors, NOW + timedelta(days=4000)).of(Scheme.GB45438)
    assert (later.standing, later.reasons) == (Standing.VALID_UNTRUSTED, ("certificate-expired",))


def test_nobody_is_believed_where_nothing_is_configured() -> None:
    assert anchors(b"") == Anchors()
    with pytest.raises(BadInput):
        anchors(b"-----BEGIN CERTIFICATE-----\nx")


def test_every_scheme_has_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A lottery refund.\n")
    report = looked(path)
    assert {finding.scheme for finding in report.findings} == set(Scheme)
    assert standings(report) == (Standing.NONE_FOUND,) * 3
