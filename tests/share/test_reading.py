"""Records of others, read with suspicion."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.share.said import changed, confirmed, dismissed, of_type, signature
from tocsin.kernel import Record
from tocsin.share import dismissals_from, indicators_from, unusable_in
from tocsin.wire.stix import DismissalExtension, FingerprintExtension, extension_id

INDICATOR = of_type(confirmed(), "indicator")
DISMISSAL = of_type(dismissed(), "indicator")


def with_extension(record: Record, kind: type, **properties: object) -> Record:
    extensions: dict[str, Any] = msgspec.json.decode(record.stix)["extensions"]
    extensions[extension_id(kind)] |= properties
    return changed(record, extensions=extensions)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (changed(INDICATOR, extensions=None), "no fingerprint"),
        (with_extension(INDICATOR, FingerprintExtension, signature="AAAA"), "not as"),
        (with_extension(INDICATOR, FingerprintExtension, algorithm="other"), "not as"),
        (with_extension(INDICATOR, FingerprintExtension, basis=""), "not as"),
        (with_extension(INDICATOR, FingerprintExtension, more=1), "not as"),
        (
            with_extension(
                INDICATOR, FingerprintExtension, signature=base64.b64encode(signature(2)).decode()
            ),
            "another fingerprint",
        ),
        (with_extension(DISMISSAL, DismissalExtension, expires="2099-01-01T00:00:00.000Z"), "does not end"),
        (changed(DISMISSAL, valid_until=None), "does not end"),
        (msgspec.structs.replace(INDICATOR, stix=b"{}"), ""),
        (msgspec.structs.replace(INDICATOR, id=DISMISSAL.id), "not the indicator"),
    ],
)
def test_what_is_not_of_the_form_is_named_and_not_used(record: Record, words: str) -> None:
    assert indicators_from([record]) == ()
    assert dismissals_from([record]) == ()
    (found,) = unusable_in([record])
    assert (found.id, found.peer) == (record.id, record.peer)
    assert words in found.reason


def test_one_bad_record_does_not_cost_the_others() -> None:
    bad = changed(INDICATOR, extensions=None)
    assert len(indicators_from([bad, INDICATOR, DISMISSAL])) == 1
    assert len(dismissals_from([bad, INDICATOR, DISMISSAL])) == 1


def test_what_its_author_took_back_is_not_looked_for() -> None:
    assert indicators_from([changed(INDICATOR, revoked=True)]) == ()
    assert dismissals_from([changed(DISMISSAL, revoked=True)]) == ()
    assert unusable_in([changed(INDICATOR, revoked=True)]) == ()


def test_a_refused_category_is_read_so_that_its_refusal_is_audited() -> None:
    slogan = with_extension(INDICATOR, FingerprintExtension, category="political.protest")
    assert [one.category for one in indicators_from([slogan])] == ["political.protest"]


@given(st.binary(max_size=200), st.integers(0, 400))
def test_reading_never_crashes(noise: bytes, at: int) -> None:
    stix = INDICATOR.stix[:at] + noise + INDICATOR.stix[at + len(noise) :]
    record = msgspec.structs.replace(INDICATOR, stix=stix)
    assert len(indicators_from([record])) + len(unusable_in([record])) + len(dismissals_from([record])) <= 1
