"""The draw: which samples are run again, by two nonces that neither side could fit to the other. Ours, and unaudited.

Hashes are SHA-256 over fields, each after its length as 8 bytes, big-endian, the first of them a domain:

1. the challenger commits to its nonce: H("tocsin:recognition-nonce:1", nonce)
2. the seed: H("tocsin:recognition-seed:1", the challenge's digest, the answering side's nonce, the challenger's)
3. the subset: of all ids the `samples` with the least HMAC-SHA256(seed, id); ties cannot be made, for ids differ
4. the challenger commits to what it found on them: H("tocsin:recognition-outcomes:1", salt, a root for each run)

The answering side has committed to every outcome before (the Merkle roots of its signed evaluation); the challenger to
its nonce before it sees the other's. docs/recognition.md has the argument, tests/vectors/recognition a vector.
"""

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256

from tocsin.evaluate.plans.proofs import outcomes_root
from tocsin.evaluate.plans.sheets import outcome_id
from tocsin.kernel import BadInput
from tocsin.kernel.evaluations import SampleOutcome
from tocsin.kernel.plans import RegisteredPlan

NONCE_BYTES = 32

NONCE_DOMAIN = b"tocsin:recognition-nonce:1"
SEED_DOMAIN = b"tocsin:recognition-seed:1"
OUTCOMES_DOMAIN = b"tocsin:recognition-outcomes:1"
SUBSET_DOMAIN = b"tocsin:recognition-subset:1"


def nonce_commitment(nonce: bytes) -> str:
    """Hex. Binding, for SHA-256 has no known collisions; hiding, for the nonce is 32 bytes of chance."""
    return _hashed(NONCE_DOMAIN, nonce)


def joint_seed(challenge: str, theirs: bytes, ours: bytes) -> bytes:
    """`challenge` is its digest, hex: it binds the seed to the evaluation, the sheet and the number of samples."""
    return bytes.fromhex(_hashed(SEED_DOMAIN, bytes.fromhex(challenge), theirs, ours))


def population(registered: RegisteredPlan, task: str) -> tuple[str, ...]:
    """The ids of all outcomes of a task, as leaves of the sheet lie: so an id has one place, and none has two.

    Raises BadInput for ids with spaces, whose place would depend on the outcome.
    """
    repeats = {one.task: one.repeats for one in registered.plan.content}
    if task not in repeats:
        raise BadInput(f"the plan has no task {task[:100]!r}")
    ids = [
        outcome_id(sample.id, repeat, repeats[task])
        for sample in registered.samples[task]
        for repeat in range(1, repeats[task] + 1)
    ]
    if any(" " in one for one in ids):
        raise BadInput(
            f"samples of {task} have spaces in their ids: their place among the others is not fixed"
        )
    return tuple(sorted(ids, key=lambda one: f"{one} ".encode()))


def draw(ids: Sequence[str], seed: bytes, samples: int) -> tuple[str, ...]:
    """`samples` of `ids`, sorted: without replacement, each subset as likely as any other."""
    ranked = sorted(ids, key=lambda one: hmac.digest(seed, one.encode(), "sha256"))
    return tuple(sorted(ranked[:samples]))


def subset_digest(seed: bytes, drawn: Sequence[str]) -> str:
    """Names a draw in what is kept of it."""
    return _hashed(SUBSET_DOMAIN, seed, *(one.encode() for one in drawn))


def outcomes_commitment(salt: bytes, runs: Iterable[Iterable[SampleOutcome]]) -> str:
    """Of outcomes on the drawn samples, a root for each run in their order. Salted: outcomes alone can be guessed."""
    return _hashed(OUTCOMES_DOMAIN, salt, *(bytes.fromhex(outcomes_root(run)) for run in runs))


def _hashed(*fields: bytes) -> str:
    whole = sha256()
    for field in fields:
        whole.update(len(field).to_bytes(8, "big") + field)
    return whole.hexdigest()
