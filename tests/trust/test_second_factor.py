"""Codes by RFC 6238, with its own vectors; recovery codes however they are typed."""

import os
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.trust import second_factor as factor

VECTOR_SECRET = b"12345678901234567890"
VECTORS = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
]
"""RFC 6238, appendix B, SHA-1; eight digits there, of which ours are the last six."""


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    assert factor.code_at(VECTOR_SECRET, seconds) == code[2:]
    assert factor.step_of(VECTOR_SECRET, code[2:], seconds) == seconds // 30
    assert factor.step_of(VECTOR_SECRET, f" {code[2:5]} {code[5:]} ", seconds) == seconds // 30


@given(st.integers(100, 2**40), st.integers(-5, 5))
def test_a_code_counts_in_its_window_and_nowhere_else(seconds: int, drift: int) -> None:
    code = factor.code_at(VECTOR_SECRET, max(0, seconds + 30 * drift))
    found = factor.step_of(VECTOR_SECRET, code, seconds)
    if abs(drift) <= factor.DRIFT_STEPS:
        assert found is not None
        assert factor.code_at(VECTOR_SECRET, found * 30) == code
    elif found is not None:
        assert factor.code_at(VECTOR_SECRET, found * 30) == code, "the same digits by chance"


@given(st.text(max_size=80))
def test_junk_is_no_code(text: str) -> None:
    if not (text.isascii() and "".join(text.split()).isdigit()):
        assert factor.step_of(VECTOR_SECRET, text, 59) is None


def test_an_authenticator_finds_everything_it_needs() -> None:
    secret = factor.new_secret(os.urandom)
    assert len(secret) == 20
    parts = urlsplit(factor.address(secret, account="chen", node="国家研究所"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    query = parse_qs(parts.query)
    assert query["secret"] == [factor.spelt(secret).replace(" ", "")]
    assert (query["digits"], query["period"]) == (["6"], ["30"])


def test_recovery_codes_are_many_different_and_read_however_typed() -> None:
    codes = factor.recovery_codes(os.urandom)
    assert len(set(codes)) == factor.RECOVERY_CODES
    kept = factor.recovery_digest(codes[0])
    for typed in (codes[0].upper(), codes[0].replace("-", ""), f"  {codes[0].replace('-', ' ')}\n"):
        assert factor.recovery_digest(typed) == kept
    assert factor.recovery_digest(codes[1]) != kept
