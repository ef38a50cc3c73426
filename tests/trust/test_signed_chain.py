"""A signature under a later key: the chain that leads to it travels with the object."""

from typing import Any

import msgspec

from tests.trust.signed_samples import SEED
from tocsin.kernel import KeyStatement
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.key_history import state
from tocsin.trust.signed_fields import Refused, Verified, sign, verify, withhold
from tocsin.trust.units import SIGNED_FIELDS
from tocsin.trust.views import Equivocation, merge
from tocsin.wire.stix import canonical

FIRST = NodeIdentity(b"\x01" * 32)
SECOND = NodeIdentity(b"\x02" * 32, FIRST.public)
THIRD = NodeIdentity(b"\x03" * 32, FIRST.public)
ROTATED = (state(FIRST, SECOND, seq=1, at=1_000_000),)
REVOKED = (*ROTATED, state(SECOND, THIRD, seq=2, at=3_000_000, since=2_000_000))
OBJECT: dict[str, Any] = {
    "type": "campaign",
    "spec_version": "2.1",
    "id": "campaign--00000000-0000-4000-8000-000000000001",
    "created": "2026-03-05T10:20:30.123Z",
    "modified": "2026-03-05T10:20:30.123Z",
    "created_by_ref": FIRST.stix_identity,
    "name": "lottery refund",
    "description": "the same letter from many accounts",
}


def signed(by: NodeIdentity, chain: tuple[KeyStatement, ...], **changes: object) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.json.decode(canonical(sign(OBJECT | changes, by, SEED, chain)))
    return value


def refused(value: dict[str, Any], confirmed: tuple[bytes, ...] | None = ()) -> str:
    found = verify(value, confirmed=confirmed)
    assert isinstance(found, Refused)
    return found.field


def test_a_first_key_needs_no_chain_and_a_later_one_verifies_by_it() -> None:
    assert "chain" not in signed(FIRST, ROTATED)["extensions"][SIGNED_FIELDS]
    value = signed(SECOND, ROTATED)
    found = verify(value)
    assert isinstance(found, Verified)
    assert (found.author, found.key) == (FIRST.stix_identity, SECOND.public)
    assert found.signed.holds()
    narrower = withhold(value, ["/description"])
    assert isinstance(verify(narrower), Verified), "the chain goes with every view"
    assert b"null" not in canonical(narrower), "STIX knows no null"


def test_without_its_chain_or_with_another_it_is_nobodys() -> None:
    value = signed(SECOND, ROTATED)
    del value["extensions"][SIGNED_FIELDS]["chain"]
    assert refused(value).endswith("/key")
    assert refused(signed(THIRD, ROTATED)).endswith("/key")
    foreign = NodeIdentity(b"\x09" * 32)
    stolen = (state(foreign, SECOND, seq=1, at=1_000_000),)
    assert refused(signed(SECOND, stolen)).endswith("/key")
    bent = signed(SECOND, ROTATED)
    bent["extensions"][SIGNED_FIELDS]["chain"][0]["at"] += 1
    assert refused(bent).endswith("/key")


def test_a_key_that_only_a_revocation_names_counts_once_it_was_compared() -> None:
    """Who stole a key can revoke it, too, and name one of their own."""
    value = signed(THIRD, REVOKED)
    assert refused(value).endswith("/key")
    assert isinstance(verify(value, confirmed=(THIRD.public,)), Verified)
    assert isinstance(verify(value, confirmed=None), Verified), "who asks only what was signed"


def test_two_contents_under_two_keys_of_one_author_are_equivocation_all_the_same() -> None:
    found = merge(signed(FIRST, ()), signed(SECOND, ROTATED, name="another letter"))
    assert isinstance(found, Equivocation)
    assert found.holds()
