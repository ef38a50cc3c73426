"""Campaigns of a history: those of a node's look, by pseudonyms alone; a flood and a template; looks that slide."""

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import missing
from tests.correlate.worlds import DAY, START, Post, World, changed, sentence
from tocsin.app.replay import LINES, Recipe
from tocsin.app.replay_campaigns import replay
from tocsin.app.replay_campaigns_spark import replay as under_spark
from tocsin.app.replay_looks import looks_over
from tocsin.app.replay_traces import traced
from tocsin.correlate import CampaignSettings, Window, find_campaigns
from tocsin.store.schemas import EVENT_SCHEMA
from tocsin.taxonomy.packs import shipped_packs
from tocsin.trust.pseudonyms import Pseudonyms

RECIPE = Recipe(packs=shipped_packs())
KEY = b"k" * 32


def moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


def write(world: World, file: Path, later: int = 0) -> None:
    """The posts of a world as an operator's history, in any order, `later` microseconds later."""
    rng = random.Random(5)
    rows = [
        {
            "id": f"{file.stem}-{number}",
            "time": moment(post.time + later),
            "source": "feed",
            "kind": "content.post",
            "actor": post.actor,
            "text": post.text,
            "actor_created": None if post.created is None else moment(post.created + later),
            "observables": [{"type": kind, "value": value} for kind, value in post.tags],
        }
        for number, post in enumerate(world.posts)
    ]
    rng.shuffle(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=LINES), file)


def town() -> World:
    """People, a harmless template that everybody repeats, and two campaigns, one of kin (`correlate.kin`)."""
    world = World(2).people(120).viral(60, tags=(("domain", "fun.example"),)).viral(30)
    world.campaign(14, name="card", tags=(("payment", "de-1-4077"),), tagged=0.9)
    return world.campaign(9, name="purse", tags=(("phone", "+4915112345678"),), tagged=1.0, edit=0.38)


def flooded(world: World, number: int) -> World:
    """Beside it one text in many wordings, by old accounts that share nothing."""
    rng = random.Random(8)
    text = sentence(rng, 30)
    world.posts += [
        Post(f"flood-{at}", changed(rng, text, 0.08), START + 2 * DAY + at * 60_000_000, START - 400 * DAY)
        for at in range(number)
    ]
    return world


def rows_of(file: Path) -> list[dict[str, Any]]:
    return pq.read_table(file).to_pylist()


def as_a_node(file: Path) -> list[tuple[str, float, int, tuple[str, ...]]]:
    """What a node's own window finds in a history whose last event is the present."""
    (traces,) = (
        traced(RECIPE, KEY, batch)
        for batch in pa.Table.to_batches(pq.read_table(file), max_chunksize=1_000_000)
    )
    traces = traces.filter(traces.column("refused").is_null())
    number = traces.num_rows
    columns = {name: traces.column(name) for name in ("id", "time", "actor", "actor_created", "observables")}
    columns |= {
        "seq": pa.array(range(1, number + 1), pa.int64()),
        "seal_day": pa.array(["2025-06-01"] * number),
        "signals": traces.column("signals").cast(EVENT_SCHEMA.field("signals").type),
    }
    events = pa.RecordBatch.from_arrays(
        [columns.get(field.name, pa.nulls(number, field.type)) for field in EVENT_SCHEMA],
        schema=EVENT_SCHEMA,
    )
    sketches = {
        seq: blob for seq, blob in enumerate(traces.column("sketch").to_pylist(), 1) if blob is not None
    }
    window = Window()
    window.append(events, sketches)
    newest = int(np.max(traces.column("time").to_numpy()))
    return [(one.id, one.score, one.actors, one.samples) for one in find_campaigns(window, now_us=newest)]


def told(out: Path) -> list[tuple[str, float, int, tuple[str, ...]]]:
    rows = rows_of(out / "campaigns" / "campaigns.parquet")
    return [(row["campaign"], row["score"], row["actors"], tuple(row["samples"])) for row in rows]


