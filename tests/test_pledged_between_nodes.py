"""Pledged sessions between two real nodes over loopback, and a named auditor's verdict on either side of them."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.matching_nodes import PURPOSE, Pair, handles, keep
from tests.nodes import free_port, tocsin
from tests.pledged_nodes import AGE, KIND, OURS, THEIRS, Institute, prepare, seen, spelt
from tocsin.app.accountable_records import StandingSet
from tocsin.app.match_results import Asked
from tocsin.kernel import system_clock
from tocsin.trust.matching import MatchKind
from tocsin.trust.matching.accountable import RecordAt

pytestmark = pytest.mark.net


@pytest.fixture(scope="module")
def institute(tmp_path_factory: pytest.TempPathFactory) -> Institute:
    return Institute(tmp_path_factory.mktemp("institute"))


@pytest.fixture(scope="module")
def prepared_pair(tmp_path_factory: pytest.TempPathFactory, institute: Institute) -> tuple[Path, int]:
    folder, port, now = tmp_path_factory.mktemp("pair") / "nodes", free_port(), system_clock()
    pair = Pair(folder, now - AGE, port)
    prepare(pair, institute.witness, now)
    institute.named(pair)
    pair.close()
    return folder, port


@pytest.fixture
def pair(tmp_path: Path, prepared_pair: tuple[Path, int]) -> Iterator[Pair]:
    folder, port = prepared_pair
    pair = Pair(shutil.copytree(folder, tmp_path / "nodes"), system_clock(), port, there=True)
    yield pair
    pair.close()


def test_both_sides_of_pledged_sessions_are_opened_and_hold(
    pair: Pair, institute: Institute, tmp_path: Path
) -> None:
    file = tmp_path / "handles.txt"
    file.write_bytes(b"".join(handles(*OURS, *range(300, 303))))
    said = (
        *("share", "match", "run", "lighthouse", "--data", str(pair.harbour.node.data), "--kind", "handle"),
        *("--purpose", PURPOSE, "--file", str(file), "--user", "rita", "--json"),
    )
    with pair.serving():
        found = [json.loads(tocsin(*said, "--reveal", who).stdout) for who in ("client", "client")]
    assert [(one["found"], one["inputs"]) for one in found] == [(5, 20)] * 2, "what came late was left out"
    assert [[one["lines"] for one in each["refused"]] for each in found] == [[3]] * 2
    for made in pair.both:
        seen(made, institute.witness)
        shown = tocsin("share", "match", "sessions", "--data", str(made.node.data), "--json").stdout
        assert [one["pledged"] for one in json.loads(shown)["sessions"]] == [True, True]
    first = institute.verdict(*pair.both, found[0]["session"], "client")
    second = institute.verdict(*pair.both[::-1], found[1]["session"], "server")
    for verdict, numbers in ((first, OURS), (second, THEIRS)):
        assert verdict["holds"], verdict["findings"]
        assert len(verdict["positions"]) == 20
        assert {value.encode() for value in verdict["values"]} <= set(spelt(numbers))


class Hasty(StandingSet):
    """A changed program, which uses what it took up a moment ago."""

    def usable(self, kind: MatchKind) -> frozenset[bytes]:
        return frozenset(self.records(kind))

    def found(self, kind: MatchKind, values: Sequence[bytes]) -> list[RecordAt]:
        there = self.records(kind)
        return [there[one] for one in values]


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_side_whose_inputs_came_late_is_caught_when_one_is_drawn(
    pair: Pair, institute: Institute, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    liar, other = pair.both if side == "client" else pair.both[::-1]
    late = range(100, 160)
    liar.node.accountable.take_up(liar.node.access.operator(), KIND, spelt(late))
    monkeypatch.setattr(liar.node.accountable._records, "__class__", Hasty)
    keep(pair.lighthouse, "handle", handles(*THEIRS, *(late if side == "server" else ())))
    lines = handles(*OURS, *(late if side == "client" else ()))
    with pair.serving():
        found = pair.harbour.node.matching.run(pair.rita, "lighthouse", Asked("handle", PURPOSE, lines=lines))
    assert found.inputs == len(lines)
    seen(liar, institute.witness)
    verdict = institute.verdict(liar, other, found.session, side)
    # sixty of a hundred positions are late: that twenty miss all of them happens once in four billion times
    assert {one["fault"] for one in verdict["findings"]} == {"late"}
