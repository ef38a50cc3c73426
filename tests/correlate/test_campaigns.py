"""Campaigns: who repeats decides; names stay; order and bystanders change nothing."""

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.worlds import DAY, HOUR, NOW, START, Post, World, changed, sentence, window_of
from tocsin.correlate import CampaignSettings, Window, find_campaigns
from tocsin.correlate.describing import warning_id
from tocsin.correlate.evidence import CAP_CONTEXT, CAP_CROWD, FLOOR, STRONG, THRESHOLD
from tocsin.kernel import Level, Warning, WarningKind
from tocsin.taxonomy.messages import sentence as said
from tocsin.taxonomy.messages import sentences
from tocsin.wire.fold import fold
from tocsin.wire.sketch import decode, sketch_batch


def found(window: Window) -> tuple[Warning, ...]:
    return find_campaigns(window, now_us=NOW)


def puppets(world: World, warning: Warning) -> str:
    """The crowd that most samples of a warning come from."""
    actors = {post.id: post.actor for post in world.posts}
    return Counter(actors[sample].rsplit("-", 1)[0] for sample in warning.samples).most_common(1)[0][0]


def obfuscated(number: int = 12) -> World:
    return World(1).campaign(
        number, tags=(("domain", "d.example"),), tagged=1, evading=1, new=1, each=1, other=0, edit=0.05
    )


def test_a_small_new_disguised_campaign_rings_on_an_empty_node() -> None:
    (warning,) = found(obfuscated().window())
    assert warning.actors == 12
    assert warning.score >= THRESHOLD
    assert warning.confidence <= 80, "with no history of its own a node is not sure"
    codes = [reason.code for reason in warning.reasons]
    assert codes[0] == "campaign.repeats"
    assert {"campaign.new-accounts", "campaign.evasion", "campaign.shared-domain"} <= set(codes)
    assert warning.category == "influence.inauthentic"
    assert warning.risk.attribution is Level.HIGH
    assert warning.risk.uplift is Level.NONE, "what is not known stays N"


@pytest.mark.parametrize("number", [20, 60, 200])
def test_old_diverse_accounts_with_one_viral_text_do_not_ring(number: int) -> None:
    assert found(World(number).viral(number, tags=(("domain", "fun.example"),)).window()) == ()
    assert found(World(number).people(150).viral(number, new=0.3).window()) == ()


def test_repetition_alone_never_rings_whatever_the_number() -> None:
    text = sentence(random.Random(4))
    for dated in (START - 400 * DAY, None):
        posts = [Post(f"a-{at}", text, START + at * HOUR, dated) for at in range(300)]
        assert found(window_of(posts)) == ()


@pytest.mark.parametrize(("on_each", "rings"), [(2, False), (3, True)])
def test_two_accounts_on_one_device_are_a_household(on_each: int, rings: bool) -> None:
    """New accounts that hand in one text, as a class does; three of them on one device are more than neighbours."""
    world = World(6).people(80)
    text = sentence(world.rng)
    for at in range(12):
        device = ("device", f"d{at // on_each}")
        made = START + DAY + at * HOUR
        world.posts.append(Post(f"pupil-{at}", changed(world.rng, text, 0.05), made + HOUR, made, (device,)))
    assert bool(found(world.window())) == rings


def test_what_a_harmless_crowd_shows_stays_below_the_threshold() -> None:
    assert max(CAP_CROWD, CAP_CONTEXT) < THRESHOLD < STRONG
    assert FLOOR < THRESHOLD
    world = World(3).campaign(
        40,
        new=1,
        other=0,
        each=4,
        days=(3, 3.02),
        tags=tuple(
            (kind, "x") for kind in ("domain", "handle", "invitation", "address-prefix", "file-hash", "odd")
        ),
        tagged=1,
    )
    assert found(world.window()) == ()


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_bystanders_never_ring(seed: int) -> None:
    world = World(seed).people(60).viral(25).organisation(6).bots(5).school(12)
    assert found(world.window()) == ()


@given(st.integers(0, 10_000))
@settings(max_examples=8)
def test_the_order_of_arrival_changes_nothing(seed: int) -> None:
    world = World(5).people(60).viral(20).campaign(10).campaign(9, name="other", tags=(("device", "d"),))
    plain = found(world.window())
    assert plain
    assert found(world.window(shuffle=seed)) == plain


def test_more_shared_identifiers_never_lower_the_score() -> None:
    scores = []
    for tagged in range(11):
        world = World(8).people(80)
        text = sentence(world.rng, 30)
        for at in range(10):
            tags = (("payment", "p"),) if at < tagged else ()
            for _ in range(2):
                world.posts.append(
                    Post(f"c-{at}", changed(world.rng, text, 0.1), world.at(2, 9), START, tags)
                )
        world.rng.seed(99)
        warnings = find_campaigns(world.window(), now_us=NOW, settings=CampaignSettings(threshold=-99))
        scores.append(next(one.score for one in warnings if puppets(world, one) == "c"))
    assert scores == sorted(scores)
    assert scores[-1] > scores[0] + 3


def test_an_identifier_that_much_of_the_node_shares_is_worth_little() -> None:
    def score(popular: bool) -> float:
        world = World(9).people(120)
        if popular:
            for post in world.posts:
                post.tags = (("payment", "big-bank"),)
        world.campaign(10, new=0.5, tags=(("payment", "big-bank"),), tagged=1)
        settings_all = CampaignSettings(threshold=-99)
        warnings = find_campaigns(world.window(), now_us=NOW, settings=settings_all)
        return next(one.score for one in warnings if puppets(world, one) == "puppet")

    assert score(popular=False) > score(popular=True) + 3


