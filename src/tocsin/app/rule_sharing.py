"""Rules that travel: said to peers through the gate, and taken from peers into shadow."""

import msgspec
import structlog

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.rule_trials import try_tests
from tocsin.app.rules import Listed, Rules
from tocsin.app.settings import Settings
from tocsin.app.signing import signed_anew
from tocsin.cases import mask
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    EvidenceStatus,
    KeptRule,
    Origin,
    PeerStatus,
    Record,
    RuleSource,
    RuleState,
    TocsinError,
    micros,
)
from tocsin.share import describe_rule
from tocsin.share.rules import MIN_BASIS_CHARS, SharedRule, rule_in
from tocsin.share.suspects import Suspects
from tocsin.store.interface import Store

READ_TO = "rules.records"
"""Cursor: `added` of the newest record that was looked at for a rule."""

MAX_OF_PEER = 100
"""Rules taken from one peer. Each costs at every event; whoever has more has not chosen."""

_PAGE = 1_000
_log = structlog.get_logger("tocsin.rules")


class RuleSharing:
    """Every act here needs a role and leaves a trace; what peers give waits for a person."""

    def __init__(
        self, store: Store, keys: Keyring, settings: Settings, access: Access, rules: Rules, clock: Clock
    ) -> None:
        self._store = store
        self._keys = keys
        self._settings = settings
        self._access = access
        self._rules = rules
        self._clock = clock
        rules.incoming, rules.believed = self.take_in, self.believed

    def share(self, by: Caller, rule_id: str, *, basis: str) -> Record:
        """Make the record that says a rule to peers; it leaves only through the gate.

        How far it was tried is not asked but looked up: observed when a warning of it was confirmed, tested when its
        tests pass or its very text was back-tested. Raises NotAllowed, NotFound, BadInput when it was never tried.
        """
        self._access.require(by, "warning.review")
        one = self._rules.get(rule_id)
        if one.rule is None or one.kept.source is RuleSource.PEER:
            raise BadInput("a rule of this node that can be run is shared; a peer's is passed on as it came")
        basis = " ".join(basis.split())
        if len(basis) < MIN_BASIS_CHARS or mask(basis) != basis:
            raise BadInput(f"state the basis in {MIN_BASIS_CHARS} characters or more, without naming anybody")
        status = self._tried(one)
        if status is EvidenceStatus.THEORETICAL:
            raise BadInput("try it first: give it tests that pass, or a back-test of this very text")
        author = self._keys.identity.stix_identity
        known = self._store.records.get(author)
        records = signed_anew(
            describe_rule(
                one.rule,
                author=author,
                name=self._settings.name,
                tlp=self._settings.tlp,
                status=status,
                basis=basis,
                now=self._clock(),
                identity=known if known is not None and known.root is not None else None,
                before=self._store.records.get,
            ),
            self._keys,
        )
        with self._store.together():
            self._store.records.put(records)
            self._access.audit(
                by.user, "rule.share", subject=one.kept.id, purpose=basis, detail={"evidence": status.value}
            )
        return records[-1]

    def _tried(self, one: Listed) -> EvidenceStatus:
        precision = self._rules.precisions().get(one.kept.id)
        if precision is not None and precision.confirmed:
            return EvidenceStatus.OBSERVED
        tried = try_tests(one)
        back = one.kept.backtest
        if (tried and all(test.passed for test in tried)) or (
            back is not None and one.rule is not None and back.version == one.rule.version
        ):
            return EvidenceStatus.TESTED
        return EvidenceStatus.THEORETICAL

    def take_in(self) -> None:
        """Look at what peers gave since the last time; each rule is kept in shadow, each refusal is in the audit."""
        at = int(self._store.jobs.cursor(READ_TO) or 0)
        while page := self._store.records.list(
            types=("indicator",), origin=Origin.PEER, after=at, limit=_PAGE
        ):
            for record in page:
                if b'"pattern_type":"sigma"' in record.stix:
                    self._take(record)
            at = page[-1].added
            self._store.jobs.set_cursor(READ_TO, str(at))

    def _take(self, record: Record) -> None:
        peer = record.peer or ""
        before = self._store.rules.get(record.id)
        try:
            shared = rule_in(record)
            if shared is not None and before is None:
                of_peer = sum(one.peer == peer for one in self._store.rules.list())
                if of_peer >= MAX_OF_PEER:
                    raise BadInput(
                        f"{MAX_OF_PEER} rules of one peer are kept: remove some by asking it to revoke them"
                    )
        except TocsinError as error:
            self._say(record, "rule.refused", error.message, outcome="refused")
            return
        if shared is None:
            if before is not None and self._store.rules.remove(record.id):
                self._say(record, "rule.revoked", "its author took it back")
                self._rules.changed()
            return
        self._rules.keep(self._kept(shared, peer, before))
        self._say(record, "rule.received", shared.rule.category)

    def _kept(self, shared: SharedRule, peer: str, before: KeptRule | None) -> KeptRule:
        """In shadow until a person here enables it; at once where settings say so. A new text is a new decision."""
        now = micros(self._clock())
        same = before is not None and before.text == shared.rule.text
        direct = peer in self._settings.rules_directly_from
        fresh = KeptRule(
            id=shared.id,
            source=RuleSource.PEER,
            text=shared.rule.text,
            state=RuleState.ENABLED if direct else RuleState.SHADOW,
            added=now,
            changed=now,
            peer=peer,
            basis=shared.basis,
            until=shared.until,
        )
        if before is None or not same:
            return fresh
        return msgspec.structs.replace(before, basis=shared.basis, until=shared.until)

    def believed(self, kept: KeptRule) -> bool:
        """Whether a peer's rule may run now: in force, its author a trusted peer here, its key not in doubt."""
        now = micros(self._clock())
        if kept.until is not None and kept.until <= now:
            return False
        record = self._store.records.get(kept.id)
        peers = self._store.peers.list()
        trusted = {peer.identity for peer in peers if peer.status_at(now) is PeerStatus.TRUSTED}
        return record is not None and record.author in trusted and record not in Suspects(peers)

    def _say(self, record: Record, act: str, why: str, *, outcome: str = "done") -> None:
        self._access.audit(
            f"peer:{record.peer or ''}",
            act,
            subject=record.id,
            purpose="rules",
            outcome=outcome,
            detail={"reason": why[:300]},
        )
