"""Identifiers: one spelling each, and no other identifier's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import OBSERVED, observables
from tocsin.kernel import BadInput, ObservableType
from tocsin.wire.observables import canonical

T = ObservableType


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (T.DOMAIN, " Bücher.Example. ", "xn--bcher-kva.example"),
        (T.DOMAIN, "例え。テスト", "xn--r8jz45g.xn--zckzah"),
        (T.DOMAIN, "ＡＢＣ.example", "abc.example"),
        (T.EMAIL, "Ann.Lee@Example.ORG", "ann.lee@example.org"),
        (T.PHONE, "+49 (0)30 123-4567".replace("(0)", ""), "+49301234567"),
        (T.PHONE, "0049 30 1234567", "+49301234567"),
        (
            T.WALLET,
            "0xABCDEFabcdefABCDEFabcdefABCDEFabcdef0123",
            "0xabcdefabcdefabcdefabcdefabcdefabcdef0123",
        ),
        (T.WALLET, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
        (
            T.WALLET,
            "BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        ),
        (T.PAYMENT, "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        (T.ADDRESS_PREFIX, "198.51.100.77", "198.51.100.0/24"),
        (T.ADDRESS_PREFIX, "198.51.100.0/28", "198.51.100.0/24"),
        (T.ADDRESS_PREFIX, "2001:DB8:1:2::7", "2001:db8:1::/48"),
        (T.ADDRESS_PREFIX, "::ffff:198.51.100.7", "198.51.100.0/24"),
        (T.HANDLE, "@Some_One", "some_one"),
        (T.FILE_HASH, "SHA256:" + "AB" * 32, "ab" * 32),
        (T.DEVICE, " pixel 9 ", "pixel 9"),
        (T.INVITATION, "JOIN-us", "JOIN-us"),
    ],
)
def test_known_spellings(kind: ObservableType, written: str, kept: str) -> None:
    assert canonical(kind, written) == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((kind, bad) for kind in T for bad in ("", "  ", "a\x00b", "x" * 300, "\ufdfa" * 600)),
        (T.DOMAIN, "localhost"),
        (T.DOMAIN, "https://a.example/"),
        (T.DOMAIN, "198.51.100.7"),
        (T.DOMAIN, "a..example"),
        (T.DOMAIN, "a" * 64 + ".example"),
        (T.DOMAIN, ".".join(["abcdefgh"] * 32)),
        (T.EMAIL, "a.example"),
        (T.EMAIL, "@a.example"),
        (T.EMAIL, "a b@a.example"),
        (T.PHONE, "12345"),
        (T.PHONE, "+1234567890123456"),
        (T.PHONE, "call me"),
        (T.PHONE, "+١٢٣٤٥٦٧٨"[:4] + "x"),
        (T.ADDRESS_PREFIX, "198.51.0.0/16"),
        (T.ADDRESS_PREFIX, "2001:db8::/32"),
        (T.ADDRESS_PREFIX, "::ffff:0:0/96"),
        (T.ADDRESS_PREFIX, "fe80::1%eth0"),
        (T.ADDRESS_PREFIX, "12345"),
        (T.FILE_HASH, "abc"),
        (T.FILE_HASH, "zz" * 32),
        (T.HANDLE, "@@"),
        (T.PAYMENT, "- -"),
    ],
)
def test_what_is_no_identifier_is_refused_without_a_word_of_it(kind: ObservableType, value: str) -> None:
    with pytest.raises(BadInput) as caught:
        canonical(kind, value)
    assert not value.strip() or len(value) < 3 or value not in caught.value.message


@given(observables())
def test_canonical_of_canonical_is_itself(item: dict[str, str]) -> None:
    kind = ObservableType(item["type"])
    once = canonical(kind, item["value"])
    assert canonical(kind, once) == once


@given(st.sampled_from(list(OBSERVED)), st.text(max_size=80))
def test_any_text_is_canonical_or_refused(kind: ObservableType, value: str) -> None:
    try:
        once = canonical(kind, value)
    except BadInput:
        return
    assert canonical(kind, once) == once
