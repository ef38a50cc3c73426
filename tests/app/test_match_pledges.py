"""Pledged sessions without sockets: who pledges what, when none begins, and what is kept of one that was held."""

import secrets
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.contracts.store.test_matches import proposal
from tests.matching import NOW
from tests.matching_nodes import ASKED, Pair, handles, held
from tests.pledged_nodes import AGE, agree, prepare
from tocsin.app import match_answering
from tocsin.kernel import BadInput, Conflict, NotAllowed, TooLarge
from tocsin.store.match_interface import MatchEnd, MatchRole
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.matching.accountable import Offer, decode_offer, encode_offer
from tocsin.trust.matching.messages import decode, encode


@pytest.fixture(scope="module")
def prepared_pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair") / "nodes"
    pair = Pair(folder, NOW - AGE)
    prepare(pair, NodeIdentity(secrets.token_bytes(32)), NOW)
    pair.close()
    return folder


@pytest.fixture
def pair(tmp_path: Path, prepared_pair: Path) -> Iterator[Pair]:
    pair = Pair(shutil.copytree(prepared_pair, tmp_path / "nodes"), NOW, there=True)
    yield pair
    pair.close()


def pledged(pair: Pair) -> list[int]:
    """How many sessions each side pledged."""
    return [
        sum(row.act == "match.pledge" for row in made.node.store.audit.read(limit=1_000))
        for made in pair.both
    ]


def test_a_lost_answer_changes_nothing_and_both_keep_the_same(pair: Pair) -> None:
    found, talk = held(pair, twice=True, asked=msgspec.structs.replace(ASKED, reveal="both"))
    assert found.found == 5
    assert talk.again == len(talk.said) // 2
    assert [path.endswith("/pledge") for path, _ in talk.said[:3]] == [True, True, False]
    assert pledged(pair) == [1, 1]
    mine, theirs = (
        made.node.store.accountable.pledged(found.session, side)
        for made, side in zip(pair.both, ("client", "server"), strict=True)
    )
    assert mine
    assert theirs
    assert (mine.other, theirs.other) == (theirs.note, mine.note)
    for name in ("proposal", "acceptance", "points", "tags"):
        assert getattr(mine, name) == getattr(theirs, name) != b""
    with pytest.raises(NotAllowed, match="came to its end"):
        pair.lighthouse.node.matching.answer(pair.peer, found.session, talk.said[2][1])
    with pytest.raises(Conflict, match="pledged before"):
        pair.lighthouse.node.matching.pledge(pair.peer, found.session, b"x")


@pytest.mark.parametrize("side", [0, 1])
def test_no_session_begins_where_only_one_side_asks_for_pledges(pair: Pair, side: int) -> None:
    pair.agree(pair.both[side], pair.both[1 - side].node.name)
    with pytest.raises(NotAllowed, match="--pledged"):
        held(pair)
    assert pair.lighthouse.node.store.matches.sessions() == ()
    assert pledged(pair)[1] == 0


def test_a_session_waits_for_its_yes_before_either_side_pledges(pair: Pair) -> None:
    pair.agree(pair.lighthouse, "harbour", kinds=("handle",), pledged=True, standing=False)
    with pytest.raises(NotAllowed, match="says yes to each"):
        held(pair)
    assert pledged(pair) == [0, 0]
    (wish,) = pair.lighthouse.node.store.matches.wishes()
    matching = pair.lighthouse.node.matching
    matching.allow(pair.lighthouse.node.access.operator(), wish.id)
    assert held(pair)[0].found == 5
    assert pair.lighthouse.node.store.matches.wishes() == ()


def test_a_pledge_costs_a_peer_its_points_even_when_no_session_follows(pair: Pair) -> None:
    def between(number: int) -> None:
        if number == 1:  # the proposal
            raise KeyboardInterrupt

    lighthouse = pair.lighthouse.node
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            held(pair, between)
    identity = pair.harbour.node.keys.identity.stix_identity
    week = lighthouse.store.matches.sessions()[0].epoch
    assert lighthouse.store.matches.spent(identity, MatchRole.ANSWERED, "handle", week) == 200
    pair.lighthouse.now += timedelta(seconds=match_answering.SILENCE_SECONDS + 1)
    lighthouse.matching.tick()
    assert {one.outcome for one in lighthouse.store.matches.sessions()} == {MatchEnd.LEFT}


def test_what_was_pledged_for_is_what_begins(pair: Pair) -> None:
    """A changed client: another proposal than the one pledged, then another pledge, then none that can be read."""

    def between(number: int) -> None:
        if number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        held(pair, between)
    lighthouse, peer = pair.lighthouse.node, pair.peer
    (session,) = lighthouse.matching.answering.sessions
    live = lighthouse.matching.answering._live[session]
    offer = decode_offer(live.offered[0])
    other = msgspec.structs.replace(decode(offer.proposal), purpose="another purpose")
    with pytest.raises(NotAllowed, match="another than the one pledged"):
        lighthouse.matching.answer(peer, session, encode(other))
    assert lighthouse.store.matches.sessions()[0].outcome is MatchEnd.REFUSED
    anew = msgspec.structs.replace(
        other, session=secrets.token_bytes(16)
    )  # with the pledge of the session before
    stale = Offer(format=1, proposal=encode(anew), pledge=offer.pledge)
    with pytest.raises(NotAllowed, match="another session"):
        lighthouse.matching.pledge(peer, anew.session.hex(), encode_offer(stale))
    forged = msgspec.structs.replace(stale, pledge=offer.pledge.replace(b"refund", b"defund", 1))
    with pytest.raises((BadInput, NotAllowed)):
        lighthouse.matching.pledge(peer, anew.session.hex(), encode_offer(forged))
    for raw, wrong in ((b"", BadInput), (b"x" * 20_000, TooLarge), (encode(proposal()), BadInput)):
        with pytest.raises(wrong):
            lighthouse.matching.pledge(peer, anew.session.hex(), raw)
    assert pledged(pair)[1] == 1, "what is refused is not pledged either"
    assert len(lighthouse.store.matches.sessions()) == 1


def test_a_peer_that_answers_with_another_pledge_gets_no_proposal(pair: Pair) -> None:
    matching = pair.lighthouse.node.matching
    before: list[bytes] = []
    honest = matching.pledge

    def replaying(*given: object) -> bytes:
        before.append(honest(*given))  # type: ignore[arg-type]
        return before[0]

    matching.pledge = replaying  # type: ignore[method-assign,assignment]
    assert held(pair)[0].found == 5
    with pytest.raises(NotAllowed, match="another session than ours"):
        held(pair)
    assert len(pair.harbour.node.store.matches.sessions()) == 1


def test_inputs_that_came_late_are_left_out_and_too_few_are_no_session(pair: Pair) -> None:
    found, _ = held(pair, asked=msgspec.structs.replace(ASKED, lines=handles(*range(30))))
    assert (found.inputs, list(found.refused.values())) == (20, [10])
    with pytest.raises(BadInput, match=r"single persons.*11 lines: each was not taken up"):
        held(pair, asked=msgspec.structs.replace(ASKED, lines=handles(*range(11, 31))))


def test_bands_and_end_users_are_not_pledged(pair: Pair) -> None:
    for kind in ("band", "end-user"):
        with pytest.raises(BadInput, match="without --pledged"):
            agree(pair, kinds=(kind,))


def test_a_spent_quota_over_there_ends_before_anything_is_said(pair: Pair) -> None:
    for _ in range(2):
        held(pair)
    with pytest.raises(NotAllowed, match="quota is 200 points"):
        held(pair)
    assert len(pair.lighthouse.node.store.matches.sessions()) == 2
