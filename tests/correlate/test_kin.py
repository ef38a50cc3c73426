"""Kin: what only an identifier brings together is found; crowds that share one, or only write alike, are not."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.test_repeated import take
from tests.correlate.worlds import DAY, HOUR, NOW, START, Post, World, changed, sentence, window_of
from tocsin.correlate import Window, find_campaigns, in_common, kin
from tocsin.correlate.evidence import KINDS, by_text, weigh
from tocsin.correlate.joined import Joined
from tocsin.correlate.survey import Survey, survey
from tocsin.kernel import Warning

REWORDED = 0.36
"""Words that differ: two such copies are .2 similar, and hardly ever tied."""


def town(seed: int = 1, people: int = 80) -> World:
    return World(seed).people(people)


def campaign(world: World, number: int = 10, *, edit: float = REWORDED, tagged: float = 1.0) -> World:
    return world.campaign(number, text=sentence(world.rng, 40), edit=edit, new=0.9, other=1, tagged=tagged)


def seen(window: Window) -> Survey:
    return survey(window, since=NOW - 30 * DAY, until=NOW + 1)


def joined(window: Window) -> list[list[str]]:
    """The event ids of each group that was joined."""
    one = seen(window)
    rows = np.flatnonzero(one.view.text >= 0)
    clusters = one.cluster_of_text[one.view.text[rows]]
    names = np.unique(one.cluster_of_text[one.cluster_of_text.names])
    return [sorted(one.view.ids(rows[clusters == name])) for name in names]


def found(window: Window) -> tuple[Warning, ...]:
    return find_campaigns(window, now_us=NOW)


def whose(world: World, ids: Sequence[str]) -> set[str]:
    actors = {post.id: post.actor for post in world.posts}
    return {actors[one].rsplit("-", 1)[0] for one in ids}


def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kin, "MAX_CORES", 0)


def test_a_campaign_is_found_whose_copies_are_tied_by_nothing_but_a_wallet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = campaign(town())
    window = world.window()
    (warning,) = found(window)
    assert whose(world, warning.samples) == {"puppet"}
    assert warning.actors == 10
    codes = {reason.code: reason.values for reason in warning.reasons}
    assert float(codes["campaign.loosely-alike"]["weight"]) < 0
    assert codes["campaign.shared-wallet"]["having"] == 10
    without(monkeypatch)
    assert found(window) == ()


def test_accounts_that_write_so_without_the_identifier_count_too() -> None:
    world = town()
    text = sentence(world.rng, 40)
    world.campaign(7, text=text, edit=REWORDED, tagged=1, other=0, new=1)
    world.campaign(5, name="other", text=text, edit=REWORDED, tags=(), other=0, new=1)
    (warning,) = found(world.window())
    assert warning.actors >= 11
    (wallet,) = [one for one in warning.reasons if one.code == "campaign.shared-wallet"]
    assert wallet.values["having"] == 7
    assert wallet.values["actors"] == warning.actors


def test_nothing_is_joined_where_most_who_write_so_share_nothing() -> None:
    world = town()
    text = sentence(world.rng, 40)
    world.campaign(6, text=text, edit=REWORDED, tagged=1, other=0, new=1)
    world.campaign(14, name="marchers", text=text, edit=REWORDED, tags=(), other=0, new=1)
    assert joined(world.window()) == []


@pytest.mark.parametrize("kind", ["domain", "invitation", "handle", "address-prefix", "file-hash"])
def test_nothing_is_joined_by_what_a_crowd_shares(kind: str) -> None:
    assert not KINDS[kind].conduct
    world = town()
    world.campaign(12, text=sentence(world.rng, 40), edit=REWORDED, tags=((kind, "x"),), tagged=1, new=1)
    assert joined(world.window()) == []


@pytest.mark.parametrize("kind", ["payment", "wallet", "device", "email", "phone"])
def test_an_identifier_of_conduct_joins_what_is_alike_and_nothing_else(kind: str) -> None:
    world = town()
    world.campaign(9, text=sentence(world.rng, 40), edit=REWORDED, tags=((kind, "x"),), tagged=1, new=1)
    (ids,) = joined(world.window())
    assert whose(world, ids) == {"puppet"}
    assert len(ids) >= 17, "two copies of nine accounts; the ninth text of theirs is about something else"
    assert len(ids) <= 18


def fundraiser(world: World, donors: int = 14) -> World:
    """People give to one wallet and say so in their own words, the address in each."""
    address = "bc1q" + "".join(world.rng.choices("acdefghjklmnpqrstuvwxyz0234567", k=36))
    for at in range(donors):
        text = f"{sentence(world.rng, 25)} {address} {sentence(world.rng, 12)}"
        world.posts.append(Post(f"donor-{at}", text, world.at(), START - 2 * DAY, (("wallet", address),)))
    return world


def household(world: World) -> World:
    """Families of two and flats of four on one device, new to the place, each with their own things to say."""
    for home in range(30):
        for person in range(2 + 2 * (home % 2)):
            for _ in range(4):
                post = Post(f"home-{home}-{person}", sentence(world.rng), world.at(), START - DAY)
                post.tags = (("device", f"tablet-{home}"),)
                world.posts.append(post)
    return world


def newsletter(world: World, writers: int = 12) -> World:
    """A club's new members put its footer, with its address and telephone, under letters that all differ."""
    footer = sentence(world.rng, 8)
    for at in range(writers):
        for _ in range(3):
            text = f"{sentence(world.rng, 30)} {footer}"
            tags = (("email", "club"), ("phone", "club"))
            world.posts.append(Post(f"member-{at}", text, world.at(), START - DAY, tags))
    return world


