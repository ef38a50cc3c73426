"""What a node says anew it signs anew; and whose key counts when something is taken in."""

import msgspec

from tests.fixtures import Made
from tests.share.said import of_type, review, warning
from tests.trust.test_signed_chain import FIRST, OBJECT, ROTATED, SECOND, THIRD, signed
from tocsin.app.labelling import label, labels_of
from tocsin.app.signing import signed as signed_by_us
from tocsin.ingest.foreign import foreign_record
from tocsin.ingest.known_keys import KnownKeys
from tocsin.kernel import BadInput, Origin, Record, micros
from tocsin.share import describe, revoked
from tocsin.trust.key_history import digest, state
from tocsin.trust.signed_fields import Verified, verify
from tocsin.wire.stix import canonical, micros_of, parse


def said(made: Made) -> tuple[Record, ...]:
    """A confirmed warning as this node signs and keeps it."""
    records = signed_by_us(
        describe(
            warning(),
            review(),
            author=made.node.keys.identity.stix_identity,
            name="node",
            tlp=made.node.settings.tlp,
            now=made.now,
        ),
        made.node.keys,
    )
    made.node.store.records.put(records)
    return records


def verifies(record: Record) -> bool:
    found = verify(msgspec.json.decode(record.stix))
    return isinstance(found, Verified) and found.root == record.root


def test_a_label_makes_a_version_that_is_signed_itself(made: Made) -> None:
    before = of_type(said(made), "indicator")
    assert verifies(before)
    node = made.node
    (after,) = label(
        node.store,
        node.keys,
        node.access,
        node.clock,
        node.access.operator(),
        before.id,
        labels_of({"pap": "green"}),
    )
    assert after.version > before.version
    assert after.root != before.root
    assert verifies(after)


def test_a_version_that_takes_back_is_signed_itself(made: Made) -> None:
    from tocsin.app.signing import signed_anew

    before = of_type(said(made), "indicator")
    taken_back = revoked(before, now=made.now)
    assert not verifies(taken_back), "the signature of the version before is not of this one"
    (after,) = signed_anew([taken_back], made.node.keys)
    assert verifies(after)
    assert b'"revoked":true' in after.stix


def test_a_node_whose_key_changed_signs_so_that_strangers_can_check(made: Made) -> None:
    first = made.node.keys.identity
    made.node.own_keys.rotate(made.node.access.operator())
    after = of_type(said(made), "campaign")
    found = verify(msgspec.json.decode(after.stix))
    assert isinstance(found, Verified)
    assert found.author == first.stix_identity
    assert found.key == made.node.keys.identity.public != first.public


def taken(made: Made, value: dict[str, object]) -> Record | str:
    """The record of an object that somebody brought, or why it was not taken."""
    keys = KnownKeys(made.node.store, micros(made.now))
    item = parse(canonical(value))
    try:
        return foreign_record(item, origin=Origin.PEER, peer="lab", received=micros(made.now), keys=keys)
    except BadInput as error:
        return error.message


def test_a_retired_key_speaks_for_nothing_after_its_time(made: Made) -> None:
    version = micros_of(str(OBJECT["modified"]))
    assert isinstance(taken(made, signed(FIRST, ())), Record), "nothing is known of this author's keys"
    later = state(FIRST, SECOND, seq=1, at=version - 1)
    made.node.store.keys.add(later, digest(later), received=micros(made.now))
    assert "did not speak for its author then" in str(taken(made, signed(FIRST, ())))
    assert isinstance(taken(made, signed(SECOND, (later,))), Record)
    fork = state(FIRST, THIRD, seq=1, at=version - 2)
    made.node.store.keys.add(fork, digest(fork), received=micros(made.now))
    assert "did not speak" in str(taken(made, signed(SECOND, (later,)))), "a key in two hands is nobody's"


def test_a_chain_that_nobody_knows_here_is_enough_by_itself(made: Made) -> None:
    assert isinstance(taken(made, signed(SECOND, ROTATED)), Record)
