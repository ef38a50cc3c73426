"""An Inspect log, `.eval` or `.json`, by the fields that outcomes need: one sample in memory at a time.

Inspect's own reader makes every event an object; these structures pass over what they do not name.
"""

import json
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import msgspec

from tocsin.evaluate.runs.archives import Archive
from tocsin.kernel.errors import BadInput, TooLarge

MAX_JSON_BYTES = 1 << 30
"""A `.json` log is one document; of it a list of places in the file is held, and the text is the system's to page."""

MAX_PYTHON_JSON_BYTES = 64 << 20
"""Where a NaN is in it, only Python's own reader takes it, whole: some ten times this in memory."""

MAX_SAMPLES = 1_000_000
"""Of one log, epochs counted; the largest sets of prompts in use are a hundredth."""

SAMPLES = "samples/"
_ZIP = b"PK\x03\x04"

T = TypeVar("T")


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one model."""

    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_cache_read: int | None = None
    input_tokens_cache_write: int | None = None


class Scored(msgspec.Struct, frozen=True):
    """One scorer's word. `reason` is Inspect's word for why there is none."""

    value: Any = None
    explanation: str | None = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class ToolError(msgspec.Struct, frozen=True):
    type: str = ""


class Call(msgspec.Struct, frozen=True):
    id: str = ""
    function: str = ""


class Message(msgspec.Struct, frozen=True):
    role: str = ""
    tool_calls: list[Call] | None = None
    error: ToolError | None = None


class Reply(msgspec.Struct, frozen=True):
    content: Any = ""
    tool_calls: list[Call] | None = None


class Choice(msgspec.Struct, frozen=True):
    message: Reply = Reply()


class Output(msgspec.Struct, frozen=True):
    choices: list[Choice] = []
    completion: str = ""


class Limit(msgspec.Struct, frozen=True):
    type: str = ""


class Sample(msgspec.Struct, frozen=True):
    """One sample in one epoch."""

    id: str | int
    epoch: int = 1
    input: str | list[dict[str, Any]] = ""
    choices: list[str] | None = None
    messages: list[Message] = []
    output: Output = Output()
    scores: dict[str, Scored] | None = None
    metadata: dict[str, Any] = {}
    model_usage: dict[str, Usage] = {}
    role_usage: dict[str, Usage] = {}
    error: Any = None
    limit: Limit | None = None
    attachments: dict[str, str] = {}
    invalidation: Any = None
    started_at: str | None = None
    completed_at: str | None = None


class Event(msgspec.Struct, frozen=True):
    """A call of a model, among a sample's events."""

    event: str = ""
    model: str = ""
    role: str | None = None
    error: Any = None


class Events(msgspec.Struct, frozen=True):
    events: list[Event] = []


class Dataset(msgspec.Struct, frozen=True):
    samples: int | None = None
    sample_ids: list[str | int] | None = None


class Config(msgspec.Struct, frozen=True):
    epochs: int | None = None


class Scorer(msgspec.Struct, frozen=True):
    name: str = ""
    options: dict[str, Any] | None = None


class Spec(msgspec.Struct, frozen=True):
    """What was run."""

    task: str
    model: str
    created: str = ""
    task_registry_name: str | None = None
    task_version: int | str = 0
    dataset: Dataset = Dataset()
    config: Config = Config()
    model_roles: dict[str, Any] | None = None
    scorers: list[Scorer] | None = None
    packages: dict[str, str] = {}
    metadata: dict[str, Any] | None = None


class Stats(msgspec.Struct, frozen=True):
    started_at: str = ""
    completed_at: str = ""


class Header(msgspec.Struct, frozen=True):
    """A log without its samples. A run that was killed has no more than `eval`."""

    eval: Spec
    status: str = "started"
    stats: Stats = Stats()


class _Document(Header, frozen=True):
    samples: list[msgspec.Raw] | None = None


class InspectLog:
    """One open log. Made by `opened_log`."""

    def __init__(self, stream: BinaryIO) -> None:
        self.digest = file_digest(cast(BytesIO, stream), "sha256").hexdigest()
        stream.seek(0)
        zipped = stream.read(4) == _ZIP
        stream.seek(0)
        self._archive = Archive(stream) if zipped else None
        self._listed: list[msgspec.Raw] = []
        if self._archive is not None:
            self.header = self._headed(self._archive)
        else:
            document = _document(stream)
            self.header, self._listed = document, document.samples or []
        self._samples = msgspec.json.Decoder(Sample)

    def samples(self) -> Iterator[tuple[Sample, bytes | msgspec.Raw]]:
        """Each sample with its bytes. Raises BadInput and TooLarge, naming what was read."""
        for count, (name, data) in enumerate(self._entries(), 1):
            if count > MAX_SAMPLES:
                raise TooLarge(f"more than {MAX_SAMPLES:,} samples in one log: split the run by task")
            try:
                sample = self._samples.decode(data)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                # a score that is not a number makes it what only Python takes for JSON
                sample = _by_python(bytes(data), Sample, name)
            yield sample, data

    def _entries(self) -> Iterator[tuple[str, bytes | msgspec.Raw]]:
        if self._archive is None:
            yield from ((f"sample {number}", data) for number, data in enumerate(self._listed, 1))
            return
        for name in self._archive.names(SAMPLES):
            yield name, self._archive.read(name)

    @staticmethod
    def _headed(archive: Archive) -> Header:
        # written when a run ends, and when it begins
        for name in ("header.json", "_journal/start.json"):
            if name in archive:
                return _decoded(archive.read(name), Header, name)
        raise BadInput("the zip has neither header.json nor _journal/start.json: it is no log of Inspect")


@contextmanager
def opened_log(file: Path) -> Iterator[InspectLog]:
    """The log of a file. Raises BadInput, TooLarge."""
    try:
        with file.open("rb") as stream:
            yield InspectLog(stream)
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror or error}") from None


def events_of(data: bytes | msgspec.Raw) -> list[Event]:
    """The events of a sample's bytes; those that are no calls of a model are nearly empty."""
    return _decoded(bytes(data), Events, "a sample").events


def _document(stream: BinaryIO) -> _Document:
    size = stream.seek(0, 2)
    stream.seek(0)
    if not size:
        raise BadInput("the log is empty")
    if size > MAX_JSON_BYTES:
        raise TooLarge(
            f"a .json log over {MAX_JSON_BYTES >> 20} MiB: `inspect log convert --to eval` makes one that is read"
        )
    try:
        data: Any = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # a stream in memory
        data = stream.read()
    try:
        return msgspec.json.decode(data, type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _by_python(data[:], _Document, "the log")


def _decoded(data: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _by_python(data, kind, name)


def _by_python(data: bytes, kind: type[T], name: str) -> T:
    if len(data) > MAX_PYTHON_JSON_BYTES:
        raise TooLarge(f"{name} is over {MAX_PYTHON_JSON_BYTES >> 20} MiB and no strict JSON")
    try:
        value = json.loads(data)
        if kind is _Document and isinstance(value, dict):
            # places in the bytes are lost; what each sample held is written again
            value["samples"] = [
                msgspec.Raw(json.dumps(sample).encode()) for sample in value.get("samples") or []
            ]
        return msgspec.convert(value, kind)
    except (ValueError, RecursionError, TypeError) as error:  # msgspec's own are ValueErrors
        raise BadInput(f"{name[:80]} is not what Inspect writes ({error})") from None
