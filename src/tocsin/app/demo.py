"""The demo: real nodes on this machine hear together what none hears alone.

Enters: a seed, or a file of the user's own events. Leaves: what each node found before and after sharing, and
what left each node, counted on the bytes that went over the wire. Refuses: any short cut. The nodes are
`tocsin serve` in folders that `tocsin init` made, events come in over HTTP, and a relay that records stands on
every line between two nodes.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tocsin.app.demo_nodes import (
    COMMANDS,
    LOOPBACK,
    NODE_COMMAND,
    Children,
    DemoError,
    DemoNode,
    Shells,
    ended_by_signals,
)
from tocsin.app.demo_picture import Picture, common_picture
from tocsin.app.demo_plot import Plot, plot_of
from tocsin.app.demo_sums import ADDING, Summed, ThinCampaign, play_sums
from tocsin.app.demo_wire import Left, what_left
from tocsin.kernel import BadInput, Clock, Verdict, WarningKind, WarningStatus
from tocsin.net.tap import Tap
from tocsin.sandbox import CAMPAIGN
from tocsin.sandbox.thin import THIN

CATEGORY = "fraud.scam"
BASIS = "Terms of use: no recruiting into a scam"
STATEMENT = "Many new accounts repeat one text that asks people to pass it on for money."
CAMPAIGN_KINDS = (WarningKind.CAMPAIGN, WarningKind.LOOK_BACK)
SUM_DAYS = 30
"""Until when the demo's operators agree to sums: nobody waits for it."""

Key = TypeVar("Key", str, tuple[str, str])
WORKERS = 6
"""Jobs at once: three nodes are sent events, which is waiting, while others' commands take turns in the shells."""


class Options(msgspec.Struct, frozen=True):
    """What to play. `data` keeps the nodes' folders there; otherwise they go when the demo ends.

    `sums` is the second act; it follows sharing, and is never without it.
    """

    seed: int = 1
    sharing: bool = True
    sums: bool = True
    input: Path | None = None
    data: Path | None = None


class Step(msgspec.Struct, frozen=True):
    """How far one step is, for a bar: `done` of `total`; `node` where the step has one."""

    name: str
    done: int
    total: int
    node: str = ""


Progress = Callable[[Step], None]


class Campaign(msgspec.Struct, frozen=True):
    """Names of the nodes that had a warning of the campaign. Without a truth: of any campaign."""

    found_alone: tuple[str, ...]
    found_after_sharing: tuple[str, ...]


class NodeOutcome(msgspec.Struct, frozen=True):
    """One node at the end. `accounts` and `campaign_events` are what its campaign warnings hold."""

    events: int
    warnings: int
    accounts: int
    campaign_events: int
    console: str


class Outcome(msgspec.Struct, frozen=True):
    """What `--json` prints. `false_warnings` is None where no truth is known."""

    seed: int | None
    campaign: Campaign
    false_warnings: int | None
    left: tuple[Left, ...]
    common_picture: Picture | None
    thin_campaign: ThinCampaign | None
    nodes: dict[str, NodeOutcome]
    refused: int
    seconds: float


class Running(msgspec.Struct, frozen=True):
    """The demo's result while its nodes still run. `tokens` (node → log-in token) are never in the result."""

    outcome: Outcome
    tokens: dict[str, str]


class _Found(msgspec.Struct, frozen=True):
    """One node's warnings, parted by what they are."""

    campaign: tuple[dict[str, Any], ...]
    thin: tuple[dict[str, Any], ...]
    other: tuple[dict[str, Any], ...]


@contextmanager
def run_demo(
    options: Options,
    progress: Progress,
    *,
    clock: Clock,
    node_command: Sequence[str] = NODE_COMMAND,
    commands: str = COMMANDS,
) -> Iterator[Running]:
    """Play the demo; the nodes serve until the `with` ends, and then every program has ended.

    `node_command` serves the nodes, and operators' commands are those of the module `commands`.

    Raises BadInput for a file without events or a folder in use, DemoError when a program fails.
    """
    began = time.monotonic()
    plot = plot_of(options.seed, options.input, clock)
    with ExitStack() as stack:
        stack.enter_context(ended_by_signals())
        folder = _folder(options, stack)
        children = stack.enter_context(Children())
        shells = stack.enter_context(Shells(children, commands))
        nodes = {
            name: DemoNode(name, folder / f"node-{number}", children, shells, node_command)
            for number, name in enumerate(plot.lines, 1)
        }
        sums = options.sharing and options.sums and bool(plot.thin_at)
        adding = {
            name: DemoNode(name, folder / f"node-{name}", children, shells, node_command)
            for name in (ADDING if sums else ())
        }
        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        stage = _Stage(nodes, adding, plot, pool, progress, stack)
        stage.open()
        before = stage.look()
        if options.sharing and len(nodes) > 1:
            stage.share(before)
        after = stage.look()
        summed = stage.sum(clock() + timedelta(days=SUM_DAYS)) if sums else None
        at_last = stage.look() if sums else after
        yield Running(
            outcome=Outcome(
                seed=None if options.input else options.seed,
                campaign=Campaign(
                    found_alone=tuple(name for name, found in before.items() if found.campaign),
                    found_after_sharing=tuple(name for name, found in after.items() if found.campaign),
                ),
                false_warnings=_false_warnings(plot, before, after, at_last),
                left=what_left(stage.taps, plot.raw_values),
                common_picture=common_picture(nodes[list(nodes)[-1]]) if len(nodes) > 1 else None,
                thin_campaign=_thin(plot, after, at_last, summed),
                nodes={name: _outcome(nodes[name], found) for name, found in at_last.items()},
                refused=plot.refused,
                seconds=round(time.monotonic() - began, 2),
            ),
            tokens={name: node.admin_token for name, node in nodes.items()},
        )