def shop(world: World, customers: int = 20) -> World:
    """Customers of a reseller, new and with one card between them, ask for what each wants in the shop's form."""
    for at in range(customers):
        for _ in range(2):
            text = f"please order for me {sentence(world.rng, 24)} thank you very much"
            world.posts.append(Post(f"buyer-{at}", text, world.at(), START - DAY, (("payment", "card"),)))
    return world


def petition(world: World) -> World:
    """A call that many sign, some of them on the table's tablet; who likes adds words of their own."""
    call = sentence(world.rng, 30)
    for at in range(40):
        tags = (("domain", "call"), *((("device", "table"),) if at < 12 else ()))
        text = f"{sentence(world.rng, 10)} {changed(world.rng, call, 0.25)}"
        world.posts.append(Post(f"signer-{at}", text, world.at(3, 6), START + 2 * DAY, tags))
    return world


def study_hall(world: World) -> World:
    """A class on the school's computers: three exercises, the answers in each pupil's own words."""
    exercises = [sentence(world.rng, 14) for _ in range(3)]
    for at in range(16):
        for exercise in exercises:
            text = f"{exercise} {sentence(world.rng, 24)}"
            tags = (("device", "hall"), ("invitation", "class"))
            world.posts.append(Post(f"pupil-{at}", text, world.at(4, 5), START + 3 * DAY, tags))
    return world


