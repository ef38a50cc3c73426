"""A certificate counts for one identity, for signing code, in its days, up to a root that was named."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.signed_models import NOW, Issued, issue, pem
from tocsin.kernel import BadInput
from tocsin.trust.certificates import Doubted, Vouched, read_chain, read_roots, signing_chain, vouch

ROOT = issue("root", None, authority=True)
MIDDLE = issue("middle", ROOT, authority=True)
MAIL = x509.RFC822Name("release@example.org")


def _vouched(*chain: Issued, root: Issued = ROOT, days: int = 0) -> Vouched | Doubted:
    return vouch([one for one, _ in chain], [root[0]], NOW + timedelta(days=days))


def _code(found: Vouched | Doubted) -> str:
    return found.code if isinstance(found, Doubted) else "vouched"


def test_a_chain_vouches_for_the_names_in_the_certificate() -> None:
    leaf = issue("release", MIDDLE, san=MAIL)
    found = _vouched(leaf, MIDDLE)
    assert isinstance(found, Vouched), found
    assert found.names == ("release@example.org",), "not the common name beside it"
    named = _vouched(issue("release team", ROOT))
    assert isinstance(named, Vouched), named
    assert named.names == ("release team",)


def test_its_time_is_now_not_the_day_it_says_it_began() -> None:
    leaf = issue("release", MIDDLE, san=MAIL)
    assert [_code(_vouched(leaf, MIDDLE, days=days)) for days in (-31, -29, 29, 31)] == [
        "expired",
        "vouched",
        "vouched",
        "expired",
    ]
    old = issue("old middle", ROOT, authority=True, ends=NOW - timedelta(days=1))
    assert _code(_vouched(issue("release", old), old)) == "untrusted"


def test_what_does_not_lead_to_a_named_root_is_not_trusted() -> None:
    leaf = issue("release", MIDDLE)
    for found in (
        _vouched(leaf),
        _vouched(leaf, MIDDLE, root=issue("root", None, authority=True)),
        _vouched(issue("release", None)),
        _vouched(issue("release", issue("no authority", ROOT))),
        vouch([leaf[0], MIDDLE[0]], [], NOW),
    ):
        assert _code(found) == "untrusted"


def test_a_certificate_for_something_else_signs_no_model() -> None:
    web = issue("www.example.org", MIDDLE, usage=ExtendedKeyUsageOID.SERVER_AUTH)
    assert _code(_vouched(web, MIDDLE)) == "not-for-signing"
    assert _code(_vouched(MIDDLE)) == "not-for-signing", "an issuer's own"
    assert _code(_vouched(issue("release", MIDDLE, usage=None), MIDDLE)) == "vouched", "usage says signature"


def test_a_chain_to_sign_with_is_of_the_key_and_for_signing() -> None:
    leaf, web = issue("release", MIDDLE), issue("web", MIDDLE, usage=ExtendedKeyUsageOID.SERVER_AUTH)
    assert len(signing_chain(pem(leaf[0]) + pem(MIDDLE[0]), leaf[1].public_key())) == 2
    for chain, key, said in (
        (pem(MIDDLE[0]) + pem(leaf[0]), leaf[1], "not of this key"),
        (pem(web[0]), web[1], "not one for signing"),
        (b"", leaf[1], "certificates"),
    ):
        with pytest.raises(BadInput, match=said):
            signing_chain(chain, key.public_key())


def test_what_is_no_certificate_is_bad_input() -> None:
    for chain in ([], [b"der"], [b""] * 9):
        with pytest.raises(BadInput):
            read_chain(chain)
    with pytest.raises(BadInput):
        read_roots(b"no roots here")
    assert len(read_roots(pem(ROOT[0]) + pem(MIDDLE[0]))) == 2
