"""Looking back: a claim, bounded, and corroborated by conduct seen here. Popularity and newness corroborate nothing."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.worlds import DAY, NOW, START, Post, World, changed, sentence
from tocsin.correlate import LookBackResult, Outcome, Window, look_back
from tocsin.correlate.dismissals import OWN, Dismisser, Voice, Voices
from tocsin.kernel import EvidenceStatus, Fingerprint, Indicator, WarningKind, WarningStatus
from tocsin.taxonomy.messages import sentences
from tocsin.wire.fold import fold
from tocsin.wire.sketch import decode, sketch_batch

SLOGAN = "we gather at the old bridge on saturday noon for clean water and honest answers bring a friend and a song"


def indicator(text: str, **changes: object) -> Indicator:
    blob = sketch_batch([fold(text)])[0]
    assert blob is not None
    found = decode(blob)
    plain = Indicator(
        id="indicator--1",
        author="identity--peer",
        peer="platform",
        category="fraud.scam",
        status=EvidenceStatus.OBSERVED,
        basis="two reviewers read the samples",
        fingerprint=Fingerprint(found.signature_bytes, found.shingles),
        valid_from=0,
    )
    return msgspec.structs.replace(plain, **changes)


def result(window: Window, text: str, **changes: object) -> LookBackResult:
    (only,) = look_back(window, [indicator(text, **changes)], now_us=NOW)
    return only


def thin(tags: tuple[tuple[str, str], ...] = (("wallet", "w"),), number: int = 3) -> tuple[Window, str]:
    """A campaign's small part here, beside ordinary people: too thin to ring alone."""
    world = World(3).people(80)
    text = sentence(world.rng, 30)
    world.campaign(number, text=text, tags=tags, tagged=1)
    return world.window(), text


def test_a_thin_part_is_found_with_its_own_evidence() -> None:
    window, text = thin()
    found = result(window, text)
    assert found.outcome is Outcome.WARNING
    warning = found.warning
    assert warning is not None
    assert warning.kind is WarningKind.LOOK_BACK
    assert (warning.indicator, warning.peer, warning.category) == ("indicator--1", "platform", "fraud.scam")
    assert warning.actors == 3
    codes = [reason.code for reason in warning.reasons]
    assert codes[:2] == ["look-back.matches", "look-back.basis"]
    assert "campaign.shared-wallet" in codes
    again = result(window, text).warning
    assert again is not None
    assert again.id == warning.id


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "political.protest"}, "look-back.refused-subject"),
        ({"category": "petition"}, "look-back.refused-subject"),
        ({"category": "speech.unlisted"}, "look-back.refused-category"),
        ({"category": ""}, "look-back.refused-category"),
        ({"status": EvidenceStatus.THEORETICAL}, "look-back.refused-status"),
        ({"basis": "   ."}, "look-back.refused-basis"),
        ({"fingerprint": Fingerprint(b"123", 100)}, "look-back.refused-form"),
        ({"fingerprint": Fingerprint(bytes(256), 30)}, "look-back.refused-short"),
        ({"valid_until": NOW}, "look-back.refused-expired"),
        ({"valid_from": NOW + DAY}, "look-back.refused-early"),
    ],
)
def test_what_is_not_a_bounded_claim_is_refused_before_anything_is_searched(
    changes: dict[str, object], code: str
) -> None:
    window, text = thin()
    found = result(window, text, **changes)
    assert found.outcome is Outcome.REFUSED
    assert found.warning is None
    assert found.reason.code == code
    assert code in sentences()


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]), st.integers(2, 60))
@settings(max_examples=40)
def test_a_protest_slogan_corroborates_nothing(seed: int, new: float, number: int) -> None:
    world = World(seed).people(40).protest(number, new=new, text=SLOGAN)
    found = result(world.window(), SLOGAN)
    assert found.outcome is Outcome.NOTHING
    assert found.warning is None


def test_a_disguised_slogan_of_new_devoted_accounts_corroborates_nothing_either() -> None:
    world = World(6).people(40)
    note = (("evasion", "1", "technique.monitoring-bypass", 0.2, "disguised-words"),)
    tags = (("invitation", "i"), ("address-prefix", "a"), ("domain", "d"))
    for at in range(12):
        shared = (*tags, ("device", f"pair-{at // 2}"))
        for _ in range(4):
            world.posts.append(
                Post(f"n-{at}", changed(world.rng, SLOGAN, 0.05), world.at(2, 3), START + DAY, shared, note)
            )
    found = result(world.window(), SLOGAN)
    assert (found.outcome, found.reason.code) == (Outcome.NOTHING, "look-back.no-corroboration")


def test_an_old_association_whose_office_pays_for_all_is_not_found() -> None:
    world = World(7).people(40)
    for at in range(10):
        created = world.old()
        for _ in range(12):
            world.posts.append(
                Post(f"o-{at}", sentence(world.rng), world.at(), created, (("payment", "office"),))
            )
        world.posts.append(
            Post(f"o-{at}", changed(world.rng, SLOGAN, 0.05), world.at(), created, (("payment", "office"),))
        )
    assert result(world.window(), SLOGAN).outcome is Outcome.NOTHING


def test_a_joke_about_instructions_is_no_conduct_but_a_loud_rule_is() -> None:
    for strength, outcome in ((0.2, Outcome.NOTHING), (1.0, Outcome.WARNING)):
        world = World(8).people(40)
        said = (("phrases", "1", "fraud.scam", strength, "pack/en/0"),)
        for at in range(3):
            for text in (changed(world.rng, SLOGAN, 0.05), sentence(world.rng)):
                world.posts.append(Post(f"n-{at}", text, world.at(2, 4), START + DAY, (), said))
        assert result(world.window(), SLOGAN).outcome is outcome


def test_one_account_and_no_account_are_nothing() -> None:
    window, text = thin(number=1)
    assert result(window, text).reason.code == "look-back.too-few"
    assert result(window, SLOGAN).reason.code == "look-back.no-match"
    assert result(Window(), text).reason.code == "look-back.no-match"


def test_results_come_in_order_and_own_dismissals_quiet() -> None:
    window, text = thin()
    refused = indicator(text, category="petition", id="indicator--2")
    kept = indicator(text)
    first, second = look_back(window, [refused, kept], now_us=NOW)
    assert (first.indicator, second.indicator) == ("indicator--2", "indicator--1")
    warning = second.warning
    assert warning is not None
    statuses = []
    for by in (Dismisser(OWN, OWN), Dismisser("a", "a"), Dismisser("b", "b")):
        said = Voices([Voice(by, kept.fingerprint.signature)])
        (again,) = look_back(window, [kept], now_us=NOW, dismissals=said)
        assert again.warning is not None
        statuses.append(again.warning.status)
    quiet = WarningStatus.QUIETED if warning.score < 9 else WarningStatus.OPEN
    assert statuses == [quiet, WarningStatus.OPEN, WarningStatus.OPEN]