class _Stage:
    """The nodes and the lines between them."""

    def __init__(
        self,
        nodes: Mapping[str, DemoNode],
        adding: Mapping[str, DemoNode],
        plot: Plot,
        pool: ThreadPoolExecutor,
        progress: Progress,
        stack: ExitStack,
    ) -> None:
        self.nodes, self.adding = nodes, adding
        self._all_nodes = {**nodes, **adding}
        self.taps: dict[tuple[str, str], Tap] = {}
        self._plot = plot
        self._pool = pool
        self._progress = progress
        self._stack = stack
        self._has_news: set[str] = set()
        self._told: dict[str, set[str]] = {}
        """Node → ids of indicators that somebody released to it."""

    def open(self) -> None:
        """Make and serve every node, send its events, and let all know and trust each other meanwhile."""
        self._serve(self.nodes)
        sending = [self._pool.submit(self._send, node) for node in self.nodes.values()]
        self._meet(list(permutations(self.nodes, 2)))
        self._progress(Step("look", 0, len(sending)))
        for done, job in enumerate(sending, 1):
            job.result()
            self._progress(Step("look", done, len(sending)))

    def look(self) -> dict[str, _Found]:
        """Every node's warnings now."""
        return self._each("ask", self._warnings)

    def share(self, before: Mapping[str, _Found]) -> None:
        """Who found it confirms and publishes; the others pull, look back, and answer with a count."""
        finders = [name for name, found in before.items() if found.campaign]
        others = [name for name in self.nodes if name not in finders]
        if not finders:
            return
        self._each("confirm", lambda node: self._confirm(node, before[node.name]), finders)
        self._each_line("publish", self._publish, finders)
        self._each("pull", self._pull, [*others, *(finders if len(finders) > 1 else ())])
        heard = self._each("ask", self._warnings, others)
        corroborated = [name for name, found in heard.items() if found.campaign]
        self._each("confirm", lambda node: self._confirm(node, heard[node.name]), corroborated)
        self._each_line("publish", self._publish, corroborated)
        if corroborated:
            alone = corroborated if len(corroborated) == 1 else []
            self._each("pull", self._pull, [name for name in self.nodes if name not in alone])

    def sum(self, until: datetime) -> Summed:
        """The second act: a private sum of all nodes, added up by two more, who come and meet all only now."""
        self._serve(self.adding)
        met = set(permutations(self.nodes, 2))
        self._meet([line for line in permutations(self._all_nodes, 2) if line not in met])
        return play_sums(self.nodes, self.adding, self._each, until.date().isoformat())

    def _each(
        self, step: str, work: Callable[[DemoNode], Any], names: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Do one thing on each of some nodes, side by side."""
        chosen = self.nodes if names is None else names
        return self._all(step, {name: partial(work, self._all_nodes[name]) for name in chosen})

    def _each_line(
        self, step: str, work: Callable[[DemoNode, str], Any], names: Sequence[str] | None = None
    ) -> None:
        """Do one thing on each of some nodes towards each of the others that have events."""
        chosen = self.nodes if names is None else names
        lines = [line for line in self.taps if line[0] in chosen and line[1] in self.nodes]
        self._all(step, {line: partial(work, self._all_nodes[line[0]], line[1]) for line in lines})

    def _all(self, step: str, work: Mapping[Key, Callable[[], Any]]) -> dict[Key, Any]:
        jobs = {key: self._pool.submit(job) for key, job in work.items()}
        self._progress(Step(step, 0, len(jobs)))
        results = {}
        for done, (key, job) in enumerate(jobs.items(), 1):
            results[key] = job.result()
            self._progress(Step(step, done, len(jobs)))
        return results

    def _send(self, node: DemoNode) -> None:
        lines = self._plot.lines[node.name]
        done = 0
        self._progress(Step("send", 0, len(lines), node.name))
        for count in node.send_all(lines):
            done += count
            self._progress(Step("send", done, len(lines), node.name))

    def _serve(self, names: Iterable[str]) -> None:
        self._each("make", DemoNode.make, names)
        self._each("serve", DemoNode.serve, names)

    def _meet(self, lines: Sequence[tuple[str, str]]) -> None:
        """On each line its sender names the receiver, hands over the token made for it, and compares fingerprints."""
        for sender, receiver in lines:
            tap = Tap(LOOPBACK, self._all_nodes[receiver].port)
            self.taps[sender, receiver] = self._stack.enter_context(tap)

        def add(sender: str, receiver: str) -> str:
            url = f"http://{LOOPBACK}:{self.taps[sender, receiver].port}"
            added = self._all_nodes[sender].run("peer", "add", receiver, url, "--allow-private")
            token: str = added["token_for_peer"]
            return token

        def trust(sender: str, receiver: str) -> None:
            token, seen = made[receiver, sender], self._all_nodes[receiver].fingerprint
            self._all_nodes[sender].run("peer", "trust", receiver, "--token", token, "--fingerprint", seen)

        made = self._all("add", {line: partial(add, *line) for line in lines})
        self._all("trust", {line: partial(trust, *line) for line in lines})

    def _warnings(self, node: DemoNode) -> _Found:
        campaign: list[dict[str, Any]] = []
        thinly: list[dict[str, Any]] = []
        other: list[dict[str, Any]] = []
        for warning in node.run("watch", "warnings")["warnings"]:
            if warning["status"] in (WarningStatus.QUIETED, WarningStatus.DISMISSED):
                continue
            if self._is_campaign(warning):
                campaign.append(warning)
            elif self._plot.is_mostly(THIN, warning["samples"]):
                thinly.append(warning)
            else:
                other.append(warning)
        return _Found(tuple(campaign), tuple(thinly), tuple(other))

    def _is_campaign(self, warning: Mapping[str, Any]) -> bool:
        """Whether most of a warning's samples are the campaign's; without a truth, whether it is of that kind."""
        if self._plot.labels is None:
            return warning["kind"] in CAMPAIGN_KINDS
        return self._plot.is_mostly(CAMPAIGN, warning["samples"])

    def _confirm(self, node: DemoNode, found: _Found) -> None:
        for warning in found.campaign:
            node.run(
                *("watch", "confirm", warning["id"], "--category", CATEGORY),
                *("--basis", BASIS, "--statement", STATEMENT),
            )

    def _publish(self, node: DemoNode, other: str) -> None:
        """As a careful person does: preview, then publish exactly what was seen."""
        seen = node.run("share", "preview", "--peer", other)
        left = node.run("share", "publish", "--peer", other, "--digest", seen["digest"])
        told = {
            row["id"]
            for row in left["entries"]
            if row["type"] == "indicator" and row["verdict"] == Verdict.RELEASE
        }
        # an indicator comes from its author and once more from whoever passes it on
        if told - self._told.setdefault(other, set()):
            self._has_news.add(other)
        self._told[other] |= told

    def _pull(self, node: DemoNode) -> None:
        """Pull, and where an indicator comes with it, wait until the node has looked back."""
        looks = node.looks()
        pulled = node.run("share", "pull")
        failed = [row["error"] for row in pulled["peers"] if row["error"]]
        if failed:
            raise DemoError(f"node {node.name}: {'; '.join(failed)}")
        if node.name in self._has_news:
            self._has_news.discard(node.name)
            node.wait_for_look(looks)


def _thin(
    plot: Plot, before: Mapping[str, _Found], after: Mapping[str, _Found], summed: Summed | None
) -> ThinCampaign | None:
    if summed is None:
        return None
    return ThinCampaign(
        held_by=plot.thin_at,
        found_alone=tuple(name for name, found in before.items() if found.thin),
        found_after_summing=tuple(name for name, found in after.items() if found.thin),
        false_warnings=sum(one["kind"] == WarningKind.SUM for found in after.values() for one in found.other),
        aggregators=ADDING,
        candidates=summed.candidates,
        cost=summed.cost,
    )


def _folder(options: Options, stack: ExitStack) -> Path:
    if options.data is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-demo-")))
    if options.data.exists() and (not options.data.is_dir() or any(options.data.iterdir())):
        raise BadInput(f"{options.data} is in use: choose a new folder for the demo's nodes")
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return options.data


def _false_warnings(plot: Plot, *times: Mapping[str, _Found]) -> int | None:
    """Distinct warnings, at any of the times, that are not the campaign."""
    if plot.labels is None:
        return None
    return len({(name, one["id"]) for found in times for name, own in found.items() for one in own.other})


def _outcome(node: DemoNode, found: _Found) -> NodeOutcome:
    return NodeOutcome(
        events=node.sent,
        warnings=len(found.campaign) + len(found.thin) + len(found.other),
        accounts=max((warning["actors"] for warning in found.campaign), default=0),
        campaign_events=max((warning["events"] for warning in found.campaign), default=0),
        console=node.url,
    )
