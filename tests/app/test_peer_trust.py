"""Trust has a beginning, an end, and a way to take it back."""

from datetime import timedelta

import msgspec
import pytest

from tests.fixtures import Made
from tests.share.said import confirmed, of_type
from tocsin.app.peer_history import About
from tocsin.kernel import (
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    Origin,
    Peer,
    PeerStatus,
    Record,
    micros,
)
from tocsin.kernel.peers import TRUST_DAYS, WARN_DAYS
from tocsin.share import candidates, standing_of
from tocsin.share.suspects import Suspects
from tocsin.trust.identity import NodeIdentity, node_id
from tocsin.trust.words import spoken

DAY = 86_400_000_000
THEIRS = NodeIdentity(b"\x07" * 32)
NEXT = NodeIdentity(b"\x08" * 32)


def about(identity: NodeIdentity) -> About:
    return About(
        node_id=node_id(identity.public), public_key=identity.public.hex(), identity=identity.stix_identity
    )


def trusted(made: Made, **changes: object) -> Peer:
    """A peer whose key was compared today."""
    by = made.node.access.operator()
    made.node.store.peers.add(
        msgspec.structs.replace(Peer(name="lab", url="http://127.0.0.1:1", allow_private=True), **changes)
    )
    return made.node.exchange.trust_peer(by, "lab", about(THEIRS), spoken(THEIRS.public))


def theirs(made: Made, *, added: int, version: int) -> Record:
    """An indicator of the peer's, as if it had come at `added`."""
    plain = of_type(confirmed(), "indicator")
    record = msgspec.structs.replace(
        plain, origin=Origin.PEER, peer="lab", author=THEIRS.stix_identity, added=added, version=version
    )
    made.node.store.records.put([record])
    return record


def row(made: Made) -> Peer:
    found = made.node.store.peers.get("lab")
    assert found is not None
    return found


def test_trust_lasts_a_year_and_warns_before(made: Made) -> None:
    peer, now = trusted(made), micros(made.now)
    assert peer.until == now + TRUST_DAYS * DAY
    ends = peer.until
    assert not peer.ends_soon(ends - WARN_DAYS * DAY - 1)
    assert peer.ends_soon(ends - WARN_DAYS * DAY)
    assert peer.status_at(ends - 1) is PeerStatus.TRUSTED
    assert peer.status_at(ends) is PeerStatus.EXPIRED
    assert not peer.ends_soon(ends)


def test_trust_that_ended_takes_and_gives_nothing_until_it_is_renewed(made: Made) -> None:
    trusted(made)
    made.now += timedelta(days=TRUST_DAYS)
    (told,) = made.node.exchange.pull_all(only="lab")
    assert told.error is not None
    assert "tocsin peer renew lab" in told.error
    assert made.node.exchange.pull_all() == ()
    standing = standing_of(
        made.node.store, row(made), "misuse-defence", now=micros(made.now), sighting_delay=0
    )
    assert standing.peer.status is PeerStatus.EXPIRED
    renewed = made.node.exchange.trust.renew(made.node.access.operator(), "lab")
    assert renewed.status_at(micros(made.now)) is PeerStatus.TRUSTED
    assert [line.act for line in made.node.store.audit.read(limit=1)] == ["peer.renew"]


@pytest.mark.parametrize("days", [0, -1, 5 * 366])
def test_trust_ends_on_a_day_to_come_and_not_in_ten_years(made: Made, days: int) -> None:
    trusted(made)
    with pytest.raises(BadInput, match="within"):
        made.node.exchange.trust.renew(made.node.access.operator(), "lab", micros(made.now) + days * DAY)


