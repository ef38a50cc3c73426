"""XMP packets, from any hand: every label is seen, all else stays, nothing is expanded."""

import xml.etree.ElementTree as Tree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire import xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SAID = '{"Label":"1"}'


def packet(body: str) -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}" xmlns:q="{xmp.TC260}">{body}</rdf:RDF>'
        "</x:xmpmeta>"
    ).encode()


@pytest.mark.parametrize(
    "body",
    [
        f"<rdf:Description rdf:about='' q:AIGC='{SAID}'/>",
        f"<rdf:Description><q:AIGC>{SAID}</q:AIGC></rdf:Description>",
        f"<rdf:Description rdf:about='uuid:1'><q:AIGC><![CDATA[{SAID}]]></q:AIGC></rdf:Description>",
        f"<rdf:Description><q:AIGC><rdf:Alt><rdf:li>{SAID}</rdf:li></rdf:Alt></q:AIGC></rdf:Description>",
    ],
)
def test_read_in_every_form_that_xmp_allows(body: str) -> None:
    assert xmp.Property(xmp.AIGC, SAID) in xmp.properties(packet(body))


def test_two_labels_are_both_seen() -> None:
    twice = packet("<rdf:Description q:AIGC='a'/><rdf:Description><q:AIGC>b</q:AIGC></rdf:Description>")
    assert [one.value for one in xmp.properties(twice)] == ["a", "b"]


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).map(str.strip).filter(bool)
)
def test_what_is_put_in_is_read_again(value: str) -> None:
    made = xmp.edited(None, {xmp.AIGC: value, xmp.SOURCE_TYPE: "x"})
    assert set(xmp.properties(made)) == {xmp.Property(xmp.AIGC, value), xmp.Property(xmp.SOURCE_TYPE, "x")}
    assert xmp.scanned(b"\xff\xd8" + made + b"\0") == (made.split(b"?>", 1)[1].rsplit(b"<?", 1)[0],)


def test_all_else_stays_and_the_old_label_goes() -> None:
    before = packet(
        "<rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' q:AIGC='old' q:Own='kept'>"
        "<dc:title><rdf:Alt><rdf:li xml:lang='zh'>标题</rdf:li></rdf:Alt></dc:title>"
        "<q:AIGC>older</q:AIGC></rdf:Description>"
    )
    after = xmp.edited(before, {xmp.AIGC: "new"})
    assert [one.value for one in xmp.properties(after) if one.name == xmp.AIGC] == ["new"]
    assert b"dc:title" in after
    assert '<rdf:li xml:lang="zh">标题</rdf:li>'.encode() in after
    assert xmp.Property(f"{{{xmp.TC260}}}Own", "kept") in xmp.properties(after)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"<x",
        b"\xff\xfe<\0x\0",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>&b;</a>",
    ],
)
def test_refused(bad: bytes) -> None:
    with pytest.raises(BadInput):
        xmp.properties(bad)


def test_an_empty_packet_is_as_good_as_none() -> None:
    assert xmp.edited(b"", {xmp.AIGC: SAID}) == xmp.edited(None, {xmp.AIGC: SAID})


def test_a_packet_without_rdf_is_not_written_into() -> None:
    with pytest.raises(BadInput, match="RDF"):
        xmp.edited(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", {xmp.AIGC: "a"})


@pytest.mark.parametrize(
    "large",
    [
        packet("<rdf:Description>" + "<a>" * 100 + "</a>" * 100 + "</rdf:Description>"),
        packet("<rdf:Description/>" * (xmp.MAX_ELEMENTS + 1)),
        packet("x" * xmp.MAX_PACKET_BYTES),
    ],
    ids=["deep", "many", "long"],
)
def test_bounded(large: bytes) -> None:
    with pytest.raises(TooLarge):
        xmp.properties(large)


def test_a_file_full_of_packets_is_refused() -> None:
    with pytest.raises(TooLarge):
        xmp.scanned(packet("") * (xmp.MAX_PACKETS + 1))


def test_written_as_other_readers_take_it() -> None:
    root = Tree.fromstring(xmp.edited(None, {xmp.AIGC: SAID}))
    assert root.find(f".//{{{xmp.TC260}}}AIGC") is not None
