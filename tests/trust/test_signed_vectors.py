"""The vectors hold for our code and for a reader of the page that shares nothing with it."""

import json
from typing import Any

import msgspec
import pytest

from tests.trust import independent_signed_fields as independent
from tests.trust.signed_samples import AUTHOR, SAMPLES
from tests.trust.signed_vectors import FOLDER, vector, written
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.signed_fields import Refused, Verified, sign, verify, withhold
from tocsin.trust.units import LISTS, SIGNED_FIELDS, always_shown, in_order
from tocsin.trust.views import Equivocation, merge
from tocsin.wire.stix import canonical

NAMES = sorted(SAMPLES)
KEPT = {name: json.loads((FOLDER / f"{name}.json").read_text("ascii")) for name in NAMES}


def test_every_file_has_its_sample() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == NAMES
    assert "signed_vectors" in (FOLDER / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_made_now_is_what_is_kept(name: str) -> None:
    assert written(vector(name)) == (FOLDER / f"{name}.json").read_text("ascii")


@pytest.mark.parametrize("name", NAMES)
def test_key_and_seed_give_the_kept_bytes(name: str) -> None:
    kept = KEPT[name]
    identity = NodeIdentity(bytes.fromhex(kept["secret_key"]))
    assert identity.public == AUTHOR.public
    signed = sign(kept["object"], identity, bytes.fromhex(kept["seed"]))
    assert canonical(signed) == canonical(kept["signed"])
    digests = [
        independent.hashed("field", [unit["salt"], unit["path"], unit["value"]]) for unit in kept["units"]
    ]
    assert sorted(digests) == kept["digests"]
    assert independent.hashed("root", kept["digests"]) == kept["root"]


@pytest.mark.parametrize("name", NAMES)
def test_views_hold_for_both_readers(name: str) -> None:
    kept = KEPT[name]
    assert independent.check(kept["signed"]) == (kept["root"], 0)
    for view in kept["views"]:
        found = verify(view["object"])
        assert isinstance(found, Verified)
        assert (found.signed.statement.root, found.withheld) == (kept["root"], view["count"])
        assert independent.check(view["object"]) == (kept["root"], view["count"])
        assert canonical(withhold(kept["signed"], view["withheld"])) == canonical(view["object"])
    merged = merge(kept["views"][0]["object"], kept["views"][-1]["object"])
    assert not isinstance(merged, Equivocation)
    assert canonical(merged) == canonical(kept["merged"])
    assert independent.check(kept["merged"]) is not None


@pytest.mark.parametrize("name", NAMES)
def test_another_root_is_the_same_author_saying_two_things(name: str) -> None:
    kept = KEPT[name]
    assert independent.check(kept["equivocation"]) is not None
    found = merge(kept["signed"], kept["equivocation"])
    assert isinstance(found, Equivocation)
    assert found.holds()


CASES = [(name, case) for name in NAMES for case in KEPT[name]["refused"]]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['why']}" for name, case in CASES])
def test_what_is_refused_is_refused_by_both_naming_the_field(name: str, case: dict[str, Any]) -> None:
    found = verify(case["object"])
    assert isinstance(found, Refused)
    assert found.field == case["field"]
    assert found.reason
    assert independent.check(case["object"]) is None


def test_the_closed_lists_of_the_page_are_those_of_the_code() -> None:
    assert independent.ELEMENTWISE == LISTS
    assert independent.COMMON.split() == list(always_shown("x-unknown"))
    for kind, names in independent.BY_TYPE.items():
        assert always_shown(kind) == (*always_shown("x-unknown"), *names.split())
    assert independent.EXTENSION == SIGNED_FIELDS
    page = (FOLDER.parents[2] / "docs" / "signatures.md").read_text("utf-8")
    for name in (*LISTS, *always_shown("x-unknown")):
        assert f"`{name}`" in page
    for kind, names in independent.BY_TYPE.items():
        assert f"| `{kind}` | {', '.join(f'`{name}`' for name in names.split())} |" in page


def test_a_vector_survives_our_own_decoder() -> None:
    for name in NAMES:
        again = msgspec.json.decode(json.dumps(KEPT[name]["signed"]))
        assert canonical(in_order(again)) == canonical(KEPT[name]["signed"])
