"""Who finds what: ours and four scanners over the generated corpus.

    python -m benchmarks.assure_matrix [--ours] [--misses FILE] [--page docs/evaluation-assure.md]

Verdicts of the peers are kept in .cache/assure-peers.json by version and content: only what is new is asked again.
Ours is asked anew each time. `make bench ARGS=assure_matrix` prints the same.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.assure_corpus import Benign, Shape, benign, malicious, write
from benchmarks.assure_corpus.referee import judge
from benchmarks.assure_peers import CLEAN, FOUND, PEERS, UNTOLD, Peer, asked, version
from benchmarks.rows import Row
from tocsin import __version__
from tocsin.assure import inspect
from tocsin.kernel.artefacts import ArtefactVerdict, Inspection

KEPT = Path(".cache/assure-peers.json")
OURS = "Tocsin"
LEAST_FOUND = 0.9
MOST_FALSE = 0.02
MOST_UNTOLD = 0.05
_TOLD = {ArtefactVerdict.FOUND: FOUND, ArtefactVerdict.CLEAN: CLEAN}


class Judged(NamedTuple):
    """The verdicts of each scanner by id, and what ours told in full."""

    shapes: tuple[Shape, ...]
    good: tuple[Benign, ...]
    refereed: dict[str, str]
    verdicts: dict[str, dict[str, str]]
    ours: dict[str, Inspection]


def look(folder: Path) -> Inspection:
    """Ours, as `tocsin model inspect` does."""
    return inspect(folder, clock=lambda: datetime.now(UTC))


def judged(*, peers: Sequence[Peer] = PEERS) -> Judged:
    """Everything written out, and everybody asked."""
    shapes, good = malicious(), benign()
    verdicts: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        everything = [
            (one, write(one, place / side)) for side, all_of in (("m", shapes), ("b", good)) for one in all_of
        ]
        ours = {one.id: look(folder) for one, folder in everything}
        verdicts[OURS] = {name: _TOLD.get(seen.verdict, UNTOLD) for name, seen in ours.items()}
        for peer in peers:
            verdicts[f"{peer.name} {version(peer)}"] = _asked(peer, everything)
    return Judged(shapes, good, judge(shapes), verdicts, ours)


def _asked(peer: Peer, everything: Sequence[tuple[Shape | Benign, Path]]) -> dict[str, str]:
    kept: dict[str, str] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    named = f"{peer.name} {version(peer)} "
    keys = {one.id: named + _digest(one) for one, _ in everything}
    new = [(one, folder) for one, folder in everything if keys[one.id] not in kept]
    with asked(peer) as ask:
        for number, (one, folder) in enumerate(new, 1):
            kept[keys[one.id]] = ask(folder)
            print(f"{named}{number} of {len(new)}", end="\r", file=sys.stderr, flush=True)
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=0, sort_keys=True))
    return {name: kept[key] for name, key in keys.items()}


def _digest(one: Shape | Benign) -> str:
    links = sorted(one.links.items()) if isinstance(one, Shape) else []
    told = [(name, hashlib.sha256(content).hexdigest()) for name, content in sorted(one.files.items())]
    return hashlib.sha256(repr((one.id, told, links)).encode()).hexdigest()


def _cell(ids: Sequence[str], verdicts: dict[str, str]) -> str:
    counted = Counter(verdicts[name] for name in ids)
    return f"{counted[FOUND]} / {counted[UNTOLD]} / {counted[CLEAN]}"


def table(result: Judged) -> list[str]:
    """found / inconclusive or not examined / clean, by family."""
    scanners = list(result.verdicts)
    lines = [
        f"| found / not told / clean | | {' | '.join(scanners)} |",
        "|---|---|" + "---|" * len(scanners),
    ]
    for title, all_of in (("malicious", result.shapes), ("benign", result.good)):
        families: dict[str, list[str]] = {f"**{title}, all**": [one.id for one in all_of]}
        for one in all_of:
            families.setdefault(one.family, []).append(one.id)
        for family, ids in families.items():
            cells = " | ".join(_cell(ids, result.verdicts[name]) for name in scanners)
            lines.append(f"| {family} | {len(ids)} | {cells} |")
    return lines


def shares(result: Judged) -> tuple[float, float, float, float]:
    """Of ours: found of the malicious, clean of them; findings of the benign, untold of them."""
    ours = result.verdicts[OURS]
    bad = Counter(ours[one.id] for one in result.shapes)
    good = Counter(ours[one.id] for one in result.good)
    return (
        bad[FOUND] / len(result.shapes),
        bad[CLEAN] / len(result.shapes),
        good[FOUND] / len(result.good),
        good[UNTOLD] / len(result.good),
    )


def misses(result: Judged) -> list[str]:
    """Each verdict of ours that is not the right one, with the rules that spoke."""
    lines = []
    for right, all_of in ((FOUND, result.shapes), (CLEAN, result.good)):
        for one in all_of:
            verdict = result.verdicts[OURS][one.id]
            if verdict == right:
                continue
            rules = sorted({found.rule for found in result.ours[one.id].findings})
            what = f"{one.family}; {one.does}" if isinstance(one, Shape) else f"benign {one.family}"
            said = result.ours[one.id].verdict.value
            lines.append(f"- `{one.id}` ({what}): {said}; {', '.join(rules) or 'no rule spoke'}")
    return lines


def page(result: Judged) -> str:
    """The page, in Markdown."""
    body = Path(__file__).with_name("assure_matrix.head.md").read_text().rstrip()
    referee = Counter(result.refereed.values())
    found, clean, false, untold = shares(result)
    wrong = misses(result)
    lines = [
        body,
        "",
        f"Tocsin {__version__}; {len(result.shapes)} malicious shapes, {len(result.good)} benign. The referee: "
        f"{referee['fired']} shapes made their canary in the real loader, {referee['quiet']} did not, for "
        f"{referee['missing']} the loader is not installed, {referee['none']} have none that shows one.",
        "",
        f"Ours: {found:.1%} found, {clean:.1%} called clean; of the benign {false:.1%} findings, {untold:.1%} untold.",
        "",
        *table(result),
        "",
        "## Where ours is wrong, or does not tell",
        "",
        *(wrong or ["Nowhere in this corpus."]),
        "",
    ]
    return "\n".join(lines)


def run() -> list[Row]:
    """For `make bench`: the table, then its floors as rows."""
    result = judged()
    print("\n" + "\n".join(table(result)) + "\n\n" + "\n".join(misses(result)) + "\n")
    print("| work | ours | peer | ratio | floor | |\n|---|---|---|---|---|---|")
    found, clean, false, untold = shares(result)
    what = f"{len(result.shapes)} malicious shapes, {len(result.good)} benign"
    rows = [
        Row("malicious shapes found", found, LEAST_FOUND, found / LEAST_FOUND, "", 1.0, what),
        Row("... not called clean", 1 - clean, 1.0, 1 - clean, "", 1.0, what),
        Row(
            "benign without a finding",
            1 - false,
            1 - MOST_FALSE,
            (1 - false) / (1 - MOST_FALSE),
            "",
            1.0,
            what,
        ),
        Row(
            "... judged at all", 1 - untold, 1 - MOST_UNTOLD, (1 - untold) / (1 - MOST_UNTOLD), "", 1.0, what
        ),
    ]
    for name, verdicts in result.verdicts.items():
        if name != OURS:
            share = sum(verdicts[one.id] == FOUND for one in result.shapes) / len(result.shapes)
            rows.append(
                Row(
                    f"... found, beside {name}",
                    found,
                    share,
                    found / share if share else None,
                    "",
                    None,
                    what,
                )
            )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ours", action="store_true", help="ask no peer")
    parser.add_argument("--misses", type=Path)
    parser.add_argument("--page", type=Path)
    chosen = parser.parse_args()
    result = judged(peers=() if chosen.ours else PEERS)
    if chosen.misses:
        chosen.misses.write_text("\n".join(misses(result)) + "\n")
    text = page(result)
    if chosen.page:
        chosen.page.write_text(text)
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
