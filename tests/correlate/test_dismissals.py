"""Dismissals: whose count, how many are needed, what they never silence, and what a hostile dismisser gets."""

import random
from collections.abc import Mapping

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.correlate.worlds import DAY, NOW, World, changed, sentence
from tocsin.correlate import CampaignSettings, find_campaigns
from tocsin.correlate.dismissals import (
    HARD_EVIDENCE,
    MAX_A_WEEK,
    MAX_DAYS,
    OWN,
    PEER_MARGIN,
    SAME_TEMPLATE,
    Dismisser,
    Heard,
    Voice,
    Voices,
    heard_again,
    voices,
)
from tocsin.correlate.evidence import STRONG, THRESHOLD
from tocsin.kernel import Dismissal, Fingerprint, Warning, WarningKind, WarningStatus
from tocsin.kernel.limits import LEAST_DISMISSERS
from tocsin.taxonomy.messages import sentence as said
from tocsin.taxonomy.messages import sentences
from tocsin.wire.fold import fold
from tocsin.wire.sketch import SLOTS, decode, similarity, sketch_batch

ME = "identity--me"
PEERS = {f"identity--{name}": Dismisser(name, f"peer:{name}") for name in ("lab", "platform", "institute")}
KNOWN = {ME: Dismisser(OWN, OWN), **PEERS}
WEAK = THRESHOLD + PEER_MARGIN - 0.1
MIDDLE = THRESHOLD + PEER_MARGIN + 0.1


def print_of(text: str) -> Fingerprint:
    (blob,) = sketch_batch([fold(text)])
    assert blob is not None
    held = decode(blob)
    return Fingerprint(held.signature_bytes, max(held.shingles, 60))


TEMPLATE = print_of(sentence(random.Random(1), 90))


def dismissal(author: str, number: int = 0, **changes: object) -> Dismissal:
    plain = Dismissal(
        id=f"indicator--{author}-{number}",
        author=f"identity--{author}",
        peer=None if author == "me" else author,
        reason="a template of the town's library",
        fingerprint=TEMPLATE,
        expires=NOW + 10 * DAY,
        made=NOW - DAY,
    )
    return msgspec.structs.replace(plain, **changes)


def hear(
    *dismissals: Dismissal,
    score: float = WEAK,
    hard: bool = False,
    needed: int = LEAST_DISMISSERS,
    dismissers: Mapping[str, Dismisser] = KNOWN,
    fingerprint: Fingerprint = TEMPLATE,
    now: int = NOW,
) -> Heard:
    counted = voices(dismissals, dismissers, now_us=now, needed=needed)
    return counted.on(fingerprint.signature, score=score, threshold=THRESHOLD, strong=STRONG, hard=hard)


def code(heard: Heard) -> str:
    return heard.reason.code if heard.reason else ""


def test_one_trusted_peer_quiets_low_evidence_and_k_are_needed_above() -> None:
    lab, platform = dismissal("lab"), dismissal("platform")
    assert hear(lab).quiet
    assert code(hear(lab)) == "dismissed.peers"
    above = hear(lab, score=MIDDLE)
    assert (above.quiet, code(above)) == (False, "dismissed.few")
    assert above.reason is not None
    assert above.reason.values == {"peers": 1, "who": "lab", "needed": 2}
    assert hear(lab, platform, score=MIDDLE).quiet
    assert not hear(lab, platform, score=MIDDLE, needed=3).quiet
    assert hear(lab, platform, dismissal("institute"), score=MIDDLE, needed=3).quiet
    assert not hear(lab, score=MIDDLE, needed=1).quiet, "the floor holds whatever the settings say"


def test_nothing_quiets_strong_evidence_and_no_peer_quiets_hard_evidence() -> None:
    everybody = [dismissal(name) for name in ("me", "lab", "platform", "institute")]
    strong = hear(*everybody, score=STRONG)
    assert (strong.quiet, code(strong)) == (False, "dismissed.strong")
    assert code(hear(dismissal("me"), score=STRONG)) == "dismissed.here-strong"
    hard = hear(*everybody[1:], hard=True)
    assert (hard.quiet, code(hard)) == (False, "dismissed.hard")
    assert hear(dismissal("me"), hard=True).quiet, "a reviewer here has seen the accounts"
    assert "institute, lab, platform (counted as 3)" in said(hard.reason) if hard.reason else False


def test_nodes_of_one_organisation_and_copies_of_one_peer_count_once() -> None:
    roof = {
        **KNOWN,
        "identity--lab": Dismisser("lab", "acme"),
        "identity--platform": Dismisser("platform", "acme"),
    }
    both = [dismissal("lab"), dismissal("platform")]
    assert not hear(*both, score=MIDDLE, dismissers=roof).quiet
    assert hear(*both, dismissal("institute"), score=MIDDLE, dismissers=roof).quiet
    assert not hear(*(dismissal("lab", number) for number in range(9)), score=MIDDLE).quiet


