"""The packs of duties of this node, and who stands for them. A pack whose text changed is unverified again."""

import msgspec

from tocsin.app.access import Access
from tocsin.cases.duties import Duty, Pack
from tocsin.kernel import BadInput, Caller, Clock, NotFound, at_micros, micros
from tocsin.kernel.incidents import DutyVerification
from tocsin.store.interface import Store

MIN_STATEMENT_CHARS, MAX_STATEMENT_CHARS = 12, 1_000


class DutyPacks:
    """Packs as their files said at the start; verifications are asked of the store each time."""

    def __init__(self, store: Store, access: Access, clock: Clock, packs: tuple[Pack, ...]) -> None:
        self._store = store
        self._access = access
        self._clock = clock
        self.packs = packs

    def every(self) -> tuple[Duty, ...]:
        """Every duty, with the person and the day by whom it is verified here, if it is."""
        word = self._words()
        return tuple(_stood_for(duty, word) for pack in self.packs for duty in pack.duties)

    def get(self, duty_id: str) -> Duty:
        """Raises NotFound."""
        for duty in self.every():
            if duty.id == duty_id:
                return duty
        raise NotFound(f"there is no duty {duty_id[:64]}: `tocsin duty list` shows those there are")

    def find(self, duty_id: str) -> Duty | None:
        """The duty, or None where its pack is gone."""
        return next((duty for duty in self.every() if duty.id == duty_id), None)

    def pack_of(self, duty: Duty) -> Pack:
        return next(pack for pack in self.packs if pack.id == duty.pack)

    def statement(self, duty: Duty) -> DutyVerification | None:
        """Whose newest word stands for this text of the duty."""
        return self._words().get((duty.id, duty.digest))

    def verify(self, by: Caller, duty_id: str, statement: str) -> DutyVerification:
        """Stand with one's name for the text of a duty as it is now. Raises NotAllowed, NotFound, BadInput."""
        self._access.require(by, "duty.verify")
        duty = self.get(duty_id)
        said = " ".join(statement.split())
        if not MIN_STATEMENT_CHARS <= len(said) <= MAX_STATEMENT_CHARS:
            raise BadInput(
                f"say what it was held against (a gazette and its date, an opinion), in {MIN_STATEMENT_CHARS}"
                f" to {MAX_STATEMENT_CHARS} characters"
            )
        kept = DutyVerification(
            duty=duty.id, digest=duty.digest, by=by.user, at=micros(self._clock()), statement=said
        )
        with self._store.together():
            self._store.incidents.verify(kept)
            self._access.audit(
                by.user, "duty.verify", subject=duty.id, purpose=said, detail={"digest": duty.digest}
            )
        return kept

    def _words(self) -> dict[tuple[str, str], DutyVerification]:
        """The newest word on each text, by duty and digest."""
        return {(one.duty, one.digest): one for one in self._store.incidents.verifications()}


def _stood_for(duty: Duty, words: dict[tuple[str, str], DutyVerification]) -> Duty:
    word = words.get((duty.id, duty.digest))
    if word is None:
        return duty
    return msgspec.structs.replace(duty, verified_by=word.by, verified_on=at_micros(word.at).date())
