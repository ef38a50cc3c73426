"""What a node would raise in a private sum, and what a sum says."""

import random
from collections.abc import Sequence
from math import inf

import numpy as np
import pytest

from tests.correlate.worlds import NOW, World, sentence
from tocsin.correlate.campaigns import find_campaigns
from tocsin.correlate.counted import Usual, weigh_counts
from tocsin.correlate.dismissals import OWN, Dismisser, Voice, Voices
from tocsin.correlate.evidence import CAP_CROWD, FLOOR, THRESHOLD, corroboration, weigh
from tocsin.correlate.exclusions import Exclusions
from tocsin.correlate.settings import MIN_ACTORS
from tocsin.correlate.summed import LEAST_RAISED, Candidate, candidates, counts_of, score
from tocsin.correlate.survey import survey
from tocsin.kernel import WarningKind
from tocsin.kernel.sums import COMPONENTS, KEYS_AN_ACTOR, KINDS_SHARED, Component, CountVector, total
from tocsin.taxonomy.exclusions import ExclusionList
from tocsin.wire.sketch import MIN_SHARED_SHINGLES

TEXT = sentence(random.Random(11), 40)
VIRAL = sentence(random.Random(12), 40)
WALLET = (("wallet", "w-1"),)
POLITICS = (("rules", "1", "conduct.political", 0.3, "a word"),)


def thin(seed: int, accounts: int = 3) -> World:
    """A town, and a campaign of few accounts in it."""
    return (
        World(seed)
        .people(50)
        .campaign(accounts, text=TEXT, new=1.0, tags=WALLET, tagged=1.0, each=3, other=0)
    )


def raised(world: World, **by: object) -> tuple[Candidate, ...]:
    return candidates(world.window(), now_us=NOW + 1, **by)  # type: ignore[arg-type]


def summed(sides: Sequence[Sequence[Candidate]]) -> dict[bytes, tuple[int, float]]:
    """By band: how many nodes hold it, and the score of the sum."""
    held: dict[bytes, list[Candidate]] = {}
    for side in sides:
        for one in side:
            for band in one.bands:
                held.setdefault(band, []).append(one)
    return {band: (len(ones), score(total(one.counts for one in ones))) for band, ones in held.items()}


def test_what_no_node_hears_alone_they_hear_together() -> None:
    towns = [thin(seed) for seed in (1, 2, 3)]
    assert not any(find_campaigns(town.window(), now_us=NOW + 1) for town in towns)
    sides = [raised(town) for town in towns]
    for side in sides:
        (one,) = side
        assert one.warning.kind is WarningKind.SUM
        assert one.warning.score >= FLOOR
        assert one.warning.samples
        assert score(one.counts) == -inf  # by itself it has too few accounts
        assert len(one.bands) + len(one.keyed) == KEYS_AN_ACTOR
        (at,) = one.keyed
        shown = one.identifiers[at]
        assert KINDS_SHARED[at] == "payment"
        assert shown is not None
        assert shown.type == "wallet"
    everywhere = [found for holders, found in summed(sides).values() if holders == len(sides)]
    assert everywhere
    assert min(everywhere) >= THRESHOLD


def test_a_crowd_of_new_accounts_is_raised_and_does_not_ring() -> None:
    """People who speak together, at four nodes: what a crowd shows as well stays below the threshold in a sum too."""
    sides = [raised(World(seed).people(60).protest(14, text=VIRAL, new=0.8)) for seed in range(4, 8)]
    found = [told for holders, told in summed(sides).values() if holders > 1]
    assert found
    assert max(found) <= CAP_CROWD < THRESHOLD


def test_what_rings_here_is_not_raised() -> None:
    loud = thin(5, accounts=12)
    assert find_campaigns(loud.window(), now_us=NOW + 1)
    assert raised(loud) == ()


def test_what_a_reviewer_dismissed_is_not_raised() -> None:
    (one,) = raised(thin(1))
    assert one.warning.signature is not None
    said = Voices([Voice(Dismisser(OWN, OWN), one.warning.signature)])
    assert raised(thin(1), dismissals=said) == ()
    peer = Voices([Voice(Dismisser("lab", "lab"), one.warning.signature)])
    assert raised(thin(1), dismissals=peer), "peers do not silence conduct that this node knows"