def test_a_weight_is_what_an_operator_gives_it() -> None:
    half = {**KNOWN, "identity--lab": Dismisser("lab", "lab", 0.5)}
    assert not hear(dismissal("lab"), dismissers=half).quiet
    assert hear(dismissal("lab"), dismissal("platform"), dismissers=half).quiet
    assert not hear(dismissal("lab"), dismissal("platform"), score=MIDDLE, dismissers=half).quiet
    mute = {**KNOWN, "identity--lab": Dismisser("lab", "lab", 0)}
    assert hear(dismissal("lab"), dismissers=mute) == Heard(quiet=False)


def test_a_stranger_and_a_relayed_stranger_are_not_heard() -> None:
    stranger = dismissal("nobody", peer="lab")
    counted = voices([stranger], KNOWN, now_us=NOW)
    assert len(counted) == 0
    assert counted.left_out == {("lab", "dismissal.not-heard"): 1}


@pytest.mark.parametrize(
    ("made", "expires", "counts"),
    [
        (NOW - DAY, NOW + 1, True),
        (NOW - DAY, NOW, False),
        (NOW + 1, NOW + DAY, False),
        (NOW, NOW + 1, True),
        (NOW - MAX_DAYS * DAY, NOW + 99_999 * DAY, False),
        (NOW - MAX_DAYS * DAY + 1, NOW + 99_999 * DAY, True),
    ],
)
def test_a_dismissal_counts_in_its_time_and_never_longer_than_half_a_year(
    made: int, expires: int, counts: bool
) -> None:
    assert hear(dismissal("lab", made=made, expires=expires)).quiet is counts


