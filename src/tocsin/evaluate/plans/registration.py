"""A registration: made, stated, revealed, and checked by anybody with the file and the key, without a node.

Checked, in this order (`open_revealed`):

1. the file is bounded JSON, no key twice; the plan is sound, and the samples are as many as it says
2. the commitment over its salt, plan and samples is the one that it names
3. the statement is signed by the key that was given
4. the statement is about that commitment, and says by whom and when
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tocsin.evaluate.plans.canonical import content, plan_digest
from tocsin.evaluate.plans.checking import lacking, unsound
from tocsin.evaluate.plans.commitment import SALT_BYTES, commitment
from tocsin.evaluate.plans.reading import plan_of
from tocsin.evaluate.plans.sheets import (
    checked_sheet,
    cluster_of,
    sheet_roots,
)
from tocsin.evaluate.plans.words import heard
from tocsin.kernel.clock import at_micros, micros
from tocsin.kernel.errors import BadInput, Conflict
from tocsin.kernel.plans import Plan, PlannedSample, PlannedTask, RegisteredPlan, Registration
from tocsin.trust.signing_keys import PublicKey, signed_by
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_value, parse_envelope, read_envelope
from tocsin.wire.in_toto import Statement, Subject, parse_statement
from tocsin.wire.strict_json import decode

PREDICATE = "urn:tocsin:attestation:plan-registration:1"
FILE_TYPE = "urn:tocsin:revealed-plan:1"

MAX_REVEALED_BYTES = 256 << 20
"""A plan of half a million samples at some hundred bytes each, five times over."""

MAX_REVEALED_VALUES = 5_000_000
MAX_ALL_SAMPLES = 500_000
"""Over all tasks of a plan."""


class Revealed(msgspec.Struct, frozen=True):
    """What a revealed file proved: this plan with these samples was committed to by `node` at the signed moment."""

    registered: RegisteredPlan
    node: str


def checked_samples(
    plan: Plan, samples: Mapping[str, Iterable[PlannedSample]]
) -> dict[str, tuple[PlannedSample, ...]]:
    """By task, sorted, and such as the plan asks for. Raises BadInput naming the task, and TooLarge."""
    sorted_out = _planned(plan, samples)
    for task in plan.content:
        _suits(plan, task, sorted_out[task.task])
    return sorted_out


def _planned(
    plan: Plan, samples: Mapping[str, Iterable[PlannedSample]]
) -> dict[str, tuple[PlannedSample, ...]]:
    """By task, sorted, as many as the plan says. Raises BadInput, TooLarge."""
    tasks = {task.task: task for task in plan.content}
    for name in samples:
        if name not in tasks:
            raise BadInput(f"there are samples of {name[:100]!r}, which is not in the plan's `content`")
    sorted_out: dict[str, tuple[PlannedSample, ...]] = {}
    for name, task in tasks.items():
        if name not in samples:
            raise BadInput(f"no samples of {name} are given: --sheet {name}=FILE, one JSON line a sample")
        sheet = sorted_out[name] = checked_sheet(samples[name], f"the sheet of {name}")
        if len(sheet) != task.samples:
            raise BadInput(f"the plan says {task.samples} samples of {name}, and its sheet has {len(sheet)}")
    if sum(map(len, sorted_out.values())) > MAX_ALL_SAMPLES:
        raise BadInput(f"over {MAX_ALL_SAMPLES:,} samples in one plan: make two of it")
    return sorted_out


def _suits(plan: Plan, task: PlannedTask, sheet: Sequence[PlannedSample]) -> None:
    """Raises BadInput when no run over these samples could answer the plan's lines."""
    name = task.task
    for sample in sheet:
        if sample.language and sample.language not in plan.coverage.languages:
            raise BadInput(
                f"sample {sample.id} of {name} is in {sample.language}, which `coverage.languages` lacks"
            )
    clusters = len({cluster_of(sample) for sample in sheet})
    for line in plan.measurement.lines:
        short = "" if task.underpowered_because or line.task != name else lacking(plan, line, task, clusters)
        if short:
            raise BadInput(
                f"{name} has {clusters} clusters of samples that are alike: {short} Take more, or say why not in"
                " `underpowered_because`"
            )
    silent = sum(not heard(plan, name, language_of(plan, sample)) for sample in sheet)
    if silent > plan.measurement.invalid_limit * len(sheet):
        raise BadInput(
            f"{silent} of {len(sheet)} samples of {name} are in languages in which a judge has no word: over the limit"
            " of invalid samples before anything is run. Calibrate it, or cover fewer languages"
        )


def language_of(plan: Plan, sample: PlannedSample) -> str:
    """What it says, or the plan's own where there is only one."""
    return sample.language or (plan.coverage.languages[0] if len(plan.coverage.languages) == 1 else "")