def test_a_history_is_told_as_a_node_tells_it(tmp_path: Path) -> None:
    write(flooded(town(), 400), tmp_path / "history.parquet")
    counted = replay([tmp_path / "history.parquet"], RECIPE, tmp_path / "out", key=KEY)
    assert told(tmp_path / "out") == as_a_node(tmp_path / "history.parquet")
    assert counted.campaigns == 2
    campaigns = rows_of(tmp_path / "out" / "campaigns" / "campaigns.parquet")
    assert sorted("campaign.loosely-alike" in row["reasons"] for row in campaigns) == [False, True]
    members = rows_of(tmp_path / "out" / "campaigns" / "members.parquet")
    assert len(members) == 23
    names = Pseudonyms(KEY)
    puppets = [f"card-{at}" for at in range(14)] + [f"purse-{at}" for at in range(9)]
    assert {row["actor"] for row in members} == {names.of("actor", f"feed\x00{one}") for one in puppets}
    assert not (tmp_path / "out" / ".work").exists()


@pytest.mark.net
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_spark_and_one_process_find_the_same(tmp_path: Path) -> None:
    if shutil.which("java") is None:
        missing("Java (Spark runs on it)")
    """Three looks: one at a town with a flood, one at its last days, one at a campaign two months later."""
    history = tmp_path / "history"
    history.mkdir()
    write(flooded(town(), 400), history / "spring.parquet")
    write(World(7).campaign(12, name="later"), history / "summer.parquet", 60 * DAY)
    here = replay([history], RECIPE, tmp_path / "here", key=KEY)
    there = under_spark([history], RECIPE, tmp_path / "there", key=KEY, master="local[2]")
    for file in ("campaigns", "members"):
        name = Path("campaigns") / f"{file}.parquet"
        assert rows_of(tmp_path / "here" / name) == rows_of(tmp_path / "there" / name)
    assert signals_of(tmp_path / "here") == signals_of(tmp_path / "there")
    assert (there.events, there.refused, there.campaigns) == (here.events, here.refused, here.campaigns)
    assert here.campaigns == 3, "and neither the flood nor a template"


def signals_of(out: Path) -> list[str]:
    return sorted(map(repr, rows_of(out / "signals.parquet")))


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 400), st.integers(0, DAY - 1))
def test_no_span_of_the_window_falls_between_looks(window: int, back: int, length: int, rest: int) -> None:
    settings = CampaignSettings(window_days=window, look_back_days=window + back)
    oldest = 20_000 * DAY
    newest = oldest + length * DAY + rest
    looks = list(looks_over({oldest // DAY, newest // DAY}, newest, settings))
    assert looks[-1].now == newest
    every = list(looks_over(range(oldest // DAY, newest // DAY + 1), newest, settings))
    assert len(looks) <= len(every)
    for first in range(oldest, newest + 1, DAY):
        last = min(first + window * DAY - 1, newest)
        assert any(look.since <= first and last <= look.now for look in every)


def test_a_long_history_is_looked_at_again_and_again(tmp_path: Path) -> None:
    """A campaign of June, which two looks see, and one of September."""
    mail = (("email", "a@b.example"),)
    write(World(3).people(20).campaign(10, name="june", tags=mail), tmp_path / "1.parquet")
    write(World(3).campaign(12, name="september"), tmp_path / "2.parquet", 100 * DAY)
    counted = replay([tmp_path], RECIPE, tmp_path / "out", key=KEY)
    rows = rows_of(tmp_path / "out" / "campaigns" / "campaigns.parquet")
    assert counted.campaigns == 2
    assert len({row["look"] for row in rows}) == 3
    names = [row["campaign"] for row in rows]
    assert names[0] == names[1] != names[2], "one name in two looks"


def test_an_event_that_stands_twice_counts_once_and_none_is_no_error(tmp_path: Path) -> None:
    write(town(), tmp_path / "history.parquet")
    once = replay([tmp_path / "history.parquet"], RECIPE, tmp_path / "once", key=KEY)
    twice = replay([tmp_path / "history.parquet"] * 2, RECIPE, tmp_path / "twice", key=KEY)
    assert told(tmp_path / "once") == told(tmp_path / "twice")
    assert twice.events == 2 * once.events
    pq.write_table(pq.read_table(tmp_path / "history.parquet").slice(0, 0), tmp_path / "empty.parquet")
    assert replay([tmp_path / "empty.parquet"], RECIPE, tmp_path / "none", key=KEY).campaigns == 0