def test_a_flood_counts_up_to_its_cap_whatever_dates_it_writes() -> None:
    rng = random.Random(5)
    flood = [
        dismissal(
            "lab",
            number,
            made=NOW - rng.randrange(400) * DAY,
            expires=NOW + 9_999 * DAY,
            fingerprint=Fingerprint(rng.randbytes(4 * SLOTS), 100),
        )
        for number in range(4_000)
    ]
    counted = voices(flood, KNOWN, now_us=NOW)
    assert len(counted) <= (MAX_DAYS // 7 + 2) * MAX_A_WEEK
    assert counted.left_out["lab", "dismissal.flood"] > 0
    one_week = [dismissal("lab", number) for number in range(MAX_A_WEEK + 7)]
    assert voices(one_week, KNOWN, now_us=NOW).left_out == {("lab", "dismissal.flood"): 7}
    roof = {name: Dismisser(by.peer, "acme") for name, by in PEERS.items()}
    shared = [
        dismissal(name, number) for name in ("lab", "platform", "institute") for number in range(MAX_A_WEEK)
    ]
    assert len(voices(shared, roof, now_us=NOW)) == MAX_A_WEEK, "under one roof, one cap"


def test_short_texts_of_peers_dismiss_nothing() -> None:
    short = Fingerprint(TEMPLATE.signature, 12)
    assert not hear(dismissal("lab", fingerprint=short)).quiet
    assert voices([dismissal("lab", fingerprint=short)], KNOWN, now_us=NOW).left_out == {
        ("lab", "dismissal.short"): 1
    }


@given(st.integers(0, SLOTS), st.integers(0, 2**32 - 1))
def test_a_forged_signature_covers_one_of_two_unlike_templates_at_most(cut: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = (rng.integers(0, 2**32, SLOTS, np.uint32) for _ in range(2))
    where = rng.permutation(SLOTS)
    forged = one.copy()
    forged[where[:cut]] = other[where[:cut]]
    covered = [similarity(forged.astype("<u4"), each) >= SAME_TEMPLATE for each in (one, other)]
    assert sum(covered) <= 1


@given(st.integers(0, 10_000))
def test_a_dismissal_does_not_swallow_a_neighbour(seed: int) -> None:
    """A text of which half the words are others is another template, however often the first was dismissed."""
    rng = random.Random(seed)
    text = sentence(rng, 90)
    neighbour = print_of(changed(rng, text, 0.5))
    everybody = [dismissal(name, fingerprint=print_of(text)) for name in ("me", "lab", "platform")]
    assert hear(*everybody, fingerprint=neighbour) == Heard(quiet=False)


def test_many_different_dismissals_leave_a_campaign_of_its_own_alone() -> None:
    rng = random.Random(3)
    generic = [
        dismissal("lab", number, fingerprint=print_of(sentence(rng, 60))) for number in range(MAX_A_WEEK)
    ]
    assert hear(*generic) == Heard(quiet=False)


def disguised() -> World:
    """A campaign that shares a link and writes in disguise: no conduct of its accounts is known."""
    return World(1).campaign(
        12, tags=(("domain", "d.example"),), tagged=1, evading=1, new=1, each=1, other=0, edit=0.05
    )


def by(warning: Warning, *names: str) -> Voices:
    assert warning.signature is not None
    prints = Fingerprint(warning.signature, max(warning.shingle_count, 60))
    return voices([dismissal(name, fingerprint=prints) for name in names], KNOWN, now_us=NOW)


def test_campaigns_are_quieted_by_the_same_rules() -> None:
    window = disguised().window()
    (warning,) = find_campaigns(window, now_us=NOW)
    assert THRESHOLD + PEER_MARGIN < warning.score < STRONG

    def status(*names: str, strong: float = STRONG) -> WarningStatus:
        chosen = CampaignSettings(strong=strong)
        (again,) = find_campaigns(window, now_us=NOW, dismissals=by(warning, *names), settings=chosen)
        return again.status

    assert status("me") is WarningStatus.QUIETED
    assert status("me", strong=warning.score) is WarningStatus.OPEN
    assert status("lab") is WarningStatus.OPEN
    assert status("lab", "platform") is WarningStatus.QUIETED


def test_a_peer_that_dismisses_its_own_campaign_with_friends_does_not_silence_shared_wallets() -> None:
    """The campaign's text is dismissed by every peer there is; the accounts share a wallet here."""
    for seed in range(6):
        window = World(seed).people(60).campaign(9, tags=(("wallet", "w"),), tagged=1, new=0.4).window()
        for warning in find_campaigns(window, now_us=NOW):
            everybody = by(warning, "lab", "platform", "institute")
            (again,) = [
                one
                for one in find_campaigns(window, now_us=NOW, dismissals=everybody)
                if one.id == warning.id
            ]
            assert again.status is WarningStatus.OPEN
            assert again.reasons[-1].code in {"dismissed.hard", "dismissed.strong"}
            assert again.reasons[-1].values["who"] == "institute, lab, platform"


def test_a_quieted_warning_that_left_the_window_is_heard_again_when_it_is_revoked() -> None:
    window = disguised().window()
    (warning,) = find_campaigns(window, now_us=NOW)
    (quiet,) = find_campaigns(window, now_us=NOW, dismissals=by(warning, "lab", "platform"))
    levels = {"threshold": THRESHOLD, "strong": STRONG}
    assert heard_again(quiet, by(warning, "lab", "platform"), **levels) is quiet
    fewer = heard_again(quiet, by(warning, "lab"), **levels)
    assert (fewer.status, fewer.reasons[-1].code) == (WarningStatus.OPEN, "dismissed.few")
    nobody = heard_again(quiet, Voices(), **levels)
    assert (nobody.status, nobody.reasons) == (WarningStatus.OPEN, warning.reasons)
    assert heard_again(warning, by(warning, "me"), **levels) is warning, "only what was quiet is looked at"
    looked_back = msgspec.structs.replace(quiet, kind=WarningKind.LOOK_BACK)
    assert heard_again(looked_back, by(warning, "lab", "platform"), **levels).status is WarningStatus.OPEN


@given(
    st.lists(st.sampled_from(["lab", "platform", "institute", "nobody"]), max_size=6),
    st.floats(0, 12),
    st.booleans(),
    st.integers(0, 5),
)
def test_more_dismissals_never_make_it_louder_and_never_pass_the_bounds(
    names: list[str], score: float, hard: bool, needed: int
) -> None:
    heard = hear(
        *(dismissal(n, at) for at, n in enumerate(names)), score=score, hard=hard, needed=max(needed, 1)
    )
    more = hear(
        *(dismissal(n, at) for at, n in enumerate([*names, "lab"])),
        score=score,
        hard=hard,
        needed=max(needed, 1),
    )
    assert more.quiet >= heard.quiet
    if heard.quiet:
        assert not hard
        assert score < STRONG
        assert score < THRESHOLD + PEER_MARGIN or len(set(names) - {"nobody"}) >= LEAST_DISMISSERS


def test_every_reason_has_its_sentence() -> None:
    codes = ("here", "here-strong", "peers", "few", "hard", "strong")
    assert {f"dismissed.{one}" for one in codes} <= set(sentences())
    assert HARD_EVIDENCE > 0
    many = Voices([Voice(Dismisser(f"p{n}", f"p{n}"), TEMPLATE.signature) for n in range(9)])
    heard = many.on(TEMPLATE.signature, score=WEAK, threshold=THRESHOLD, strong=STRONG, hard=False)
    assert heard.reason is not None
    assert heard.reason.values["who"] == "p0, p1, p2, p3, p4 + 4"