def registration_of(
    plan: Plan, samples: Mapping[str, Sequence[PlannedSample]], *, salt: bytes, at: int, by: str
) -> RegisteredPlan:
    """The registration of checked samples, without its statement. `salt` is 32 bytes of chance, never used before."""
    digest, roots = plan_digest(plan), sheet_roots(samples)
    identity = commitment(salt, digest, roots)
    registration = Registration(id=identity, plan=digest, sheets=roots, salt=salt, at=at, by=by)
    return RegisteredPlan(registration, plan, {task: tuple(listed) for task, listed in samples.items()})


def whole(registered: RegisteredPlan) -> bool:
    """Whether plan, samples and salt are those of the commitment."""
    kept = registered.registration
    digest, roots = plan_digest(registered.plan), sheet_roots(registered.samples)
    return (digest, roots) == (kept.plan, kept.sheets) and commitment(kept.salt, digest, roots) == kept.id


def statement_of(registration: Registration, node: str) -> Statement:
    """What a node signs at the moment of registration: it says nothing of the plan."""
    return Statement(
        subjects=(Subject("plan-commitment", {"sha256": registration.id}),),
        predicate_type=PREDICATE,
        predicate={"registered": at_micros(registration.at).isoformat(), "node": node},
    )


def revealed(registered: RegisteredPlan) -> bytes:
    """The file that lets anybody check the registration: plan, salt, samples (digests of prompts), statement."""
    kept = registered.registration
    document = {
        "type": FILE_TYPE,
        "commitment": kept.id,
        "salt": kept.salt.hex(),
        "plan": content(registered.plan),
        "samples": {
            task: [[one.id, one.prompt, one.cluster, one.language] for one in listed]
            for task, listed in registered.samples.items()
        },
        "statement": envelope_value(parse_envelope(kept.statement)),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    commitment: str
    salt: str
    plan: dict[str, Any]
    samples: dict[str, list[tuple[str, str, str, str]]]
    statement: dict[str, Any]


def open_revealed(data: bytes, keys: Sequence[PublicKey]) -> Revealed:
    """What the file proves, under any of these keys. Raises BadInput for what is no such file, TooLarge, and Conflict
    when a check fails: the commitment, the signature, what the statement speaks of.
    """
    value = decode(data, "the revealed plan", limit=MAX_REVEALED_BYTES, values=MAX_REVEALED_VALUES)  # 1
    try:
        file = msgspec.convert(value, _File)
        salt = bytes.fromhex(file.salt)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadInput(
            f"this is not a revealed plan: {error}; `tocsin evaluation plan reveal` writes one"
        ) from None
    if file.type != FILE_TYPE or len(salt) != SALT_BYTES:
        raise BadInput(
            f"this is not a revealed plan: its type is {FILE_TYPE}, its salt has {SALT_BYTES} bytes"
        )
    plan = plan_of(file.plan)
    if wrong := [f"`{field}`: {sentence}" for field, sentence in unsound(plan)]:
        raise BadInput(f"no run of the revealed plan could be judged. {'; '.join(wrong)}")
    samples = _planned(
        plan, {task: [PlannedSample(*row) for row in rows] for task, rows in file.samples.items()}
    )
    found = registration_of(plan, samples, salt=salt, at=0, by="")
    if found.registration.id != file.commitment:  # 2
        raise Conflict(
            f"plan and samples are not those of commitment {file.commitment[:64]}: theirs is {found.registration.id}"
        )
    at, node, envelope = _stated(file.statement, keys, found.registration.id)
    kept = msgspec.structs.replace(found.registration, at=at, by=node, statement=envelope)
    return Revealed(msgspec.structs.replace(found, registration=kept), node)


def _stated(value: dict[str, Any], keys: Sequence[PublicKey], commitment_id: str) -> tuple[int, str, bytes]:
    envelope = read_envelope(value)
    if envelope.payload_type != IN_TOTO_TYPE or not any(signed_by(envelope, key) for key in keys):  # 3
        raise Conflict(
            "the statement is signed by none of the keys that were given: ask for the node's, by another way"
        )
    statement = parse_statement(envelope.payload)
    if statement.predicate_type != PREDICATE or [one.digest for one in statement.subjects] != [
        {"sha256": commitment_id}
    ]:  # 4
        raise Conflict(f"the signed statement is about something else than commitment {commitment_id}")
    try:
        moment = datetime.fromisoformat(str(statement.predicate["registered"]))
        return micros(moment), str(statement.predicate["node"])[:200], msgspec.json.encode(value)
    except (KeyError, ValueError, TypeError, OverflowError):
        raise BadInput("the signed statement does not say by whom and when, in a form that is read") from None
