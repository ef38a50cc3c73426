"""The node's memory of evaluations: plans before they are run, and what the runs found.

A registration binds: `keep` judges runs by the plan and the samples that were committed to, or refuses and names what
changed. Every evaluation of a registration is kept, so that running until it passes shows.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from tocsin.app.access import Access
from tocsin.app.release_key import release_key
from tocsin.kernel import Caller, Clock, NotFound, micros
from tocsin.kernel.errors import BadInput, Deviation
from tocsin.kernel.evaluations import Evaluation, KeptEvaluation, Run
from tocsin.kernel.plans import Plan, PlannedSample, RegisteredPlan, Registration, RegistrationLine
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:  # heavy: a node opens without it
    from tocsin.evaluate.plans.checking import Checked
    from tocsin.evaluate.plans.comparing import Comparison
    from tocsin.evaluate.plans.proofs import SampleProof
    from tocsin.wire.in_toto import Statement

SALT_BYTES = 32
MIN_ID_CHARS = 8
"""Of the beginning of an id, where it names one thing alone."""


class Evaluations:
    """Registers plans, keeps what their runs found, signs both with the node's release key."""

    def __init__(
        self,
        store: Store,
        access: Access,
        data: Path,
        node_id: str,
        clock: Clock,
        entropy: Entropy = os.urandom,
        *,
        red_lines: Callable[[], Collection[str]] | None = None,
    ) -> None:
        """`red_lines` gives the ids of those that are known here; without it a plan may name any."""
        self._store = store
        self._access = access
        self._data = data
        self._node_id = node_id
        self._clock = clock
        self._entropy = entropy
        self._red_lines = red_lines

    def check(self, plan: Plan) -> "Checked":
        """What stands against registering it today, and what should be known."""
        from tocsin.evaluate.plans.checking import check_plan

        known = None if self._red_lines is None else self._red_lines()
        return check_plan(plan, today=self._clock().date(), red_lines=known)

    def register(
        self, by: Caller, plan: Plan, samples: Mapping[str, Iterable[PlannedSample]]
    ) -> Registration:
        """Commit to a plan and the samples of each of its tasks, sign that, keep it; durable when it returns.

        Runs are bound to it from this moment on. Raises NotAllowed, BadInput (with all that is wrong), TooLarge.
        """
        from tocsin.evaluate.plans.registration import checked_samples, registration_of, statement_of

        self._access.require(by, "evaluation.manage")
        self.check(plan).require()
        checked = checked_samples(plan, samples)
        made = registration_of(
            plan, checked, salt=self._entropy(SALT_BYTES), at=micros(self._clock()), by=by.user
        )
        statement = self._signed(statement_of(made.registration, self._node_id))
        registration = msgspec.structs.replace(made.registration, statement=statement)
        with self._store.together():
            self._store.evaluation_plans.keep(msgspec.structs.replace(made, registration=registration))
            self._access.audit(
                by.user,
                "evaluation.register",
                subject=registration.id,
                purpose="",
                detail={"samples": sum(map(len, checked.values())), "tasks": len(checked)},
            )
        return registration

    def registrations(
        self, by: Caller, *, plan: str | None = None, before: str | None = None, limit: int = 100
    ) -> tuple[RegistrationLine, ...]:
        """Newest first; `plan` is a plan's digest. Raises NotAllowed."""
        self._access.require(by, "evaluation.read")
        return self._store.evaluation_plans.listed(plan=plan, before=before, limit=limit)

    def registered(self, by: Caller, registration: str) -> RegisteredPlan:
        """A registration with plan, samples, salt and statement, by its id or how that begins. Raises NotFound."""
        self._access.require(by, "evaluation.read")
        kept = self._store.evaluation_plans.get(
            registration
            if len(registration) == 64
            else self._one(self._store.evaluation_plans.matching, registration)
        )
        if kept is None:
            raise NotFound(
                "no plan is registered under this id: `tocsin evaluation plan list` shows those that are"
            )
        return kept

    def reveal(self, by: Caller, registration: str) -> bytes:
        """The file by which anybody can check a registration; said in the audit. Raises NotAllowed, NotFound."""
        from tocsin.evaluate.plans.registration import revealed

        self._access.require(by, "evaluation.manage")
        kept = self.registered(by, registration)
        self._access.audit(by.user, "evaluation.reveal", subject=kept.registration.id, purpose="")
        return revealed(kept)

    def keep(
        self,
        by: Caller,
        registration: str,
        runs: Sequence[Run],
        *,
        plan: Plan | None = None,
        sheets: Mapping[str, Iterable[PlannedSample]] | None = None,
    ) -> Evaluation:
        """Judge the runs of a registration, sign what was found, keep it with them; durable when it returns.

        `plan` and `sheets` are what the runner used, where it read them itself. The same runs again are the evaluation
        that is kept already. Raises NotAllowed, NotFound, Deviation (audited, naming what changed), BadInput, TooLarge.
        """
        from tocsin.evaluate.plans.judging import as_judged, evaluation_of, numbered

        self._access.require(by, "evaluation.manage")
        registered = self.registered(by, registration)
        identity, at = registered.registration.id, micros(self._clock())
        try:
            judged = as_judged(registered, runs, at=at, plan=plan, sheets=sheets)
        except Deviation as deviation:
            first = deviation.changes[0]
            self._access.audit(
                by.user,
                "evaluation.keep",
                subject=identity,
                purpose="",
                outcome="refused",
                detail={"changes": len(deviation.changes), "first": first.sentence[:400]},
            )
            raise
        digest = sha256(msgspec.msgpack.encode(judged)).hexdigest()
        counted = evaluation_of(registered, judged, at=at, node=self._node_id, by=by.user)
        with self._store.together():
            attempt = self._store.evaluations.attempts(identity) + 1
            if (kept := self._store.evaluations.of_runs(identity, digest)) is not None:
                return kept
            earlier = self._store.evaluations.count(name=counted.name, model_digest=counted.model_digest)
            found = numbered(counted, attempt=attempt, earlier=earlier)
            found = msgspec.structs.replace(found, statement=self._statement(found))
            self._store.evaluations.keep(KeptEvaluation(found, judged), runs=digest)
            verdicts = " ".join(f"{line.line}={line.verdict.value}" for line in found.lines)
            self._access.audit(
                by.user,
                "evaluation.keep",
                subject=found.id,
                purpose="",
                detail={"registration": identity, "attempt": attempt, "verdicts": verdicts[:400]},
            )
        return found

    def get(self, by: Caller, evaluation: str) -> Evaluation:
        """By its id or how that begins. Raises NotAllowed, NotFound, BadInput."""
        self._access.require(by, "evaluation.read")
        kept = self._store.evaluations.get(
            evaluation if len(evaluation) == 64 else self._one(self._store.evaluations.matching, evaluation)
        )
        if kept is None:
            raise NotFound("no evaluation has this id: `tocsin evaluation list` shows those that are kept")
        return kept

    def listed(
        self,
        by: Caller,
        *,
        model_digest: str | None = None,
        plan: str | None = None,
        registration: str | None = None,
        before: str | None = None,
        limit: int = 100,
    ) -> tuple[Evaluation, ...]:
        """Newest first; of a model (its digest as shipped, as in its plan), of a plan's digest. Raises NotAllowed."""
        self._access.require(by, "evaluation.read")
        return self._store.evaluations.listed(
            model_digest=model_digest, plan=plan, registration=registration, before=before, limit=limit
        )

    def for_artefact(self, digest: str) -> tuple[Evaluation, ...]:
        """All of one artefact as shipped, by its sha256 in hex, asked on the node's own account."""
        found: list[Evaluation] = []
        before: str | None = None
        while page := self._store.evaluations.listed(model_digest=f"sha256:{digest}", before=before):
            found += page
            before = page[-1].id
        return tuple(found)

    def compare(self, by: Caller, first: str, second: str) -> "Comparison":
        """Paired, by sample. Raises NotAllowed, NotFound."""
        from tocsin.evaluate.plans.comparing import compare

        one, other = (
            KeptEvaluation(found, self._store.evaluations.runs(found.id))
            for found in (self.get(by, first), self.get(by, second))
        )
        plans = (
            self.registered(by, one.evaluation.registration).plan,
            self.registered(by, other.evaluation.registration).plan,
        )
        return compare(one, other, plans)

    def prove(self, by: Caller, evaluation: str, task: str, condition: str, sample: str) -> "SampleProof":
        """That one sample had its outcome, without the others; said in the audit. Raises NotAllowed, NotFound."""
        from tocsin.evaluate.plans.proofs import prove

        self._access.require(by, "evaluation.manage")
        found = self.get(by, evaluation)
        for run in self._store.evaluations.runs(found.id):
            if (run.task, run.condition.value) == (task, condition):
                proof = prove(found, run, sample)
                self._access.audit(
                    by.user, "evaluation.prove", subject=found.id, purpose="", detail={"sample": sample}
                )
                return proof
        raise NotFound(f"this evaluation has no run of {task[:100]!r} {condition[:40]}")

    def attestation(self, by: Caller, evaluation: str) -> bytes:
        """The signed statement (DSSE) to give away; said in the audit. Raises NotAllowed, NotFound."""
        self._access.require(by, "evaluation.manage")
        found = self.get(by, evaluation)
        self._access.audit(by.user, "evaluation.attest", subject=found.id, purpose="release")
        return found.statement

    def public_key(self) -> bytes:
        """PEM of the key that registrations and evaluations of this node are signed with."""
        from tocsin.trust.signing_keys import public_pem

        return public_pem(release_key(self._data).public_key())

    def _statement(self, found: Evaluation) -> bytes:
        from tocsin.evaluate.plans.attesting import evaluation_statement

        return self._signed(evaluation_statement(found))

    def _signed(self, statement: "Statement") -> bytes:
        from tocsin.trust.signing_keys import key_id, sealed
        from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes

        key = release_key(self._data)
        return envelope_bytes(sealed(key, IN_TOTO_TYPE, statement.to_bytes(), keyid=key_id(key.public_key())))

    @staticmethod
    def _one(matching: "Matching", start: str) -> str:
        """The id that begins so. Raises BadInput, NotFound."""
        if len(start) < MIN_ID_CHARS:
            raise BadInput(f"give at least {MIN_ID_CHARS} characters of the id")
        found = matching(start)
        if len(found) > 1:
            raise BadInput(f"several ids begin with {start[:64]}: give more of it")
        if not found:
            raise NotFound(
                "nothing is kept under this id: `tocsin evaluation list` and `plan list` show what is"
            )
        return found[0]


class Matching(Protocol):
    """A store's ids by how they begin."""

    def __call__(self, start: str, *, limit: int = 2) -> tuple[str, ...]: ...