def test_a_revoked_key_marks_what_came_since_and_not_what_came_before(made: Made) -> None:
    trusted(made)
    now = micros(made.now)
    before = theirs(made, added=now - 3 * DAY, version=now - 3 * DAY)
    backdated = msgspec.structs.replace(
        before,
        id=before.id[:-1] + ("0" if before.id[-1] != "0" else "1"),
        added=now - DAY,
        version=now - 9 * DAY,
    )
    made.node.store.records.put([backdated])
    made.node.exchange.trust.revoke(
        made.node.access.operator(), "lab", since=now - 2 * DAY, reason="laptop stolen"
    )
    assert row(made).status is PeerStatus.REVOKED
    assert [record.id for record in made.node.exchange.trust.suspects()] == [backdated.id]
    marks = Suspects([row(made)])
    assert marks.without([before, backdated]) == (before,)
    relayed = msgspec.structs.replace(backdated, peer="somebody-else")
    assert relayed in marks, "through whoever it came"
    own = msgspec.structs.replace(backdated, origin=Origin.OWN)
    assert own not in marks
    assert made.node.store.audit.read(limit=1)[0].act == "peer.revoke"


def test_a_revocation_may_begin_earlier_and_never_later(made: Made) -> None:
    trusted(made)
    by, now, trust = made.node.access.operator(), micros(made.now), made.node.exchange.trust
    trust.revoke(by, "lab", since=now - DAY, reason="first guess")
    trust.revoke(by, "lab", since=now, reason="later")
    assert [doubt.since for doubt in row(made).doubts] == [now - DAY]
    trust.revoke(by, "lab", since=now - 5 * DAY, reason="earlier")
    assert [doubt.since for doubt in row(made).doubts] == [now - 5 * DAY]


def test_after_a_revocation_only_another_key_is_pinned(made: Made) -> None:
    trusted(made)
    by, now = made.node.access.operator(), micros(made.now)
    with pytest.raises(Conflict, match="another key"):
        made.node.exchange.trust_peer(by, "lab", about(NEXT), spoken(NEXT.public))
    made.node.exchange.trust.revoke(by, "lab", since=now - DAY, reason="stolen")
    with pytest.raises(Conflict, match="was revoked"):
        made.node.exchange.trust_peer(by, "lab", about(THEIRS), spoken(THEIRS.public))
    with pytest.raises(Conflict, match="is revoked"):
        made.node.exchange.trust.renew(by, "lab")
    again = made.node.exchange.trust_peer(by, "lab", about(NEXT), spoken(NEXT.public))
    assert (again.status, again.node_key, again.identity) == (
        PeerStatus.TRUSTED,
        NEXT.public,
        NEXT.stix_identity,
    )
    assert again.former == (THEIRS.stix_identity,), "made anew, without a word of its old key"
    assert again.suspect(version=now - DAY, added=now - DAY)
    assert not again.suspect(version=now + 1, added=now + 1)


def test_a_revocation_needs_a_reason_a_past_a_peer_and_a_role(made: Made) -> None:
    trusted(made)
    by, now, trust = made.node.access.operator(), micros(made.now), made.node.exchange.trust
    with pytest.raises(BadInput, match="why"):
        trust.revoke(by, "lab", since=now, reason=" ")
    with pytest.raises(BadInput, match="later day"):
        trust.revoke(by, "lab", since=now + 1, reason="soon")
    with pytest.raises(NotFound):
        trust.revoke(by, "nobody", since=now, reason="gone")
    with pytest.raises(NotAllowed):
        trust.revoke(msgspec.structs.replace(by, roles=frozenset()), "lab", since=now, reason="no role")


def test_wrong_words_pin_nothing_and_are_audited(made: Made) -> None:
    made.node.store.peers.add(Peer(name="lab", url="https://lab.example"))
    with pytest.raises(BadInput, match="another fingerprint"):
        made.node.exchange.trust_peer(made.node.access.operator(), "lab", about(THEIRS), spoken(NEXT.public))
    assert row(made).status is PeerStatus.ADDED
    assert made.node.store.audit.read(limit=1)[0].outcome == "refused"


def test_what_is_marked_is_not_named_to_others(made: Made) -> None:
    trusted(made)
    now = micros(made.now)
    seen = theirs(made, added=now, version=now)
    other = Peer(name="other", url="https://other.example", status=PeerStatus.TRUSTED)

    def named() -> bool:
        standing = standing_of(made.node.store, other, "misuse-defence", now=now, sighting_delay=0)
        return seen.id in standing.mentionable

    assert named()
    made.node.exchange.trust.revoke(made.node.access.operator(), "lab", since=now, reason="stolen")
    assert not named()
    assert candidates(made.node.store, other, now=micros(made.now)) == ()