def test_a_refused_subject_and_an_excluded_text_are_not_raised() -> None:
    spoken = thin(1)
    for post in spoken.posts:
        if post.actor == "puppet-0":
            post.signals = POLITICS
    assert raised(spoken) == ()
    listed = ExclusionList(name="banners", type="text", entries=(TEXT,))
    assert raised(thin(1), exclusions=Exclusions(lambda: [listed])) == ()


def test_a_short_text_has_no_band() -> None:
    short = " ".join(TEXT.split()[:6])
    world = World(3).people(50).campaign(3, text=short, edit=0.0, tags=WALLET, tagged=1.0, new=1.0, other=0)
    (one,) = raised(world)
    assert one.warning.shingle_count < MIN_SHARED_SHINGLES
    assert one.bands == ()
    assert one.keyed


def test_an_account_counts_in_so_many_keys_and_no_more() -> None:
    """The same accounts repeat six texts: the strongest has the keys, and the others are raised without them."""
    world = World(9).people(50)
    for number in range(6):
        text = sentence(random.Random(100 + number), 40)
        world.campaign(3, text=text, tags=WALLET, tagged=1.0, new=1.0, other=0)
    found = raised(world)
    assert found
    assert sum(len(one.bands) + len(one.keyed) for one in found) <= KEYS_AN_ACTOR
    looks = [found]
    while looks[-1]:  # a reviewer dismisses what a look raised: the next has other keys of the same accounts
        seen = [one.warning.signature for look in looks for one in look]
        said = Voices([Voice(Dismisser(OWN, OWN), one) for one in seen if one is not None])
        looks.append(raised(world, dismissals=said))
    keys = {band for look in looks for one in look for band in one.bands}
    assert len(looks) > 2
    assert len(keys) > KEYS_AN_ACTOR, "it holds for a look and not for a week: looks multiply in epsilon"
    assert all(sum(len(one.bands) + len(one.keyed) for one in look) <= KEYS_AN_ACTOR for look in looks)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_nodes_counts_score_as_its_events_do(seed: int) -> None:
    tags = (("payment", "p"), ("device", "d"), ("email", "e"), ("invitation", "i"), ("domain", "x"))
    made = World(seed).people(60).campaign(8 + seed, evading=0.3, tags=tags)
    seen = survey(made.window(), since=0, until=NOW + 1)
    repeated = seen.repeated.used_by(LEAST_RAISED)
    checked = 0
    for cluster, rows in repeated.each(np.ones(len(repeated.clusters), np.bool_)):
        group, ledger = seen.ledger.group(rows, frozenset((cluster,))), seen.ledger
        shared = {one.kind: one for _, one in ledger.shared_tags(group)}
        if any(one.focus < 0.5 for one in shared.values()):
            continue
        counts, _ = counts_of(group, ledger)
        everybody = np.ones_like(ledger.flagged)
        usual = Usual(
            others=ledger.present - len(group.actors),
            new=ledger.outside(ledger.new, ledger.dated, group.actors),
            devoted=ledger.outside(ledger.devoted, ledger.busy, group.actors),
            flagged=ledger.outside(ledger.flagged, everybody, group.actors),
            evading=ledger.outside(ledger.evading, everybody, group.actors),
            together=ledger.made_together(group)[2:],
            elsewhere={kind: one.everywhere - one.having for kind, one in shared.items()},
        )
        evidence = weigh(group, ledger)
        found, conduct = weigh_counts(list(counts.counts), usual)
        texts = sum(term.value for term in evidence.terms if term.reason.code == "campaign.same-other-text")
        assert found == pytest.approx(evidence.score - texts, abs=0.002)
        assert conduct == pytest.approx(corroboration(group, ledger, evidence))
        checked += 1
    assert checked


def test_a_sum_that_no_accounts_could_have_is_made_possible() -> None:
    counts = [0] * COMPONENTS
    counts[Component.ACTORS] = counts[Component.NEW] = counts[Component.DEVOTED] = 9
    assert score(CountVector(tuple(counts))) < FLOOR
    assert score(CountVector((MIN_ACTORS - 1,) * COMPONENTS)) == -inf
    assert score(CountVector((MIN_ACTORS,) * COMPONENTS)) > THRESHOLD