def test_unknown_dates_are_neutral() -> None:
    world = World(10).people(80).campaign(10)
    dated = found(world.window())[0].score
    for post in world.posts:
        post.created = None
    (undated,) = find_campaigns(world.window(), now_us=NOW, settings=CampaignSettings(threshold=3))
    assert undated.score < dated
    assert "campaign.new-accounts" not in [reason.code for reason in undated.reasons]


def test_a_flag_on_the_text_itself_is_no_flag_on_the_account() -> None:
    world = World(12).people(40)
    joke, note = sentence(world.rng), (("phrases", "1", "technique.requirement-hijack", 0.2, "x/en/0"),)
    for at in range(30):
        world.posts.append(Post(f"old-{at}", joke, world.at(), world.old(), (), note))
        world.posts.append(Post(f"old-{at}", sentence(world.rng), world.at(), world.old()))
    (warning,) = find_campaigns(world.window(), now_us=NOW, settings=CampaignSettings(threshold=-99))
    assert "campaign.flagged" not in [reason.code for reason in warning.reasons]


def test_accounts_that_used_another_confirmed_text_count() -> None:
    world = World(13).people(80).campaign(10, tags=(), new=0.6)
    other = sentence(world.rng)
    for at in range(6):
        world.posts.append(Post(f"puppet-{at}", other, world.at(), world.old()))
    window = world.window()
    assert found(window) == ()
    (blob,) = sketch_batch([fold(other)])
    assert blob is not None
    (warning,) = find_campaigns(window, now_us=NOW, confirmed=[decode(blob).signature_bytes])
    assert "campaign.flagged" in [reason.code for reason in warning.reasons]


def test_confirming_a_text_adds_nothing_to_its_own_score() -> None:
    """Otherwise every confirmation would prove itself, and the reason would say what is not so."""
    window = World(17).people(80).campaign(14).window()
    (before,) = find_campaigns(window, now_us=NOW)
    assert before.signature is not None
    (after,) = find_campaigns(window, now_us=NOW, confirmed=[before.signature])
    assert (after.score, after.reasons) == (before.score, before.reasons)


def test_a_growing_campaign_keeps_its_name() -> None:
    world = World(14).people(60).campaign(20)
    for at, post in enumerate(world.posts):
        post.id = f"event-{at}"
    posts = sorted(world.posts, key=lambda post: post.time)
    cut = [post for post in posts if post.time < START + 9 * DAY]
    (early,) = find_campaigns(window_of(cut), now_us=START + 9 * DAY)
    assert early.id == warning_id(WarningKind.CAMPAIGN, early.key)
    late_arrival = Post("puppet-99", posts[0].text, START + HOUR, START, id="late")
    late_arrival.text = next(post.text for post in posts if post.actor.startswith("puppet"))
    (later,) = find_campaigns(window_of([*posts, late_arrival]), now_us=NOW, known=[early])
    assert later.id == early.id
    assert later.key == early.key
    assert later.actors > early.actors
    assert later.first_seen <= early.first_seen
    (unnamed,) = find_campaigns(window_of([*posts, late_arrival]), now_us=NOW)
    assert unnamed.id != early.id, "the earlier event would name it anew: that is why `known` is asked for"


def test_a_campaign_beyond_the_window_counts_only_its_densest_days() -> None:
    world = World(15).campaign(12, days=(2, 12))
    text = next(post.text for post in world.posts)
    world.posts.append(Post("puppet-0", text, NOW - 29 * DAY, NOW - 40 * DAY))
    (warning,) = found(world.window())
    assert warning.first_seen > NOW - 15 * DAY
    assert sum(count for _, count in warning.timeline) == warning.events
    assert len(set(warning.samples)) == len(warning.samples) <= 8


def test_every_reason_has_a_sentence_and_names_nobody() -> None:
    codes = sentences()
    world = (
        World(16)
        .people(60)
        .campaign(
            14,
            evading=0.5,
            tags=tuple((kind, f"raw-{kind}") for kind in ("wallet", "device", "email", "phone", "domain")),
        )
    )
    (warning,) = found(world.window())
    for reason in (*warning.reasons, *warning.refutations):
        assert reason.code in codes
        for language in ("en", "zh"):
            assert "{" not in said(reason, language)
            assert "raw-" not in said(reason, language)
            assert "puppet" not in msgspec.json.encode(reason).decode()


@pytest.mark.slow
def test_thirty_seeded_towns() -> None:
    hits: Counter[str] = Counter()
    for seed in range(30):
        world = World(seed).people(200, new=0.05 + 0.15 * random.Random(seed).random())
        for number in range(4):
            world.viral(30 + 20 * number, tags=(("domain", f"v{number}.example"),) if number % 2 else ())
        world.organisation(12).organisation(8, "org2", dated=seed % 2 == 0).bots(6).school(20).protest(20)
        world.campaign(12, name="wallet").campaign(
            10, name="disguised", tags=(("domain", "dx"),), evading=0.7, new=0.9
        )
        world.campaign(9, name="device", edit=0.2, tags=(("device", "d1"), ("domain", "dd")), new=0.6)
        hits.update({puppets(world, warning) for warning in found(world.window())})
    assert hits["wallet"] >= 28
    assert hits["device"] >= 26
    assert hits["disguised"] >= 15
    harmless = sum(hits.values()) - hits["wallet"] - hits["device"] - hits["disguised"]
    assert harmless <= 1, hits
