"""Another's relationship, sighting or report speaks of the conduct of what it refers to."""

import msgspec
import pytest

from tests.share.said import AUTHOR, PEER, confirmed, foreign, of_type, signed
from tocsin.kernel import Record
from tocsin.share.passing_on import conduct_by_id, may_pass_on, with_conduct

THEIRS = tuple(foreign(signed(record)) for record in confirmed() if record.author == AUTHOR)


def bare(record: Record) -> Record:
    return msgspec.structs.replace(record, category="")


@pytest.mark.parametrize("kind", ["relationship", "sighting", "report"])
def test_the_category_is_that_of_what_it_refers_to(kind: str) -> None:
    record = bare(of_type(THEIRS, kind))
    assert with_conduct(record, conduct_by_id(THEIRS)).category == "fraud.scam"
    assert with_conduct(record, {}).category == "", "of nothing that is here, so that the policies refuse it"


def test_what_has_a_category_or_needs_none_is_left_alone() -> None:
    indicator, identity = of_type(THEIRS, "indicator"), bare(of_type(THEIRS, "identity"))
    assert with_conduct(indicator, {indicator.id: "x"}) == indicator
    assert with_conduct(identity, {identity.id: "x"}) == identity


def test_one_reference_that_is_not_listed_counts_before_all_others() -> None:
    report = bare(of_type(THEIRS, "report"))
    known = conduct_by_id(THEIRS)
    bad = {**known, of_type(THEIRS, "campaign").id: "political.petition"}
    assert with_conduct(report, bad).category == "political.petition"


def test_only_what_is_signed_and_from_a_trusted_third_is_passed_on() -> None:
    report = of_type(THEIRS, "report")
    assert may_pass_on(report, PEER, {"third"})
    assert not may_pass_on(report, PEER, set())
    assert not may_pass_on(msgspec.structs.replace(report, root=None), PEER, {"third"})
    assert not may_pass_on(report, msgspec.structs.replace(PEER, name="third"), {"third"})
    assert not may_pass_on(report, msgspec.structs.replace(PEER, identity=AUTHOR), {"third"})
