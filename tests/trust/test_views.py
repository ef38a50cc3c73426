"""Views under one root are one version and merge; another root is one author saying two things, and provable."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust import independent_signed_fields as independent
from tests.trust.signed_samples import AUTHOR, OTHER, SAMPLES, SEED, indicator, report
from tocsin.kernel import BadInput
from tocsin.trust import signed_fields
from tocsin.trust.signed_fields import Verified, sign, verify, withhold
from tocsin.trust.units import SIGNED_FIELDS
from tocsin.trust.views import Equivocation, merge
from tocsin.wire.stix import canonical

WHOLE = {name: sign(make(), AUTHOR, SEED) for name, make in SAMPLES.items()}


@st.composite
def views(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Some view of a sample."""
    whole = WHOLE[name]
    found = verify(whole)
    assert isinstance(found, Verified)
    keep = next((one for one in found.shown if "object_refs" in one), "")
    may = [one for one in found.shown if one != keep and not one.endswith("extension_type")]
    return withhold(whole, draw(st.sets(st.sampled_from(may))))


@given(st.data(), st.sampled_from(sorted(WHOLE)))
def test_merging_is_the_same_in_any_order_and_loses_nothing(data: st.DataObject, name: str) -> None:
    one, two, three = (data.draw(views(name)) for _ in range(3))
    joined = merge(one, two)
    assert not isinstance(joined, Equivocation)
    other = merge(two, one)
    assert not isinstance(other, Equivocation)
    assert canonical(joined) == canonical(other)
    assert merge(joined, one) == joined
    left, right = merge(two, three), merge(joined, three)
    assert not isinstance(left, Equivocation)
    assert merge(one, left) == right
    assert merge(joined, WHOLE[name]) == merge(WHOLE[name], WHOLE[name])
    found, first, second = verify(joined), verify(one), verify(two)
    assert isinstance(found, Verified)
    assert isinstance(first, Verified)
    assert isinstance(second, Verified)
    assert found.root == first.root == second.root
    assert found.withheld <= min(first.withheld, second.withheld)


def test_two_contents_of_one_version_are_a_proof() -> None:
    other = sign({**indicator(), "confidence": 20}, AUTHOR, SEED)
    found = merge(WHOLE["indicator"], withhold(other, ["/confidence"]))
    assert isinstance(found, Equivocation)
    assert (found.field, found.holds()) == ("", True)
    assert found.first.holds()
    assert found.second.holds()
    assert found.first.statement.root != found.second.statement.root
    again = msgspec.json.decode(msgspec.json.encode(found), type=Equivocation)
    assert again.holds(), "whoever gets the proof checks it alone"


def test_a_proof_that_was_made_up_does_not_hold() -> None:
    other = sign({**indicator(), "confidence": 20}, AUTHOR, SEED)
    found = merge(WHOLE["indicator"], other)
    assert isinstance(found, Equivocation)
    same = msgspec.structs.replace(found, views=(found.views[0], found.views[0]))
    assert not same.holds()
    forged = canonical({**other, "confidence": 30})
    assert not msgspec.structs.replace(found, views=(found.views[0], forged)).holds()
    assert not msgspec.structs.replace(found, views=(b"[]", b"")).holds()
    assert not msgspec.structs.replace(found, field="/confidence").holds()
    stolen = msgspec.structs.replace(found.first.statement, author=OTHER.stix_identity)
    assert not msgspec.structs.replace(found.first, statement=stolen).holds()


def test_two_values_of_one_field_under_one_root_are_a_proof_too() -> None:
    # An author who departs from the protocol signs the digests of two names, and shows one to each reader.
    wholes = [
        sign({**indicator(), "name": name}, AUTHOR, SEED) for name in ("Lottery refund", "Lottery prize")
    ]
    both = sorted({digest for whole in wholes for digest in whole["extensions"][SIGNED_FIELDS]["digests"]})
    views = [_signed_anew(whole, both) for whole in wholes]
    first, second = (verify(view) for view in views)
    assert isinstance(first, Verified)
    assert isinstance(second, Verified)
    assert (first.root, first.withheld, second.withheld) == (second.root, 1, 1)
    found = merge(*views)
    assert isinstance(found, Equivocation)
    assert (found.field, found.holds()) == ("/name", True)


def _signed_anew(whole: dict[str, Any], digests: list[str]) -> dict[str, Any]:
    found = verify(whole)
    assert isinstance(found, Verified)
    statement = msgspec.structs.replace(found.signed.statement, root=independent.hashed("root", digests))
    own = {
        **whole["extensions"][SIGNED_FIELDS],
        "digests": digests,
        "signature": independent.b64(AUTHOR.sign(statement.message)),
    }
    return {**whole, "extensions": {**whole["extensions"], SIGNED_FIELDS: own}}


def test_only_views_of_one_version_merge() -> None:
    with pytest.raises(BadInput, match="of two"):
        merge(WHOLE["indicator"], WHOLE["report"])
    later = sign({**report(), "modified": "2026-04-01T00:00:00.000Z"}, AUTHOR, SEED)
    with pytest.raises(BadInput, match="of two"):
        merge(WHOLE["report"], later)
    with pytest.raises(BadInput, match="is not merged: /name"):
        merge(WHOLE["indicator"], {**WHOLE["indicator"], "name": "x"})


def test_of_two_signatures_of_one_statement_the_smaller_is_kept() -> None:
    # A departing author may sign one statement twice; both are its word, and a merge must not depend on the order.
    whole = WHOLE["indicator"]
    said = whole["extensions"][SIGNED_FIELDS]
    other = {**said, "signature": "-" * 85 + "A"}
    twice = {**whole, "extensions": {**whole["extensions"], SIGNED_FIELDS: other}}
    one, two = signed_fields.combine(whole, twice), signed_fields.combine(twice, whole)
    assert canonical(one) == canonical(two)
    assert one["extensions"][SIGNED_FIELDS]["signature"] == "-" * 85 + "A"
