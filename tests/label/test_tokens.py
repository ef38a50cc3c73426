"""A key in a token (SoftHSM2): it signs manifests and guards, and never comes out."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.label.making import NOW, ask, encoded, gradient, looked, signer, standings
from tests.label.media import needs
from tocsin.kernel import BadInput, Unavailable
from tocsin.kernel.labels import Standing
from tocsin.label.tokens import TokenAddress, address_of, key_in_token
from tocsin.label.writing import write

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "4711"


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SoftHSM2 with two tokens; the key for labels lies in the first."""
    program = needs("softhsm2-util", "softhsm2")
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}\n")
    pem = signer().key.pem
    assert pem is not None
    (folder / "key.pem").write_bytes(pem)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        for token in ("refunds", "another"):
            made = ["--init-token", "--free", "--label", token, "--pin", PIN, "--so-pin", "0815"]
            subprocess.run([program, *made], check=True, capture_output=True)
        put = ["--import", str(folder / "key.pem"), "--token", "refunds", "--pin", PIN]
        for named, number in (("labels", "A1"), ("labels", "A2")):
            command = [program, *put, "--label", named, "--id", number]
            subprocess.run(command, check=True, capture_output=True)
        yield MODULE


def test_a_token_signs_manifests_and_guards_as_a_file_does(module: str, tmp_path: Path) -> None:
    picture, text = tmp_path / "a.png", tmp_path / "b.md"
    picture.write_bytes(encoded(gradient(), "PNG"))
    text.write_text("# A lottery refund\n")
    with key_in_token(TokenAddress(module, "refunds", "labels", b"\xa1"), PIN, signer().key.chain) as key:
        assert key.pem is None
        for path in (picture, text):
            write(path, path, ask(explicit=False), key, NOW)
    assert standings(looked(picture)) == (Standing.VALID,) * 3
    assert standings(looked(text)) == (Standing.VALID, Standing.NONE_FOUND, Standing.VALID)


@pytest.mark.parametrize(
    ("address", "pin", "chain", "why"),
    [
        (TokenAddress(MODULE, "nowhere", "labels"), PIN, "Signer", "no token of this name"),
        (TokenAddress(MODULE, "refunds", "labels"), PIN, "Signer", "fits several"),
        (TokenAddress(MODULE, "", "labels"), PIN, "Signer", "fits several"),
        (TokenAddress(MODULE, "another", "labels"), PIN, "Signer", "no such private key"),
        (TokenAddress(MODULE, "refunds", "labels"), None, "Signer", "no such private key"),
        (TokenAddress(MODULE, "refunds", "labels"), "1", "Signer", "refuses the PIN"),
        (TokenAddress(MODULE, "refunds", "", b"\xa2"), PIN, "Another", "not of this key"),
    ],
)
def test_what_does_not_fit_is_refused(
    address: TokenAddress, pin: str | None, chain: str, why: str, module: str
) -> None:
    certificates = signer(*([] if chain == "Signer" else [chain])).key.chain
    with pytest.raises(BadInput, match=why), key_in_token(address, pin, certificates):
        pass


def test_a_module_that_is_none_is_told(tmp_path: Path) -> None:
    address = TokenAddress(str(tmp_path / "module.so"), object="labels")
    with pytest.raises(Unavailable, match="does not answer"), key_in_token(address, PIN, signer().key.chain):
        pass


def test_an_address_is_read_by_rfc_7512() -> None:
    read = address_of("pkcs11:token=My%20card;id=%A1%02;type=private?module-path=/lib/m.so")
    assert read == TokenAddress("/lib/m.so", "My card", "", b"\xa1\x02")
    for uri, why in (
        ("pkcs11:object=a", "which module"),
        ("pkcs11:token=a?module-path=/m.so", "names the key"),
        ("pkcs11:object=a;type=public?module-path=/m.so", "private key"),
        ("pkcs11:object=a;serial=1?module-path=/m.so", "'serial'"),
        ("pkcs11:object=a;object=b?module-path=/m.so", "'object'"),
        ("pkcs11:object=a?module-path=/m.so&pin-value=1234", "list of processes"),
        ("pkcs11:object=%FF?module-path=/m.so", "UTF-8"),
        ("pkcs11:object=a?module-path=" + "m" * 5_000, "is named as"),
    ):
        with pytest.raises(BadInput, match=why):
            address_of(uri)
