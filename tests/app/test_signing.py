"""A node signs what it makes: every record of its own verifies, and is the same when it is made twice."""

import msgspec
import pytest
from stix2validator import ValidationOptions, validate_string

from tests.app.test_watch import dated, take
from tests.fixtures import Made
from tests.share.said import AUTHOR, confirmed, foreign
from tocsin.app.keyring import Keyring
from tocsin.app.signing import signed
from tocsin.kernel import Origin, Record, WarningStatus
from tocsin.trust.signed_fields import Verified, verify
from tocsin.trust.units import SIGNED_FIELDS
from tocsin.wire.stix.labels import well_known


@pytest.fixture
def said(made: Made) -> tuple[Record, ...]:
    """What a node made of a confirmed warning."""
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    made.node.reviewing.review(
        made.node.access.operator(),
        found.id,
        WarningStatus.CONFIRMED,
        category="fraud.scam",
        statement="one template, many new accounts",
        basis="terms of use, section 4",
    )
    return made.node.store.records.list(origin=Origin.OWN)


def test_every_record_of_ours_is_signed_and_sound(made: Made, said: tuple[Record, ...]) -> None:
    ours = [record for record in said if well_known(record.id) is None]
    assert {record.type for record in ours} >= {"identity", "campaign", "indicator", "report", "sighting"}
    for record in ours:
        found = verify(msgspec.json.decode(record.stix))
        assert isinstance(found, Verified)
        assert (found.root, found.withheld) == (record.root, 0)
        assert found.author == made.node.keys.identity.stix_identity
        result = validate_string(record.stix.decode(), ValidationOptions(version="2.1"))
        assert result.is_valid, [str(error) for error in result.errors]
        assert {str(warning).partition("{")[2][:3] for warning in result.warnings} <= {"103"}
    others = [record for record in said if well_known(record.id) is not None]
    assert SIGNED_FIELDS in {record.id for record in others}, "the extension's definition goes along"
    assert all(record.root is None and b'"digests"' not in record.stix for record in others)


def test_the_same_content_is_signed_with_the_same_bytes_by_whoever_opens_the_folder(made: Made) -> None:
    author = made.node.keys.identity.stix_identity
    plain = tuple(
        msgspec.structs.replace(
            record, author=author, stix=record.stix.replace(AUTHOR.encode(), author.encode())
        )
        for record in confirmed()
        if record.author == AUTHOR
    )
    once = signed(plain, made.node.keys)
    assert all(record.root for record in once)
    assert signed(plain, Keyring(made.node.data / "keys")) == once
    assert signed(once, made.node.keys) == once, "what is signed is not signed again"


def test_what_others_wrote_is_not_touched(made: Made) -> None:
    theirs = tuple(foreign(record) for record in confirmed())
    assert signed(theirs, made.node.keys) == theirs
    assert signed(confirmed(), made.node.keys) == confirmed(), "another author's, whatever the row says"


def test_an_identity_that_was_kept_unsigned_is_said_again(made: Made) -> None:
    author = made.node.keys.identity.stix_identity
    old = next(record for record in confirmed() if record.type == "identity")
    stix = old.stix.replace(AUTHOR.encode(), author.encode()).replace(b'"platform"', b'"node"')
    made.node.store.records.put([msgspec.structs.replace(old, id=author, author=author, stix=stix)])
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    made.node.reviewing.review(
        made.node.access.operator(),
        found.id,
        WarningStatus.CONFIRMED,
        category="fraud.scam",
        statement="one template, many new accounts",
        basis="terms of use, section 4",
    )
    kept = made.node.store.records.get(author)
    assert kept is not None
    assert kept.root is not None
