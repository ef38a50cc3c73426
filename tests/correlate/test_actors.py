"""Clusters of accounts and the guarded word on them: what ties, what never ties, and what a profile must hold."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.actors import (
    CONDUCT,
    LINK,
    Alternative,
    Capability,
    Cluster,
    Explanation,
    Form,
    Picture,
    Profile,
    candidates,
    picture_of,
    ties_of,
    traits_of,
)
from tocsin.correlate.actors.judging import of_people
from tocsin.correlate.actors.ties import weight
from tocsin.correlate.evidence import KINDS
from tocsin.kernel import Reason, RiskVector, Warning, WarningKind
from tocsin.store import EVENT_SCHEMA
from tocsin.store.links_interface import ACT_COLUMNS, Held
from tocsin.taxonomy.messages import sentences

HOUR = 3_600_000_000
DAY = 24 * HOUR
START = 1_780_000_000_000_000
ACTS = pa.schema([EVENT_SCHEMA.field(name) for name in ACT_COLUMNS])

WARNING = Warning(
    id="w",
    kind=WarningKind.CAMPAIGN,
    key="k",
    category="fraud.scam",
    actors=12,
    events=30,
    first_seen=START,
    last_seen=START + DAY,
    score=7.0,
    threshold=6.0,
    confidence=70,
    risk=RiskVector(),
    reasons=(),
    refutations=(),
)


class Town:
    """Who holds what; ordinary life of a thousand others stands in `others`, by identifier."""

    def __init__(self, *, people: int = 1_000) -> None:
        self.people = people
        self.holds: dict[str, list[tuple[str, str]]] = {}
        self.others: dict[tuple[str, str], list[str]] = {}
        self.times: dict[str, list[int]] = {}
        self.aside: dict[str, int] = {}

    def account(
        self,
        name: str,
        *holds: tuple[str, str],
        times: Sequence[float] = (0, 7, 31),
        aside: int = 0,
    ) -> None:
        """`times` in hours are in the warning; `aside` as many events are not."""
        self.holds[name] = list(holds)
        self.times[name] = [START + int(at * HOUR) for at in times]
        self.aside[name] = aside

    def acts(self, *, shuffle: int | None = None) -> tuple[pa.Table, set[str]]:
        rows: list[dict[str, Any]] = []
        inside: set[str] = set()
        for name, holds in self.holds.items():
            moments = [(at, True) for at in self.times[name]]
            moments += [(START + (50 + 17 * n * n) * HOUR, False) for n in range(self.aside[name])]
            for number, (at, warned) in enumerate(moments):
                event = f"{name}:{number:03d}"
                if warned:
                    inside.add(event)
                rows.append(
                    {
                        "id": event,
                        "time": at,
                        "kind": "content.post",
                        "actor": name,
                        "actor_created": START - 100 * DAY,
                        "observables": [{"type": kind, "value": value} for kind, value in holds],
                        "signals": [],
                    }
                )
        if shuffle is not None:
            random.Random(shuffle).shuffle(rows)
        table = pa.Table.from_pylist(rows, schema=ACTS)
        return table.sort_by([("time", "ascending"), ("id", "ascending")]), inside

    def picture(self, *, shuffle: int | None = None) -> Picture:
        acts, inside = self.acts(shuffle=shuffle)
        traits, held_by, _ = traits_of(acts, inside)
        asked = candidates(held_by)
        if shuffle is not None:
            random.Random(shuffle).shuffle(asked)
        held = []
        for key in asked:
            named = dict.fromkeys([*held_by[key], *self.others.get(key, ())], 1)
            held.append(Held(len(named), named if len(named) <= 200 else {}))
        accounts = dict.fromkeys(KINDS, self.people)
        return picture_of(WARNING, traits, ties_of(held_by, asked, held, accounts))

    def cluster(self) -> Cluster:
        (found,) = self.picture().clusters
        return found


def group(size: int = 8, *, devices: int = 3) -> Town:
    """One hand: few devices, one card."""
    town = Town()
    for at in range(size):
        town.account(f"g{at}", ("device", f"d{at % devices}"), ("payment", "card"))
    return town


def test_a_group_is_one_cluster_with_its_evidence_and_what_speaks_against_it() -> None:
    found = group().cluster()
    assert (found.warned, found.linked) == (8, 0)
    profile = found.profile
    assert profile.form is Form.GROUP
    assert not profile.harmless_likelier
    assert profile.domain == "fraud.scam"
    assert profile.capability in (Capability.NOVICE, Capability.SKILLED)
    assert {one.explanation for one in profile.alternatives} >= {
        Explanation.FALSE_FLAG,
        Explanation.HARMLESS_USE,
    }
    codes = [reason.code for reason in profile.evidence]
    assert codes[0] == "actors.component"
    assert {"campaign.shared-payment", "campaign.shared-device"} <= set(codes)


def test_a_program_is_told_from_people_by_its_clock() -> None:
    town = Town()
    for at in range(12):
        times = [at / 60 + n * 0.5 for n in range(20)]
        town.account(f"m{at}", ("device", f"d{at % 2}"), ("payment", "card"), times=times)
    assert town.cluster().profile.form is Form.NETWORK


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_family_shares_everything_and_is_a_family(size: int) -> None:
    town = Town()
    for at in range(size):
        town.account(f"a{at}", ("device", "tablet"), ("payment", "card"), ("phone", "line"), aside=1)
    profile = town.cluster().profile
    assert (profile.form, profile.harmless_likelier) == (Form.SHARED, True)


def test_two_on_one_device_are_a_household_first() -> None:
    town = Town()
    town.account("a", ("device", "tablet"), aside=9)
    town.account("b", ("device", "tablet"), aside=4)
    town.account("c", ("device", "other"))
    picture = town.picture()
    (found,) = picture.clusters
    assert (found.profile.form, picture.alone) == (Form.SHARED, 1)
    assert found.profile.harmless_likelier
    assert (found.profile.domain, found.profile.risk) == (None, None)


def test_what_many_others_use_ties_nobody() -> None:
    """A library's computer, a reseller's card: most of those who hold them are elsewhere."""
    town = Town()
    for at in range(6):
        town.account(f"a{at}", ("device", "library"), ("payment", "reseller"))
    town.others = {
        ("device", "library"): [f"reader{n}" for n in range(60)],
        ("payment", "reseller"): [f"client{n}" for n in range(300)],
    }
    assert town.picture().clusters == ()


def test_a_hundred_people_of_a_protest_are_people() -> None:
    """New, invited by one link, behind one campus prefix, on one hashtag and file: nothing of it ties."""
    town = Town()
    shared = (
        ("invitation", "march"),
        ("address-prefix", "campus"),
        ("domain", "march.example"),
        ("handle", "march"),
        ("file-hash", "leaflet"),
    )
    for at in range(100):
        town.account(f"p{at}", ("device", f"d{at}"), *shared)
    picture = town.picture()
    assert picture.clusters == ()
    assert picture.alone == 100
    assert picture.people is not None
    assert picture.people.form is Form.PEOPLE
    assert picture.people.harmless_likelier
    assert (picture.people.domain, picture.people.risk) == (None, None)


def test_a_strike_funds_wallet_ties_nobody_whose_text_names_it() -> None:
    """It stands beside the appeal and nowhere else: that is the repetition again."""
    town = Town()
    for at in range(40):
        town.account(f"p{at}", ("device", f"d{at}"), ("wallet", "fund"), ("invitation", "march"), aside=0)
    picture = town.picture()
    assert picture.clusters == ()
    assert picture.alone == 40


def test_a_wallet_that_accounts_hold_beside_it_ties_people_first() -> None:
    """They name it in other words too: friends of the fund, or one hand. One fact does not decide."""
    town = Town()
    for at in range(40):
        town.account(f"p{at}", ("device", f"d{at}"), ("wallet", "fund"), aside=2)
    profile = town.cluster().profile
    assert profile.form is Form.PEOPLE
    assert profile.harmless_likelier


@pytest.mark.parametrize(
    ("kind", "form"), [("payment", Form.SERVICE), ("device", Form.SHARED), ("wallet", Form.PEOPLE)]
)
def test_one_fact_never_makes_a_group(kind: str, form: Form) -> None:
    town = Town()
    for at in range(20):
        town.account(f"a{at}", (kind, "one"), ("device", f"own{at}"), times=(0, 3, 9, 11), aside=1)
    profile = town.cluster().profile
    assert (profile.form, profile.harmless_likelier) == (form, True)
    assert "actors.one-fact" in [reason.code for reason in profile.evidence]


def test_one_card_for_many_busy_people_is_a_service_first() -> None:
    town = Town()
    for at in range(20):
        town.account(f"c{at}", ("device", f"d{at}"), ("payment", "school"), aside=12)
    town.others = {("payment", "school"): [f"pupil{n}" for n in range(12)]}
    assert town.cluster().profile.form is Form.SERVICE


def test_an_account_from_outside_enters_only_where_it_joins_what_is_apart() -> None:
    town = Town()
    town.account("a", ("device", "d1"))
    town.account("b", ("payment", "p1"))
    town.account("c", ("device", "d3"))
    town.others = {
        ("device", "d1"): ["joins"],
        ("payment", "p1"): ["joins"],
        ("device", "d3"): ["sister"],
    }
    picture = town.picture()
    (found,) = picture.clusters
    assert [(account.name, account.warned) for account in found.accounts] == [
        ("a", True),
        ("b", True),
        ("joins", False),
    ]
    assert picture.alone == 1


def test_two_groups_of_one_reseller_are_two_parts() -> None:
    town = Town()
    for at in range(16):
        side = at // 8
        town.account(f"g{at:02d}", ("device", f"d{side}"), ("email", f"e{side}"), ("phone", f"f{side}"))
    town.account("g16", ("device", "d0"), ("device", "d1"))
    found = town.cluster()
    assert found.parts == 2
    assert len(found.accounts) == 17


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_arrival_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    town = Town()
    for at in range(60):
        kinds = rng.sample(sorted(CONDUCT), 2)
        town.account(f"a{at}", *((kind, f"{kind}{rng.randrange(20)}") for kind in kinds), aside=at % 5)
    assert town.picture() == town.picture(shuffle=seed + 1)
    assert town.picture() == town.picture(shuffle=seed + 100)


@given(
    kind=st.sampled_from(sorted(KINDS)),
    warned=st.integers(2, 50),
    elsewhere=st.integers(0, 500),
    extra=st.integers(1, 500),
    others=st.integers(0, 5_000),
)
def test_the_more_others_use_it_the_less_it_weighs(
    kind: str, warned: int, elsewhere: int, extra: int, others: int
) -> None:
    everybody = warned + elsewhere + extra + others
    few = weight(kind, warned=warned, elsewhere=elsewhere, of_warned=warned, of_all=everybody)
    many = weight(kind, warned=warned, elsewhere=elsewhere + extra, of_warned=warned, of_all=everybody)
    assert 0 <= many <= few


@given(kind=st.sampled_from(sorted(KINDS)), warned=st.integers(1, 300), elsewhere=st.integers(1, 300))
def test_what_is_in_the_warning_by_chance_weighs_nothing(kind: str, warned: int, elsewhere: int) -> None:
    """Where a third of all accounts are warned, a third of a library's are: that says nothing."""
    by_chance = 10_000 * warned // (warned + elsewhere) + 1
    assert weight(kind, warned=warned, elsewhere=elsewhere, of_warned=by_chance, of_all=10_000) == 0


