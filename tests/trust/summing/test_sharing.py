"""Keys in shares: the RFC's vectors with one share, our own with five, any three of them, and what is refused."""

import json
import secrets
from collections.abc import Sequence
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tocsin.kernel import BadInput
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching.tags import bound
from tocsin.trust.oprf import KeyPair, Mode
from tocsin.trust.summing import sharing
from tocsin.trust.summing.keys import GroupKey
from tocsin.trust.summing.submitting import link_of, tag_of

FILES = Path(__file__).parents[2] / "vectors"
RFC = json.loads((FILES / "oprf" / "ristretto255_sha512.json").read_text("utf-8"))
OURS: dict[str, Any] = json.loads((FILES / "summing" / "tags.json").read_text("utf-8"))
_GOOD = ristretto.multiply_base(sharing.scalar(7))


def raw(values: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in values]


@pytest.mark.parametrize("vector", [one for suite in RFC if suite["mode"] == 1 for one in suite["vectors"]])
def test_one_share_of_one_is_rfc_9497(vector: dict[str, Any]) -> None:
    suite = next(one for one in RFC if one["mode"] == 1)
    secret = bytes.fromhex(suite["secret"])
    assert sharing.share([secret], 1) == secret
    assert sharing.committed([bytes.fromhex(suite["public"])], 1).hex() == suite["public"]
    blinding = oprf.blind_by(Mode.VOPRF, raw(vector["inputs"]), raw(vector["blinds"]))
    whole = sharing.combined([1], [oprf.evaluate(secret, blinding.points)])
    assert whole == raw(vector["evaluated"])
    assert oprf.finalize(raw(vector["inputs"]), blinding.inverses, whole) == raw(vector["outputs"])


def test_our_own_vectors() -> None:
    coefficients = [raw(one) for one in OURS["coefficients"]]
    commitments = [[ristretto.multiply_base(one) for one in each] for each in coefficients]
    assert commitments == [raw(one) for one in OURS["commitments"]]
    summed = [reduce(ristretto.add, column) for column in zip(*commitments, strict=True)]
    places = range(1, len(coefficients) + 1)
    for place in places:
        secret = reduce(ristretto.scalar_sum, (sharing.share(one, place) for one in coefficients))
        assert secret.hex() == OURS["secrets"][place - 1]
        assert sharing.committed(summed, place).hex() == OURS["shares"][place - 1]
        sharing.require_share(secret, summed, place)
    group = GroupKey(bytes.fromhex(OURS["roster"]), summed[0], tuple(raw(OURS["shares"])), ())
    assert (group.public.hex(), group.context.hex()) == (OURS["public"], OURS["context"])
    inputs = [bound(group.context, one) for one in raw(OURS["values"])]
    blinding = oprf.blind_by(Mode.VOPRF, inputs, raw(OURS["blinds"]))
    assert blinding.points == raw(OURS["blinded"])
    answers = []
    for secret, public, nonce, proof in zip(
        *(raw(OURS[name]) for name in ("secrets", "shares", "nonces", "proofs")), strict=True
    ):
        answers.append(oprf.evaluate(secret, blinding.points))
        assert oprf.prove(KeyPair(secret, public), blinding.points, answers[-1], nonce) == proof
        oprf.require_one_key(public, blinding.points, answers[-1], proof)
    assert answers == [raw(one) for one in OURS["answers"]]
    for chosen in combinations(places, OURS["threshold"]):
        elements = sharing.combined(chosen, [answers[place - 1] for place in chosen])
        assert oprf.finalize(inputs, blinding.inverses, elements) == raw(OURS["outputs"])
    # ... and they are what one server with the whole key would have said.
    key = reduce(ristretto.scalar_sum, (one[0] for one in coefficients))
    outputs = oprf.own_outputs(Mode.VOPRF, key, inputs)
    assert outputs == raw(OURS["outputs"])
    assert [tag_of(one, OURS["look"]) for one in outputs] == raw(OURS["tags"])
    assert link_of(outputs[0], outputs[1], OURS["look"]).hex() == OURS["link"]


def test_fewer_or_more_than_the_threshold() -> None:
    """Two of three say nothing of it; four of five, of a key of three, say the same."""
    polynomial = sharing.draw(3, secrets.token_bytes)
    whole = ristretto.multiply(polynomial.coefficients[0], _GOOD)
    answers = {
        place: [ristretto.multiply(sharing.share(polynomial.coefficients, place), _GOOD)]
        for place in range(1, 6)
    }
    for chosen in ((1, 2), (2, 5)):
        assert sharing.combined(chosen, [answers[one] for one in chosen]) != [whole]
    for some in ((5, 1, 3), (4, 3, 2, 1), (1, 2, 3, 4, 5)):
        assert sharing.combined(some, [answers[one] for one in some]) == [whole]


def test_places_that_are_none() -> None:
    for places in ((), (0, 1), (1, 1), (-1, 2)):
        with pytest.raises(BadInput, match="places"):
            sharing.weights(places)
    with pytest.raises(BadInput, match="as many"):
        sharing.combined((1, 2), [[_GOOD]])
    with pytest.raises(BadInput, match="as many"):
        sharing.combined((1, 2), [[_GOOD], [_GOOD, _GOOD]])


def test_shares_that_are_not_what_was_committed_to() -> None:
    polynomial = sharing.draw(3, secrets.token_bytes)
    good = sharing.share(polynomial.coefficients, 2)
    sharing.require_share(good, polynomial.commitments, 2)
    for value, commitments, place in (
        (good, polynomial.commitments, 3),
        (ristretto.scalar_sum(good, sharing.scalar(1)), polynomial.commitments, 2),
        (good, [*polynomial.commitments[:2], _GOOD], 2),
        (good, [*polynomial.commitments[:2], ristretto.IDENTITY], 2),
        (good, [ristretto.IDENTITY, *polynomial.commitments[1:]], 2),
        (good, [*polynomial.commitments[:2], _GOOD[:31] + b"\x80"], 2),
        (ristretto.ORDER.to_bytes(32, "little"), polynomial.commitments, 2),
        (ristretto.ZERO, polynomial.commitments, 2),
    ):
        with pytest.raises(BadInput):
            sharing.require_share(value, commitments, place)


def test_commitments_that_come_to_the_identity_at_a_place() -> None:
    """A share of zero: whoever has it could answer nothing."""
    one = sharing.scalar(1)
    line = [ristretto.multiply_base(sharing.scalar(-2)), ristretto.multiply_base(one)]
    with pytest.raises(BadInput):
        sharing.committed(line, 2)
    assert sharing.committed(line, 3) == ristretto.multiply_base(one)
