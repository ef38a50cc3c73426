"""The sheet of a task: which samples will be taken, by id and digest of the prompt, before any is.

Enters: samples from a file or a runner. Leaves: them sorted, and a Merkle root over them. Refuses: an id twice, a
prompt that is no digest, alike prompts in clusters that say they differ.
"""

import re
from collections.abc import Iterable, Mapping
from typing import BinaryIO

import msgspec

from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.kernel.plans import PlannedSample
from tocsin.trust import merkle

MAX_SAMPLES = 200_000
"""Of one task. The largest published sets of prompts have a tenth."""

MAX_LINE_BYTES = 4 << 10
"""Four short fields."""

MAX_FIELD_CHARS = 500
"""An id, a cluster."""

HEX_64 = re.compile(r"[0-9a-f]{64}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z")


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    prompt: str
    cluster: str = ""
    language: str = ""


def read_sheet(stream: BinaryIO, what: str = "the sheet") -> tuple[PlannedSample, ...]:
    """JSON lines {"id", "prompt" (sha256), "cluster", "language"}. Raises BadInput naming the line, and TooLarge."""
    decoder, samples = msgspec.json.Decoder(_Row), []
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            raise TooLarge(f"{what}, line {number}: over {MAX_LINE_BYTES} bytes: give digests, not texts")
        if not line.strip():
            continue
        try:
            row = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BadInput(f'{what}, line {number}: {error}; a line is {{"id", "prompt", ...}}') from None
        samples.append(PlannedSample(row.id, row.prompt, row.cluster, row.language))
        if len(samples) > MAX_SAMPLES:
            raise TooLarge(f"{what} has over {MAX_SAMPLES:,} samples: make two tasks of it")
    return checked_sheet(samples, what)


def checked_sheet(samples: Iterable[PlannedSample], what: str = "the sheet") -> tuple[PlannedSample, ...]:
    """The samples sorted by id. Raises BadInput for what no run could be held to, and TooLarge."""
    kept: dict[str, PlannedSample] = {}
    clusters: dict[str, str] = {}
    for sample in samples:
        if not (0 < len(sample.id) <= MAX_FIELD_CHARS and sample.id.isprintable()):
            raise BadInput(f"{what}: an id has 1 to {MAX_FIELD_CHARS} printable characters")
        if len(sample.cluster) > MAX_FIELD_CHARS or not (sample.cluster.isprintable()):
            raise BadInput(f"{what}, sample {sample.id}: a cluster is a name that can be printed")
        if sample.language and not _LANGUAGE.match(sample.language):
            raise BadInput(f"{what}, sample {sample.id}: {sample.language[:40]!r} is no language (BCP 47)")
        if not HEX_64.match(sample.prompt):
            raise BadInput(f"{what}, sample {sample.id}: `prompt` is the sha256 of what is asked, in hex")
        if sample.id in kept:
            raise BadInput(f"{what}: sample {sample.id} is there twice; repeats are said in the plan")
        cluster = cluster_of(sample)
        if clusters.setdefault(sample.prompt, cluster) != cluster:
            raise BadInput(f"{what}, sample {sample.id}: the same prompt stands in two clusters")
        kept[sample.id] = sample
        if len(kept) > MAX_SAMPLES:
            raise TooLarge(f"{what} has over {MAX_SAMPLES:,} samples: make two tasks of it")
    return tuple(sample for _, sample in sorted(kept.items()))


def cluster_of(sample: PlannedSample) -> str:
    """What it shares with samples that are alike: at least its prompt."""
    return sample.cluster or sample.prompt


def sheet_line(sample: PlannedSample) -> bytes:
    """A leaf of a sheet's tree: the JSON array of its four fields (RFC 8785, which an array of texts has already)."""
    return msgspec.json.encode([sample.id, sample.prompt, sample.cluster, sample.language])


def sheet_root(samples: Iterable[PlannedSample]) -> str:
    """Merkle root, hex, over the samples sorted by id."""
    lines = [sheet_line(sample) for sample in sorted(samples, key=lambda one: one.id)]
    return merkle.root(lines).hex()


def sheet_roots(samples: Mapping[str, Iterable[PlannedSample]]) -> dict[str, str]:
    """By task."""
    return {task: sheet_root(listed) for task, listed in sorted(samples.items())}


def outcome_id(sample: str, repeat: int, repeats: int) -> str:
    """The id in a run of repeat 1 to `repeats` of a planned sample: its own where asked once, else "ID#REPEAT"."""
    return sample if repeats == 1 else f"{sample}#{repeat}"


def sample_id(outcome: str, repeats: int) -> str:
    """The planned sample behind an outcome's id."""
    return outcome if repeats == 1 else outcome.rpartition("#")[0]