@pytest.mark.parametrize("kind", sorted(set(KINDS) - CONDUCT))
def test_what_a_crowd_shares_never_binds(kind: str) -> None:
    town = Town(people=1_000_000)
    for at in range(9):
        town.account(f"a{at}", (kind, "one"))
    assert town.picture().clusters == ()
    assert weight(kind, warned=9, elsewhere=0, of_warned=9, of_all=1_000_000) < LINK


def profile(**changed: Any) -> Profile:
    return msgspec.structs.replace(group().cluster().profile, **changed)


@pytest.mark.parametrize(
    "without", [Explanation.FALSE_FLAG, Explanation.HARMLESS_USE], ids=lambda one: one.value
)
def test_no_profile_without_a_false_flag_and_a_harmless_reading(without: Explanation) -> None:
    kept = tuple(one for one in profile().alternatives if one.explanation is not without)
    with pytest.raises(ValueError, match="alternatives"):
        profile(alternatives=kept)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"alternatives": ()}, "false flag"),
        ({"confidence": 81}, "confidence"),
        ({"confidence": 0}, "confidence"),
        ({"evidence": ()}, "evidence"),
        ({"refutations": ()}, "refute"),
        ({"domain": "political"}, "category"),
        ({"domain": "nationality"}, "category"),
        ({"form": Form.PEOPLE}, "harmless form"),
        (
            {"alternatives": (Alternative(Explanation.FALSE_FLAG, 90, Reason("x")),)},
            "alternatives|100",
        ),
    ],
)
def test_a_profile_that_says_too_much_cannot_be_made(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        profile(**changed)


def _fields(kind: Any) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield field.name
            yield from _fields(field.type)
    for inner in get_args(kind):
        yield from _fields(inner)


def test_no_field_could_hold_who_somebody_is() -> None:
    names = set(_fields(Picture))
    assert "would_decide" in names  # the walk reaches what lies deep
    for word in ("lang", "language", "country", "nation", "region", "belief", "religion", "source", "text"):
        assert not [name for name in names if word in name.split("_")], word
    assert not set(ACT_COLUMNS) & {"lang", "source", "session", "model", "tool", "seal_day"}


def _reasons(found: Picture) -> Iterator[Reason]:
    profiles = [cluster.profile for cluster in found.clusters]
    for one in [*profiles, *([found.people] if found.people else [])]:
        yield from (*one.evidence, *one.refutations, one.way_in)
        yield from (alternative.would_decide for alternative in one.alternatives)


@pytest.mark.parametrize("town", ["group", "program", "wallet", "school"])
def test_everything_that_is_said_has_its_sentence(town: str) -> None:
    made = Town()
    for at in range(12):
        times = [n * 0.5 for n in range(20)] if town == "program" else [0.0, 5.0, 31.0]
        kind = {"wallet": "wallet", "school": "payment"}.get(town, "device")
        made.account(
            f"a{at}", (kind, "one"), ("domain", "x"), times=times, aside=0 if town != "school" else 9
        )
    made.account("apart")
    known = sentences()
    said = list(_reasons(made.picture()))
    assert said
    for reason in said:
        assert reason.code in known, reason.code


@pytest.mark.parametrize("form", list(Form))
def test_each_form_has_its_sentences(form: Form) -> None:
    known = sentences().keys()
    assert f"actors.way-in-{form.value}" in known
    if form is not Form.LONE:
        assert {f"actors.decide-{form.value}", f"actors.refute-{form.value}"} <= known


def test_one_account_is_one_account() -> None:
    alone = of_people(1)
    assert alone.form is Form.LONE
    assert alone.harmless_likelier


def test_a_thousand_accounts_on_one_card_are_one_cluster() -> None:
    """They hang on the card: a clique of them would have half a million edges."""
    town = Town(people=100_000)
    for at in range(1_000):
        town.account(f"a{at:04d}", ("payment", "card"), ("device", f"d{at % 50}"), times=(0,))
    assert town.cluster().warned == 1_000
