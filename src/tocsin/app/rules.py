"""The rules of one node: files in its folder and rules in its store, what people decided of them, and what runs.

A rule that cannot be read stops nothing: it is listed with its fault, and `tocsin doctor` names it. A change takes
effect within REFRESH_SECONDS, in every process that has the folder open.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import structlog

from tocsin.app.access import Access
from tocsin.cases import Precision
from tocsin.correlate import Armed, RuleWatch, rule_of
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    KeptRule,
    NotFound,
    RuleSource,
    RuleState,
    RuleTally,
    TocsinError,
    WarningKind,
    WarningStatus,
    micros,
)
from tocsin.screen import RuleSearch
from tocsin.store.interface import Store
from tocsin.wire.sigma import DETECTOR, MAX_RULE_BYTES, Rule, read_rule

FOLDER = "rules"
TESTS = ".tests.yaml"
MAX_RULES = 1_000
"""Rules of a node, from everywhere. 100 cost 7 microseconds an event; nobody looks after more than some hundreds."""

REFRESH_SECONDS = 2.0
CHANGED = "rules.changed"
"""Cursor that moves with every decision on a rule, so that another process notices it."""

MIN_WHY_CHARS = 5
MAX_WHY_CHARS = 400
MAX_DECIDED = 10_000
"""Warnings of rules that precision is counted from, newest first."""

_log = structlog.get_logger("tocsin.rules")


class Listed(msgspec.Struct, frozen=True):
    """A rule as it lies here. `rule` is None where it cannot be run, and `fault` says why."""

    kept: KeptRule
    rule: Rule | None
    fault: str = ""
    file: str = ""

    @property
    def title(self) -> str:
        return self.rule.title if self.rule else self.file or self.kept.id


class Rules:
    """Holds what is in force, and swaps it whole when something changed."""

    def __init__(self, store: Store, data: Path, access: Access, clock: Clock) -> None:
        self._store = store
        self._folder = data / FOLDER
        self._access = access
        self._clock = clock
        self._turn = threading.Lock()
        self._looked: float | None = None
        self._seen: object = None
        self._parsed: dict[tuple[str, str], Rule | str] = {}
        self._listed: tuple[Listed, ...] = ()
        self._armed: tuple[Armed, ...] = ()
        self._search = RuleSearch(())
        self.incoming: Callable[[], None] = lambda: None
        """Takes in what peers gave since the last time (`rule_sharing`)."""
        self.believed: Callable[[KeptRule], bool] = lambda kept: kept.source is not RuleSource.PEER
        """Whether a rule's giver is still trusted."""

    def listed(self) -> tuple[Listed, ...]:
        """Every rule, those that cannot be run too: files by name, then kept ones by age."""
        self.refresh(now=True)
        return self._listed

    def armed(self) -> tuple[Armed, ...]:
        """The rules that run, in shadow or loud."""
        self.refresh()
        return self._armed

    def search(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """What the rules of single events say of a batch (`screen.Detector`)."""
        self.refresh()
        return self._search(batch)

    def lookout(self) -> RuleWatch:
        """A lookout over the rules that were read last; it is outdated when they change.

        Nothing is read here: a command that never looks need not wait for a hundred rules.
        """
        armed = self._armed
        return RuleWatch(armed, report=self._report, changed=lambda: self.armed() is not armed)

    def get(self, rule_id: str) -> Listed:
        """One rule by its id, or the beginning of it where only one begins so. Raises NotFound."""
        found = [one for one in self.listed() if one.kept.id.startswith(rule_id) or one.file == rule_id]
        exact = [one for one in found if one.kept.id == rule_id]
        if len(exact or found) != 1 or not rule_id:
            raise NotFound(f"there is no one rule {rule_id[:80]}: `tocsin watch rules list` lists them")
        return (exact or found)[0]

    def add(self, by: Caller, text: str, *, tests: str = "", name: str = "the rule") -> Listed:
        """Keep a rule, in shadow. The same id again changes its text; its state falls back to shadow.

        Raises NotAllowed, BadInput; Conflict when a file, or a peer's rule, has the id.
        """
        self._access.require(by, "rule.manage")
        rule = read_rule(text.encode(), name)
        now = micros(self._clock())
        before = next((one for one in self.listed() if one.kept.id == rule.id), None)
        if before is not None and before.kept.source is not RuleSource.OWN:
            raise Conflict(
                f"{rule.id} is the id of {before.file or 'a rule of a peer'}: give yours another one"
            )
        if before is None and len(self._listed) >= MAX_RULES:
            raise BadInput(f"{MAX_RULES} rules are the most: remove one first")
        kept = KeptRule(
            id=rule.id,
            source=RuleSource.OWN,
            text=text,
            state=RuleState.SHADOW,
            added=now,
            changed=now,
            tests=tests,
        )
        self._keep(kept)
        self._access.audit(
            by.user, "rule.add", subject=rule.id, purpose=rule.category, detail={"version": rule.version}
        )
        return self.get(rule.id)

    def set_state(self, by: Caller, rule_id: str, state: RuleState, *, why: str) -> Listed:
        """Enable a rule, put it in shadow, or disable it: a person's decision, with a reason.

        Raises NotAllowed, NotFound, BadInput for no reason, or for a rule that cannot be run.
        """
        self._access.require(by, "rule.manage")
        one = self.get(rule_id)
        if not MIN_WHY_CHARS <= len(why.strip()) <= MAX_WHY_CHARS:
            raise BadInput(f"say why in {MIN_WHY_CHARS} to {MAX_WHY_CHARS} characters")
        if state is RuleState.ENABLED and one.rule is None:
            raise BadInput(f"it cannot be run: {one.fault}")
        self._keep(
            msgspec.structs.replace(
                one.kept, state=state, by=by.user, why=why.strip(), changed=micros(self._clock())
            )
        )
        self._access.audit(
            by.user,
            f"rule.{state.value}",
            subject=one.kept.id,
            purpose=why.strip(),
            detail={"peer": one.kept.peer or ""},
        )
        return self.get(one.kept.id)

    def remove(self, by: Caller, rule_id: str) -> None:
        """Forget a rule that was added here. Raises NotAllowed, NotFound, BadInput for a file or a peer's."""
        self._access.require(by, "rule.manage")
        one = self.get(rule_id)
        if one.kept.source is not RuleSource.OWN:
            raise BadInput(
                "a file is removed from its folder; a peer's rule is disabled, and goes when it is revoked"
            )
        self._store.rules.remove(one.kept.id)
        self.changed()
        self._access.audit(by.user, "rule.remove", subject=one.kept.id, purpose="rules")

    def keep(self, kept: KeptRule) -> None:
        """Keep what a back-test found, or what a peer gave."""
        self._keep(kept)

    def tallies(self, rule_id: str, *, since: int = 0) -> tuple[RuleTally, ...]:
        """What a rule said day by day, newest first."""
        return self._store.rules.tallies(rule_id, since=since)

    def precisions(self) -> dict[str, Precision]:
        """By rule, what people decided of its warnings; what a case came to goes before the review of its warning."""
        counts: dict[str, list[int]] = {}
        cases = {one.warning: one.borne_out for one in self._store.reasons.outcomes()}
        for warning in self._store.warnings.list(kind=WarningKind.RULE, limit=MAX_DECIDED):
            borne_out = cases.get(warning.id, _reviewed(warning.status))
            if borne_out is not None:
                both = counts.setdefault(rule_of(warning.key), [0, 0])
                both[not borne_out] += 1
        return {rule: Precision(*both) for rule, both in counts.items()}

    def refresh(self, *, now: bool = False) -> None:
        """Look whether anything changed, at most every REFRESH_SECONDS unless `now`."""
        moment = time.monotonic()
        if not now and self._looked is not None and moment - self._looked < REFRESH_SECONDS:
            return
        with self._turn:
            self.incoming()
            self._looked = moment
            news = (self._store.jobs.cursor(CHANGED), tuple(self._files()))
            if news != self._seen:
                self._load([path for path, *_ in news[1]])
                self._seen = news
            self._arm()

    def _files(self) -> Iterator[tuple[Path, int, int]]:
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.iterdir()):
            if path.suffix in (".yml", ".yaml") and not path.name.endswith(TESTS):
                told = path.stat()
                yield path, told.st_mtime_ns, told.st_size

    def _load(self, files: Sequence[Path]) -> None:
        kept = {one.id: one for one in self._store.rules.list()}
        found: list[Listed] = []
        for path in files:
            one = self._of_file(path, kept)
            if any(other.kept.id == one.kept.id for other in found):
                one = msgspec.structs.replace(one, rule=None, fault=f"its id {one.kept.id} is used twice")
            found.append(one)
        ids = {one.kept.id for one in found}
        for rule in kept.values():
            if rule.source is not RuleSource.FILE and rule.id not in ids:
                parsed = self._read(rule.id, rule.text, rule.id)
                found.append(_listed(rule, parsed))
        told = {one.fault for one in self._listed}
        self._listed = tuple(found)
        for one in found:
            if one.fault and one.fault not in told:
                _log.error("rule.faulty", rule=one.file or one.kept.id, fault=one.fault)

    def _of_file(self, path: Path, kept: dict[str, KeptRule]) -> Listed:
        try:
            with path.open("rb") as stream:
                text = stream.read(MAX_RULE_BYTES + 1).decode("utf-8", "replace")
            beside = path.with_name(path.stem + TESTS)
            tests = beside.read_text("utf-8")[:MAX_RULE_BYTES] if beside.is_file() else ""
        except (OSError, UnicodeDecodeError):
            text, tests = "", ""
        parsed = self._read("", text, path.name)
        changed = path.stat().st_mtime_ns // 1_000
        if isinstance(parsed, str):
            fallen = KeptRule(path.name, RuleSource.FILE, text, RuleState.DISABLED, changed, changed)
            return Listed(fallen, None, parsed, path.name)
        # who puts a file here has decided; its own `status: experimental` asks for shadow
        state = RuleState.SHADOW if parsed.experimental else RuleState.ENABLED
        decided = kept.get(parsed.id)
        if decided is None or decided.source is not RuleSource.FILE:
            decided = KeptRule(parsed.id, RuleSource.FILE, "", state, changed, changed)
        return Listed(msgspec.structs.replace(decided, text=text, tests=tests), parsed, "", path.name)

    def _read(self, rule_id: str, text: str, name: str) -> Rule | str:
        """The rule, or why it is none. Read once for each text."""
        known = self._parsed.get((rule_id, text))
        if known is None:
            try:
                known = read_rule(text.encode(), name)
                if rule_id:
                    known = msgspec.structs.replace(known, id=rule_id)
            except TocsinError as error:
                known = error.message
            if len(self._parsed) > 2 * MAX_RULES:
                self._parsed.clear()
            self._parsed[rule_id, text] = known
        return known

    def _arm(self) -> None:
        armed = tuple(
            Armed(
                one.rule,
                one.kept.state,
                peer=one.kept.peer,
                by_person=one.kept.source is not RuleSource.PEER or bool(one.kept.by),
            )
            for one in self._listed[:MAX_RULES]
            if one.rule is not None
            and one.kept.state is not RuleState.DISABLED
            and (one.kept.source is not RuleSource.PEER or self.believed(one.kept))
        )
        if armed != self._armed:
            self._search = RuleSearch((one.rule, one.loud) for one in armed)
            self._armed = armed

    def _keep(self, kept: KeptRule) -> None:
        # a file's text stays in its file
        self._store.rules.put(
            msgspec.structs.replace(kept, text="", tests="") if kept.source is RuleSource.FILE else kept
        )
        self.changed()

    def changed(self) -> None:
        """Let every process notice that a rule is another one."""
        self._store.jobs.set_cursor(CHANGED, f"{micros(self._clock())}:{time.monotonic_ns()}")
        self._looked = None

    def _report(self, tallies: Sequence[RuleTally]) -> None:
        if tallies:
            self._store.rules.tally(tallies)


def _listed(kept: KeptRule, parsed: Rule | str) -> Listed:
    return Listed(kept, None, parsed) if isinstance(parsed, str) else Listed(kept, parsed)


class RulesAtDoor:
    """The rules as one detector of the screen."""

    name = DETECTOR

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return self._rules.search(batch)


def _reviewed(status: WarningStatus) -> bool | None:
    """What a review said of a warning; None where nobody reviewed it."""
    return {WarningStatus.CONFIRMED: True, WarningStatus.DISMISSED: False}.get(status)
