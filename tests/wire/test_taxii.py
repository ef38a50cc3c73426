"""TAXII: negotiation, filters, tokens, resources, by the standard's sections."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.limits import MAX_TAXII_BODY_BYTES, MAX_TAXII_OBJECTS, TAXII_PAGE_DEFAULT, TAXII_PAGE_MAX
from tocsin.store.interface import ReleaseFilter
from tocsin.wire import taxii

INDICATOR = "indicator--5b3f83a9-e987-4fad-8b7e-d5be3b969808"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "*/*",
        "application/*",
        "application/taxii+json",
        "application/taxii+json;version=2.1",
        'Application/TAXII+json ; Version="2.1"',
        "text/html, application/taxii+json;version=2.1;q=0.9",
        "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
    ],
)
def test_accepted(header: str | None) -> None:
    assert taxii.check_accept(header) == "application/taxii+json;version=2.1"


@pytest.mark.parametrize(
    "header",
    [
        "application/json",
        "application/taxii+json;version=2.0",
        "application/taxii+json;version=2.1;q=0",
        "application/vnd.oasis.taxii+json; version=2.0",
        "text/html",
        "garbage",
        ";;;,,,",
        "application/taxii+json;version=" + "9" * 2_000,
    ],
)
def test_not_acceptable_is_406(header: str) -> None:
    with pytest.raises(taxii.NotAcceptable) as caught:
        taxii.check_accept(header)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("*/*;q=0.1", True),
        ("application/taxii+json", True),
        ("application/taxii+json;version=2.1;q=0.2, application/json", True),
        ("*/*, application/taxii+json;q=0", False),
        ("application/taxii+json;q=0, application/taxii+json;version=2.1", True),
        ("application/taxii+json;version=2.1;q=0.000, */*;q=1", False),
        ("application/taxii+json;version=2.0, application/*;q=0.5", True),
    ],
)
def test_the_most_exact_range_decides(header: str, taken: bool) -> None:
    if taken:
        assert taxii.check_accept(header) == taxii.MEDIA_TYPE
        return
    with pytest.raises(taxii.NotAcceptable):
        taxii.check_accept(header)


@pytest.mark.parametrize(
    "header", [None, "", "application/json", "application/taxii+json;version=2.0", "*/*", "a, b"]
)
def test_another_body_is_415(header: str | None) -> None:
    taxii.check_content_type("application/taxii+json;version=2.1")
    with pytest.raises(taxii.WrongMediaType) as caught:
        taxii.check_content_type(header)
    assert caught.value.status == 415


def test_all_filters() -> None:
    query = taxii.parse_query(
        [
            ("added_after", "2025-01-01T00:00:00.000001Z"),
            ("limit", "10"),
            ("next", taxii.next_token(77)),
            ("match[id]", f"{INDICATOR},{INDICATOR}"),
            ("match[type]", "indicator,report"),
            ("match[version]", "first, 2025-01-01T00:00:00.5Z"),
            ("match[spec_version]", "2.1"),
            ("utm_source", "newsletter"),
        ]
    )
    assert query == taxii.Query(
        added_after=1735689600000001,
        limit=10,
        ids=(INDICATOR,),
        types=("indicator", "report"),
        versions=("first", 1735689600500000),
        spec_versions=("2.1",),
    )


def test_a_page_goes_on_after_the_later_of_its_two_moments() -> None:
    early, late = "1970-01-01T00:00:00.000007Z", taxii.next_token(77)
    assert taxii.parse_query([("added_after", early), ("next", late)]).added_after == 77
    assert taxii.parse_query([("added_after", early), ("next", taxii.next_token(5))]).added_after == 7


def test_nothing_asked_is_the_default() -> None:
    assert taxii.parse_query([]) == taxii.Query(limit=TAXII_PAGE_DEFAULT)
    assert taxii.parse_query([("limit", "999999999")]).limit == TAXII_PAGE_MAX


def test_a_query_is_field_for_field_the_stores_filter() -> None:
    assert taxii.Query.__struct_fields__ == ReleaseFilter.__struct_fields__
    assert msgspec.to_builtins(taxii.Query()) == msgspec.to_builtins(ReleaseFilter())


@pytest.mark.parametrize(
    "pair",
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", "١"),
        ("limit", "9" * 5_000),
        ("added_after", "yesterday"),
        ("added_after", "2025-01-01"),
        ("added_after", "2025-02-30T00:00:00Z"),
        ("added_after", "2025-01-01T00:00:00+01:00"),
        ("next", ""),
        ("next", "x"),
        ("next", "dDIuMDc"),  # t2.07: not how it writes 7
        ("next", "Nzc"),
        ("next", taxii.next_token(7) + "="),
        ("next", "é"),
        ("match[id]", "indicator"),
        ("match[id]", ""),
        ("match[id]", ",".join([INDICATOR] * 101)),
        ("match[type]", "Indicator"),
        ("match[type]", "a--b"),
        ("match[version]", "newest"),
        ("match[spec_version]", "3.0"),
        ("match[colour]", "red"),
    ],
)
def test_a_filter_that_is_not_of_its_form_is_400(pair: tuple[str, str]) -> None:
    with pytest.raises(BadInput) as caught:
        taxii.parse_query([pair])
    assert caught.value.status == 400


def test_a_filter_twice_is_400() -> None:
    with pytest.raises(BadInput, match="twice"):
        taxii.parse_query([("limit", "1"), ("limit", "2")])


@given(st.integers(0, 10**18 - 1))
def test_a_token_is_read_back(seq: int) -> None:
    assert taxii.read_next(taxii.next_token(seq)) == seq


@given(st.text(max_size=80))
def test_no_other_token_is_read(token: str) -> None:
    try:
        seq = taxii.read_next(token)
    except BadInput:
        return
    assert taxii.next_token(seq) == token


def plain(resource: Any) -> Any:
    return json.loads(taxii.encode(resource))


def test_resources_are_written_as_the_standard_says() -> None:
    assert plain(taxii.Discovery(title="t", default="/a/", api_roots=("/a/",))) == {
        "title": "t",
        "default": "/a/",
        "api_roots": ["/a/"],
    }
    collection = taxii.Collection(id="c", title="t", can_read=True, can_write=False)
    assert plain(collection) == {"id": "c", "title": "t", "can_read": True, "can_write": False}
    assert plain(taxii.Envelope()) == {}
    raw = msgspec.Raw(b'{"b":1,"a":1.50}')
    assert taxii.encode(taxii.Envelope(more=True, next="x", objects=(raw,))) == (
        b'{"more":true,"next":"x","objects":[{"b":1,"a":1.50}]}'
    )
    status = taxii.Status(
        id="s",
        status="complete",
        request_timestamp="t",
        total_count=0,
        success_count=0,
        failure_count=0,
        pending_count=0,
    )
    assert plain(status)["pending_count"] == 0
    assert plain(taxii.ErrorMessage(title="t")) == {"title": "t"}
    entry = taxii.ManifestEntry(id="i", date_added="d", version="v")
    assert plain(entry)["media_type"] == "application/stix+json;version=2.1"


def test_envelopes_from_outside() -> None:
    assert taxii.parse_envelope(b'{"objects": [{"a": 1.0}, 7], "colour": 1}') == (b'{"a": 1.0}', b"7")
    found = taxii.read_envelope(b'{"more": true, "next": "n", "objects": []}', 100)
    assert (found.more, found.next, found.objects) == (True, "n", ())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"objects": []}',
        b'{"objects": {}}',
        b"[]",
        b'{"objects": [',
        b"\xff",
        b'{"more": 1}',
        b"null",
    ],
)
def test_no_envelope_is_400(body: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        taxii.parse_envelope(body)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"[" * (MAX_TAXII_BODY_BYTES + 1),
        b'{"objects": [' + b",".join([b"1"] * (MAX_TAXII_OBJECTS + 1)) + b"]}",
        b'{"objects": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
    ],
)
def test_too_much_is_413(body: bytes) -> None:
    with pytest.raises(TooLarge):
        taxii.parse_envelope(body)
