"""The side of a tag that has the values: it asks as many servers as the threshold says, and trusts none of them."""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.sums import SumRoster
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching.sizes import PAD_BYTES, chunk, chunks, padded, shuffled, split
from tocsin.trust.matching.tags import bound
from tocsin.trust.ristretto import POINT_BYTES
from tocsin.trust.seal import Entropy
from tocsin.trust.summing import sharing
from tocsin.trust.summing.keys import GroupKey, KeyShare, require_group
from tocsin.trust.summing.messages import (
    MAX_ASKED,
    SERIAL_BYTES,
    Asked,
    Evaluated,
    decode,
    encode,
    require_roster,
)

_MODE = oprf.Mode.VOPRF


class _Value(NamedTuple):
    """One point as it is sent: the value behind it, None for padding, and what takes its blind away."""

    value: bytes | None
    input: bytes
    inverse: bytes
    point: bytes


class Tagging:
    """The outputs of a node's values under the key of an epoch. Each value is asked for once an epoch, and kept."""

    def __init__(
        self,
        roster: SumRoster,
        group: GroupKey,
        values: Sequence[bytes],
        *,
        entropy: Entropy,
        workers: int = 1,
    ) -> None:
        """Raises BadInput for no value, TooLarge for more than a node may ask in an epoch."""
        require_group(group, roster)
        distinct = list(dict.fromkeys(values))
        if not distinct:
            raise BadInput("there is no value to make a tag of")
        if padded(len(distinct)) > MAX_ASKED:
            raise TooLarge(f"a node has at most {MAX_ASKED} values evaluated in an epoch")
        self._roster, self._group, self._workers = roster, group, workers
        self._serial = entropy(SERIAL_BYTES)
        missing = padded(len(distinct)) - len(distinct)
        inputs = [
            bound(group.context, one) for one in (*distinct, *split(entropy(missing * PAD_BYTES), PAD_BYTES))
        ]
        blinding = oprf.blind(_MODE, inputs, entropy, workers)
        meant = [*distinct, *[None] * missing]
        self._sent = shuffled([_Value(*one) for one in zip(meant, inputs, *blinding, strict=True)], entropy)
        self._answers: dict[str, dict[int, list[bytes]]] = {}

    @property
    def questions(self) -> list[bytes]:
        """What is sent to each server, part by part; the same to all."""
        return [
            encode(
                Asked(
                    roster=self._roster.digest,
                    serial=self._serial,
                    part=part,
                    points=b"".join(one.point for one in chunk(self._sent, part)),
                )
            )
            for part in range(chunks(len(self._sent)))
        ]

    @property
    def answered(self) -> tuple[str, ...]:
        """Servers that have answered all parts."""
        return tuple(one for one, parts in self._answers.items() if len(parts) == chunks(len(self._sent)))

    @property
    def waiting(self) -> int:
        """How many servers more have to answer."""
        return max(self._roster.threshold - len(self.answered), 0)

    def own(self, share: KeyShare) -> None:
        """What this node's own share makes of the points: it counts as a server, and needs no proof."""
        for part in range(chunks(len(self._sent))):
            points = [one.point for one in chunk(self._sent, part)]
            name = self._roster.names[share.index - 1]
            self._answers.setdefault(name, {})[part] = oprf.evaluate(share.secret, points, self._workers)

    def hear(self, server: str, raw: bytes) -> None:
        """A server's answer to a part. Raises BadInput, Conflict; the server is then left out by whoever calls."""
        if server not in self._group.servers:
            raise BadInput("this node does not serve tags of this epoch")
        told = decode(raw, Evaluated)
        require_roster(told, self._roster)
        if told.serial != self._serial:
            raise Conflict("an answer belongs to another question")
        sent = [one.point for one in chunk(self._sent, told.part)]
        points = split(told.points, POINT_BYTES)
        if not sent or len(told.points) != POINT_BYTES * len(sent):
            raise BadInput("an answer is for another part, or not of its size")
        for point in points:
            ristretto.checked_point(point)
        public = self._group.shares[self._roster.index(server) - 1]
        oprf.require_one_key(public, sent, points, told.proof, self._workers)
        self._answers.setdefault(server, {})[told.part] = points

    def outputs(self) -> dict[bytes, bytes]:
        """For each value its 64 bytes of output, the same for all who have it. Secret. Raises Conflict too early."""
        if self.waiting:
            raise Conflict(f"{self.waiting} more servers have to answer before there are tags")
        servers = sorted(self.answered, key=self._roster.index)[: self._roster.threshold]
        places = [self._roster.index(one) for one in servers]
        answers = [
            [point for part in sorted(self._answers[one]) for point in self._answers[one][part]]
            for one in servers
        ]
        elements = sharing.combined(places, answers, self._workers)
        outputs = oprf.finalize(
            [one.input for one in self._sent], [one.inverse for one in self._sent], elements, self._workers
        )
        return {
            one.value: output
            for one, output in zip(self._sent, outputs, strict=True)
            if one.value is not None
        }