@pytest.mark.parametrize("crowd", [fundraiser, household, newsletter, shop, petition, study_hall])
def test_nothing_rings_of_harmless_crowds_that_share_an_identifier(
    crowd: Callable[[World], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = [crowd(town(seed)).window() for seed in range(6)]
    rang = [found(window) for window in windows]
    without(monkeypatch)
    assert rang == [found(window) for window in windows], "kin adds nothing"
    if (
        crowd is not petition
    ):  # what is nearly one text, with a device, may ring by its text: docs/warnings.md
        assert not any(rang)


def test_two_templates_of_one_customer_are_not_one_text() -> None:
    for seed in range(6):
        world = town(seed).organisation(12).school(20)
        assert joined(world.window()) == []


def test_two_accounts_are_a_household_and_many_are_a_shop() -> None:
    for number in (kin.LEAST_HOLDERS - 1, kin.MOST_HOLDERS + 1):
        world = campaign(town(people=40), number)
        assert joined(world.window()) == []
    assert len(joined(campaign(town(people=40), kin.MOST_HOLDERS).window())) == 1


def test_a_text_that_is_everybodys_keeps_its_own_cluster() -> None:
    world = town(people=120)
    text = sentence(world.rng, 30)
    world.viral(60, text=text)
    world.campaign(4, text=text, edit=0.05, tagged=1, new=1, other=0)
    assert joined(world.window()) == []


def test_copies_that_are_tied_anyhow_count_in_full() -> None:
    world = town()
    world.campaign(10, text=sentence(world.rng, 40), edit=0.1, tagged=1, new=1, other=0)
    window = world.window()
    (warning,) = found(window)
    assert "campaign.loosely-alike" not in {reason.code for reason in warning.reasons}
    one = seen(window)
    name = int(one.cluster_of_text[one.view.text[one.view.actor == one.view.actor.max()][:1]][0])
    group = one.ledger.group(np.arange(3), frozenset((name,)))
    assert by_text(group, one.ledger) == 1.0


def test_an_identifier_that_helped_to_choose_counts_for_less_than_one_that_did_not() -> None:
    one = seen(campaign(town()).window())
    (name,) = set(one.cluster_of_text[one.cluster_of_text.names].tolist())
    rows = np.flatnonzero(one.cluster_of_text[one.view.text] == name)
    known = weigh(one.ledger.group(rows, frozenset((name,))), one.ledger)
    same = weigh(one.ledger.group(rows, frozenset((-2,))), one.ledger)
    wallet = next(term.value for term in same.terms if term.reason.code == "campaign.shared-wallet")
    short = 1 - by_text(one.ledger.group(rows, frozenset((name,))), one.ledger)
    assert 0.02 < short < 0.5
    assert same.score - known.score == pytest.approx(short * wallet, abs=0.002)


@given(st.integers(0, 1_000), st.integers(1, 400))
@settings(max_examples=12, deadline=None)
def test_the_order_of_arrival_changes_nothing(seed: int, chunk: int) -> None:
    world = campaign(town(seed % 5, people=30), 10).campaign(
        9, name="second", text=sentence(random.Random(seed % 5), 40), edit=REWORDED, tags=(("phone", "p"),)
    )
    window = world.window()
    expected, told = joined(window), found(window)
    assert expected
    posts = list(world.posts)
    random.Random(seed).shuffle(posts)
    other = window_of(posts, chunk=chunk)
    assert sorted(joined(other)) == sorted(expected)
    assert found(other) == told


def test_looking_again_sees_only_what_came_and_says_the_same() -> None:
    world = campaign(town(), 10)
    posts = sorted(world.posts, key=lambda post: post.time)
    for at, post in enumerate(posts):
        post.id = f"event-{at:06d}"
    window = Window()
    for upto in range(100, len(posts) + 100, 100):
        take(window, posts[upto - 100 : upto], upto - 99)
        found(window)
    assert joined(window) == joined(window_of(posts))
    window.evict(START + 4 * DAY)
    window.compact()
    late = [post for post in posts if post.time >= START + 4 * DAY]
    assert joined(window) == joined(window_of(late))


def test_what_is_compared_in_one_look_is_bounded_and_has_its_turn_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = campaign(town(), 12)
    world.campaign(
        12, name="second", text=sentence(world.rng, 40), edit=REWORDED, tags=(("phone", "p"),), tagged=1
    )
    window = world.window()
    assert len(joined(world.window())) == 2
    monkeypatch.setattr(in_common, "MAX_READ", len(window.texts))
    assert len(joined(window)) == 1
    assert len(joined(window)) == 2


def test_only_so_many_uses_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    world = campaign(town())
    monkeypatch.setattr(kin, "MAX_USES", 12)
    window = world.window()
    one = seen(window)
    uses = kin._uses(one.view, window.clusters(), one.ledger.carried)
    assert 0 < len(uses.item) <= 12


def test_among_ever_more_texts_ever_more_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    planes = rng.integers(0, 1 << 63, (40_000, 3), np.uint64)
    own = planes[7].copy()
    alike = in_common.agreeing(planes, own)
    assert 7 in alike
    monkeypatch.setattr(in_common, "FEW", 10)
    fewer = in_common.agreeing(planes, own)
    assert set(fewer.tolist()) <= set(alike.tolist())
    assert fewer.tolist() == [7]


def test_an_hour_of_nothing_but_shared_devices_without_texts_is_nothing() -> None:
    posts = [
        Post(f"short-{at}", "ok", START + at * HOUR // 30, START, (("device", "d"),)) for at in range(30)
    ]
    assert joined(window_of(posts)) == []


def test_a_joined_column_reads_as_a_copy_would() -> None:
    rng = np.random.default_rng(5)
    column = rng.integers(0, 50, 500).astype(np.int32)
    into = {3: 7, 7: 7, 9: 7, 20: 41, 41: 41}
    copied = np.array([into.get(one, one) for one in column.tolist()], np.int32)
    held = Joined(column, into, {7: 0.4, 41: 0.3})
    every = np.arange(500)
    assert held[every].tolist() == copied.tolist()
    assert held.holding(np.array([7, 8])).tolist() == np.isin(copied, [7, 8]).tolist()
    assert held.likeness({7, 41}) == 0.3
    assert held.likeness({8}) is None
    assert Joined.nothing(column)[every].tolist() == column.tolist()
