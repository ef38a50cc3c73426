"""Suspected material of child abuse: nothing is done with it but keeping, handing over, destroying."""

import pytest

from tocsin.cases.quarantine import ALLOWED, Refused, Use, forbidden, quarantined
from tocsin.kernel.cases import Case, CaseFlag, CaseOrigin, CaseState
from tocsin.kernel.custody import Exhibit

FLAGGED = Case(
    id="c1",
    queue="child-safety",
    state=CaseState.RECEIVED,
    origin=CaseOrigin.REPORT,
    received=1,
    updated=1,
    flags=(CaseFlag.SPECIAL_GROUP, CaseFlag.CHILD_MATERIAL),
)
OTHER = Case(
    id="c2",
    queue="urgent",
    state=CaseState.RECEIVED,
    origin=CaseOrigin.REPORT,
    received=1,
    updated=1,
    flags=(CaseFlag.IMMINENT_DANGER, CaseFlag.SPECIAL_GROUP),
)


def exhibit(*, held: bool) -> Exhibit:
    return Exhibit(
        id="x1",
        case="c2",
        sha256="00",
        size=1,
        media_type="image/png",
        name="a",
        received=1,
        by="report",
        quarantined=held,
    )


@pytest.mark.parametrize("use", list(Use))
def test_each_use_is_refused_with_words_that_lead_on_or_is_one_of_three(use: Use) -> None:
    for subject in (FLAGGED, exhibit(held=True)):
        refused = forbidden(subject, use)
        if use in ALLOWED:
            assert refused is None
        else:
            assert isinstance(refused, Refused)
            assert refused.use is use
            assert len(refused.reason) > 60
            assert "`tocsin case guidance`" in refused.reason
    for subject in (OTHER, exhibit(held=False)):
        assert forbidden(subject, use) is None


def test_what_must_never_be_is_named() -> None:
    named = {"preview", "copy", "thumbnail", "hash-exchange", "match", "export", "joint", "thehive", "misp"}
    assert named <= {use.value for use in set(Use) - ALLOWED}
    assert {use.value for use in ALLOWED} == {"keep", "hand-over", "destroy"}
    assert quarantined(FLAGGED)
    assert not quarantined(OTHER)
