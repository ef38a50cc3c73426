"""Messages of joint cases among the records of this node, brought up to date as records come in."""

from collections.abc import Iterator

import msgspec

from tocsin.kernel import BadInput, Origin, Record
from tocsin.kernel.joint_cases import MAX_JOINT_MESSAGES, JointMessage
from tocsin.share.describe_joint import message_in
from tocsin.share.suspects import Suspects
from tocsin.store.interface import Store

MAX_OF_SIGNER = 2 * MAX_JOINT_MESSAGES
"""Messages of one key in one case that are read, the first to come: as many as it may say, and as many again under
numbers that it used already. Only who says two things under one number gets there, and that is shown."""

MAX_CASES_OF_SIGNER = 200
"""Joint cases of one key that are read, the first to come: nobody can fill the list for the others."""

_PAGE = 1_000


class JointReading:
    """Reads each record once; which keys are doubted is asked anew each time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cases: dict[str, dict[str, dict[str, tuple[JointMessage, Record]]]] = {}
        """Case → signer → record id → message, and its record without the bytes."""
        self._spoken: dict[str, set[str]] = {}
        self._upto = 0

    def cases(self) -> tuple[str, ...]:
        """Ids of the joint cases that somebody spoke of, the first heard of first."""
        self._refresh()
        return tuple(self._cases)

    def of(self, case: str) -> tuple[JointMessage, ...]:
        """What was said in a case, by whomever; without what came from a key after it was revoked."""
        self._refresh()
        suspects = Suspects(self._store.peers.list())
        signers = self._cases.get(case, {}).values()
        return tuple(
            message for said in signers for message, record in said.values() if record not in suspects
        )

    def _refresh(self) -> None:
        for record in self._fresh():
            try:
                message = message_in(record)
            except BadInput:
                continue  # what nobody signed, or what is not as the schema says, is nobody's word
            if message is None or record.origin is Origin.IMPORT:
                continue  # a file proves who wrote it, and not that it was meant for us
            spoken = self._spoken.setdefault(message.signer, set())
            if message.case not in spoken and len(spoken) >= MAX_CASES_OF_SIGNER:
                continue
            spoken.add(message.case)
            known = self._cases.setdefault(message.case, {}).setdefault(message.signer, {})
            if record.id in known or len(known) < MAX_OF_SIGNER:
                known[record.id] = (message, msgspec.structs.replace(record, stix=b"", original=None))

    def _fresh(self) -> Iterator[Record]:
        while page := self._store.records.list(types=("note",), after=self._upto, limit=_PAGE):
            yield from page
            self._upto = page[-1].added
