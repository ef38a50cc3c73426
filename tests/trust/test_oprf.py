"""RFC 9497: its vectors, another implementation in both directions, and what is refused."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
import rbcl
from hypothesis import given, settings
from hypothesis import strategies as st
from voprf import ristretto as other

from tocsin.kernel import BadInput
from tocsin.trust import oprf, ristretto
from tocsin.trust.oprf import Mode

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "oprf" / "ristretto255_sha512.json").read_text("utf-8")
)
CASES = [(suite, vector) for suite in VECTORS for vector in suite["vectors"]]
LOW_ORDER_AND_BAD = {
    "the identity": bytes(32),
    "a non-canonical field element": (2**255 - 19 + 2).to_bytes(32, "little"),
    "a negative field element": b"\x01" + bytes(31),
    "no square (RFC 9496, A.3)": bytes.fromhex(
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"
    ),
    "the top bit set": bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6"),
    "the element of order two of the curve": (2**255 - 20).to_bytes(32, "little"),
    "too short": bytes(31),
    "too long": bytes(33),
}


def raw(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


@pytest.mark.parametrize(("suite", "vector"), CASES)
def test_the_vectors_of_the_rfc(suite: dict[str, Any], vector: dict[str, Any]) -> None:
    mode = Mode(suite["mode"])
    key = oprf.derive_key(mode, bytes.fromhex(suite["seed"]), bytes.fromhex(suite["info"]))
    assert key.secret.hex() == suite["secret"]
    assert key.public.hex() == suite.get("public", key.public.hex())
    inputs, blinds = raw(vector["inputs"]), raw(vector["blinds"])
    blinding = oprf.blind_by(mode, inputs, blinds)
    assert blinding.points == raw(vector["blinded"])
    evaluated = oprf.evaluate(key.secret, blinding.points)
    assert evaluated == raw(vector["evaluated"])
    if mode is Mode.VOPRF:
        proof = oprf.prove(key, blinding.points, evaluated, bytes.fromhex(vector["nonce"]))
        assert proof.hex() == vector["proof"]
        oprf.require_one_key(key.public, blinding.points, evaluated, proof)
    assert oprf.finalize(inputs, blinding.inverses, evaluated) == raw(vector["outputs"])
    assert oprf.own_outputs(mode, key.secret, inputs) == raw(vector["outputs"])


def test_its_answers_convince_another_implementation() -> None:
    seed, info = secrets.token_bytes(32), b"two programs, one key"
    key = oprf.derive_key(Mode.VOPRF, seed, info)
    assert other.Evaluator.from_seed(seed, info).public_key.serialize() == key.public
    clients, blinded = zip(*(other.Client.blind(list(b"refund %d" % at)) for at in range(20)), strict=True)
    points = [one.serialize() for one in blinded]
    evaluated = oprf.evaluate(key.secret, points)
    proof = oprf.prove(key, points, evaluated, ristretto.draw_scalar(secrets.token_bytes))
    told = other.VerifiableBatchOutput.deserialize(list(_batch(evaluated, proof)))
    outputs = other.Client.finalize_batch(list(clients), told, other.PublicKey.deserialize(key.public))
    assert list(outputs) == oprf.own_outputs(Mode.VOPRF, key.secret, [b"refund %d" % at for at in range(20)])


def test_it_is_convinced_by_another_implementation_and_by_no_other_key() -> None:
    server = other.Evaluator(secrets.token_bytes(32))
    inputs = [b"refund %d" % at for at in range(300)]  # more than one part, so that threads take turns
    blinding = oprf.blind(Mode.VOPRF, inputs, secrets.token_bytes, workers=2)
    answer = server.evaluate_batch([other.BlindedInput.deserialize(point) for point in blinding.points])
    evaluated, proof = _unbatch(bytes(answer.serialize()), len(inputs))
    public = server.public_key.serialize()
    oprf.require_one_key(public, blinding.points, evaluated, proof, workers=2)
    outputs = oprf.finalize(inputs, blinding.inverses, evaluated, workers=2)
    assert outputs == [server.evaluate_known_input(value) for value in inputs]
    with pytest.raises(BadInput, match="one key"):
        oprf.require_one_key(
            other.Evaluator(bytes(32)).public_key.serialize(), blinding.points, evaluated, proof
        )


def _batch(evaluated: list[bytes], proof: bytes) -> bytes:
    return proof + b"".join(evaluated)


def _unbatch(answer: bytes, size: int) -> tuple[list[bytes], bytes]:
    proof, points = answer[: oprf.PROOF_BYTES], answer[oprf.PROOF_BYTES :]
    assert len(points) == 32 * size
    return [points[at : at + 32] for at in range(0, len(points), 32)], proof


@pytest.mark.parametrize("name", LOW_ORDER_AND_BAD)
def test_what_is_no_element_is_refused_wherever_it_comes_in(name: str) -> None:
    bad = LOW_ORDER_AND_BAD[name]
    key = oprf.derive_key(Mode.VOPRF, bytes(32), b"")
    good = ristretto.draw_point(secrets.token_bytes)
    proof = bytes([1]) + bytes(63)
    with pytest.raises(BadInput):
        ristretto.checked_point(bad)
    with pytest.raises(BadInput):
        oprf.evaluate(key.secret, [good, bad])
    with pytest.raises(BadInput):
        oprf.finalize([b"x"], [ristretto.draw_scalar(secrets.token_bytes)], [bad])
    with pytest.raises(BadInput):
        oprf.require_one_key(bad, [good], [good], proof)
    with pytest.raises(BadInput):
        oprf.require_one_key(key.public, [good], [bad], proof)


def test_a_proof_holds_for_its_batch_alone() -> None:
    key = oprf.derive_key(Mode.VOPRF, bytes(32), b"")
    points = oprf.blind(Mode.VOPRF, [b"a", b"b", b"c"], secrets.token_bytes).points
    evaluated = oprf.evaluate(key.secret, points)
    proof = oprf.prove(key, points, evaluated, ristretto.draw_scalar(secrets.token_bytes))
    oprf.require_one_key(key.public, points, evaluated, proof)
    swapped = [evaluated[1], evaluated[0], evaluated[2]]
    foreign = [*evaluated[:2], oprf.evaluate(bytes([2]) + bytes(31), points[2:])[0]]
    high = ristretto.ORDER + int.from_bytes(proof[:32], "little")
    for points_, answers, shown in (
        (points, swapped, proof),
        (points, foreign, proof),
        (points[:2], evaluated[:2], proof),
        (points, evaluated[:2], proof),
        ([], [], proof),
        (points, evaluated, proof[:63]),
        (points, evaluated, bytes(64)),
        (points, evaluated, proof[:32] + bytes(32)),
        (points, evaluated, proof[32:] + proof[:32]),
        (points, evaluated, high.to_bytes(32, "little") + proof[32:]),
    ):
        with pytest.raises(BadInput):
            oprf.require_one_key(key.public, points_, answers, shown)


def test_inputs_and_seeds_have_bounds() -> None:
    with pytest.raises(BadInput, match="65535"):
        oprf.hash_to_group(Mode.OPRF, bytes(65_536))
    with pytest.raises(BadInput, match="32 bytes"):
        oprf.derive_key(Mode.OPRF, bytes(31), b"")
    with pytest.raises(BadInput, match="answers"):
        oprf.unblind([bytes([1]) + bytes(31)], [])
    with pytest.raises(BadInput, match="zero"):
        ristretto.multiply_base(bytes(32))
    assert oprf.hash_to_group(Mode.OPRF, b"a") != oprf.hash_to_group(Mode.VOPRF, b"a")


@settings(max_examples=20)
@given(st.lists(st.integers(1, ristretto.ORDER - 1), max_size=6))
def test_inverses_are_inverses(numbers: list[int]) -> None:
    scalars = [number.to_bytes(32, "little") for number in numbers]
    for number, inverse in zip(numbers, ristretto.inverses(scalars), strict=True):
        assert number * int.from_bytes(inverse, "little") % ristretto.ORDER == 1


def test_parts_keep_their_order() -> None:
    items = list(range(3 * ristretto.PART + 1))
    assert ristretto.in_parts(lambda part: [one + 1 for one in part], items, 2) == list(
        range(1, len(items) + 1)
    )


def test_the_library_leaves_no_file_behind() -> None:
    assert not Path(rbcl.rbcl._sodium._name).exists()
