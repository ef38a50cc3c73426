"""What this node measured and decided, said to peers as records; and what peers said of models, shown as theirs.

A person says it, with the words that a record needs and a number does not have; it leaves through the gate alone.
"""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.naming import called
from tocsin.app.settings import Settings
from tocsin.app.signing import signed
from tocsin.cases import mask
from tocsin.kernel import BadInput, Caller, Clock, Origin, Record, TocsinError, micros
from tocsin.kernel.evaluations import Evaluation
from tocsin.kernel.release import ReleaseDecision
from tocsin.share import introduction
from tocsin.share.describe_agreed import Speaker
from tocsin.share.describe_models import (
    Reading,
    decision_in,
    describe_decision,
    describe_evaluation,
    evaluation_in,
    model_digest,
)
from tocsin.store.interface import Store
from tocsin.wire.stix import micros_of
from tocsin.wire.stix.kinds_model import ModelEvaluationExtension, ReleaseDecisionExtension

MAX_OF_AUTHOR = 500
"""Reports of one author that are listed, the first ones."""

_PAGE = 1_000


class Heard(msgspec.Struct, frozen=True):
    """What somebody said of a model. `given_by` is the peer or file it came from, empty for what is ours.

    `lapsed`: its review day is past, and it says nothing any more.
    """

    id: str
    says: ModelEvaluationExtension | ReleaseDecisionExtension
    author: str
    given_by: str
    signed: bool
    lapsed: bool


class ModelRecords:
    """Every look needs `redline.read`, every word `redline.manage` and leaves a trace."""

    def __init__(self, store: Store, keys: Keyring, settings: Settings, access: Access, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._own = keys.identity.stix_identity
        self._settings = settings
        self._access = access
        self._clock = clock

    def say_evaluation(self, by: Caller, evaluation: Evaluation, reading: Reading) -> tuple[Record, ...]:
        """Make the reports that say an evaluation of this node's to peers, one for each condition.

        Raises NotAllowed, and BadInput for a model known by name alone, and for words that name somebody.
        """
        self._access.require(by, "redline.manage")
        _without_names(reading.basis, evaluation.limits)
        made = self._put(describe_evaluation(evaluation, reading, self._voice()))
        self._access.audit(by.user, "evaluation.say", subject=evaluation.id, purpose=reading.basis)
        return tuple(one for one in made if one.type == "report")

    def say_decision(
        self,
        by: Caller,
        decision: ReleaseDecision,
        *,
        basis: str,
        evaluations: Collection[str] | None = None,
    ) -> Record:
        """Make the report that says a decision in force to peers, with where the model stood to each red line.

        `evaluations` are ids of reports that it rests on; by default this node's own on these bytes that still count.
        Raises NotAllowed, and BadInput for one that is not in force, and for words that name somebody.
        """
        self._access.require(by, "redline.manage")
        _without_names(basis, decision.benefits, decision.why_not_less)
        rests_on = self._own_reports(by, decision.artefact) if evaluations is None else evaluations
        said = describe_decision(decision, self._voice(), basis=basis, evaluations=rests_on)
        made = self._put(said)
        self._access.audit(by.user, "release.say", subject=decision.id, purpose=basis)
        return made[-1]

    def heard(self, by: Caller, *, model: str = "") -> tuple[Heard, ...]:
        """What was said of models, oldest first; of one ("sha256:...") where it is named. Raises NotAllowed."""
        self._access.require(by, "redline.read")
        now = micros(self._clock())
        found: list[Heard] = []
        of_author: dict[str, int] = {}
        for record in self._reports():
            try:
                says = evaluation_in(record) or decision_in(record)
            except TocsinError:
                continue  # a report whose extension breaks its schema says nothing
            if says is None or model not in ("", says.model):
                continue
            of_author[record.author] = of_author.get(record.author, 0) + 1
            if record.origin is not Origin.OWN and of_author[record.author] > MAX_OF_AUTHOR:
                continue
            found.append(
                Heard(
                    id=record.id,
                    says=says,
                    author=called(self._store, record.author),
                    given_by="" if record.origin is Origin.OWN else record.peer or record.origin.value,
                    signed=record.root is not None,
                    lapsed=micros_of(says.review_by) <= now,
                )
            )
        return tuple(found)

    def _own_reports(self, by: Caller, artefact: str) -> tuple[str, ...]:
        heard = self.heard(by, model=model_digest(artefact))
        found = (one for one in heard if not (one.given_by or one.lapsed))
        return tuple(one.id for one in found if isinstance(one.says, ModelEvaluationExtension))

    def _reports(self) -> Iterator[Record]:
        after = 0
        while page := self._store.records.list(types=("report",), after=after, limit=_PAGE):
            yield from page
            after = page[-1].added

    def _voice(self) -> Speaker:
        return Speaker(
            author=self._own, tlp=self._settings.tlp, now=self._clock(), before=self._store.records.get
        )

    def _put(self, records: Iterable[Record]) -> tuple[Record, ...]:
        introduced = introduction(
            author=self._own,
            name=self._settings.name,
            now=self._clock(),
            identity=self._store.records.get(self._own),
        )
        made = signed((*introduced, *records), self._keys)
        self._store.records.put(made)
        return made


def _without_names(*texts: str) -> None:
    for text in texts:
        if mask(text) != text:
            raise BadInput("what is said to peers names somebody or an address: say it of the model alone")
