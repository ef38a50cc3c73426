"""Guard models as data: templates that say how a model is asked and what its labels mean here, and an operator's files
that say where one runs.

Enters: the packaged templates (`taxonomy/guards/*.yaml`), an operator's guards (`DATA/guards/*.yaml`). Leaves:
guards ready to be asked. Refuses: a file that cannot be read, by name; a label that leads to anything but conduct
of the closed list. No operator's file, no guard.
"""

import hashlib
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput
from tocsin.taxonomy.conduct import category

MAX_FILE_BYTES = 64 << 10
MAX_GUARDS = 8
"""More would each read every text; agreement among eight is settled."""

MAX_BATCH = 16
ORDERS = "technique.requirement-hijack"
"""The category under which a guard says that a text is an order to a machine (prompt injection)."""

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class GuardTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a model is asked, and what its labels mean here: conduct, or null for nothing of ours."""

    name: str
    version: int
    shape: Annotated[str, Meta(pattern="^(llama-guard|qwen3guard|safeguard)$")]
    model: str
    categories: dict[str, str | None]
    policy: str = ""
    batch: Annotated[int, Meta(ge=1, le=MAX_BATCH)] = 1


class GuardFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one guard runs, and what it may cost. The file's name is the guard's."""

    url: Annotated[str, Meta(description="Base of an OpenAI-compatible interface, up to and with /v1.")]
    template: Annotated[str, Meta(description="A packaged template.")] = ""
    own: Annotated[GuardTemplate | None, Meta(description="A template of your own, in place of one.")] = None
    model: Annotated[str, Meta(description="As the endpoint calls it; the template's by default.")] = ""
    key_env: Annotated[str, Meta(description="Environment variable with the key.")] = ""
    allow_private: Annotated[
        bool, Meta(description="It may be at a private address, or by plain http on this machine.")
    ] = False
    languages: Annotated[
        tuple[str, ...], Meta(description="Judge only events said to be in these; all by default.")
    ] = ()
    concurrency: Annotated[int, Meta(ge=1, le=32, description="Requests at once.")] = 4
    timeout_seconds: Annotated[float, Meta(gt=0.0, le=300.0, description="For a whole answer.")] = 20.0
    requests_a_minute: Annotated[int, Meta(ge=1, description="Rate limit.")] = 120
    requests_a_day: Annotated[int, Meta(ge=1, description="Budget of a day (UTC).")] = 20_000
    cost_per_million_characters: Annotated[
        float, Meta(ge=0.0, description="What you pay for text sent, in any currency.")
    ] = 0.0
    cost_a_day: Annotated[float, Meta(ge=0.0, description="Budget of a day; 0 sets none.")] = 0.0
    max_characters: Annotated[
        int, Meta(ge=200, le=100_000, description="Longer texts are judged in pieces.")
    ] = 8_000
    results: Annotated[
        bool, Meta(description="Judge too whether what tools brought back gives orders to a machine.")
    ] = False


class Guard(msgspec.Struct, frozen=True):
    """A guard of this node. `version` changes with model, template and meaning, so that verdicts do not mix."""

    name: str
    file: GuardFile
    template: GuardTemplate
    model: str
    version: str


def of_results(guard: Guard) -> Guard:
    """The same guard as it is asked about what tools brought back: of its labels those count that say it is an order.

    Its version is another, so that nothing said of a tool's result is taken for a word on what an account wrote.
    """
    meant = {label: ORDERS if to == ORDERS else None for label, to in guard.template.categories.items()}
    return msgspec.structs.replace(
        guard,
        template=msgspec.structs.replace(guard.template, categories=meant),
        version=f"{guard.version}.results",
    )


@cache
def packaged_templates() -> dict[str, GuardTemplate]:
    """The templates that come with Tocsin, by name."""
    folder = resources.files("tocsin.taxonomy").joinpath("guards")
    entries = (entry for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    templates = (
        _template(_decode(entry.read_bytes(), entry.name, GuardTemplate), entry.name) for entry in entries
    )
    return {template.name: template for template in templates}


def load_guards(folder: Path) -> tuple[Guard, ...]:
    """The guards of a folder, by name; none when there is none. Raises BadInput naming a bad file."""
    if not folder.is_dir():
        return ()
    files = sorted(folder.glob("*.yaml"))
    if len(files) > MAX_GUARDS:
        raise BadInput(f"{len(files)} guards in one folder; {MAX_GUARDS} is the most")
    return tuple(read_guard(file.read_bytes(), file.name) for file in files)


def read_guard(data: bytes, file_name: str) -> Guard:
    """One guard. Raises BadInput naming the file and what is wrong."""
    name = file_name.removesuffix(".yaml")
    if not NAME.fullmatch(name):
        raise BadInput(f"guard {file_name}: its name has small letters, digits and hyphens")
    file = _decode(data, file_name, GuardFile)
    if (file.own is None) == (not file.template):
        raise BadInput(f"guard {file_name}: name a `template`, or write your `own`, one of the two")
    if file.own is None and file.template not in packaged_templates():
        raise BadInput(
            f"guard {file_name}: there is no template {file.template[:64]!r}; "
            f"there are {', '.join(sorted(packaged_templates()))}"
        )
    template = packaged_templates()[file.template] if file.own is None else _template(file.own, file_name)
    if file.cost_a_day and not file.cost_per_million_characters:
        raise BadInput(f"guard {file_name}: cost_a_day needs cost_per_million_characters")
    if file.results and ORDERS not in template.categories.values():
        raise BadInput(
            f"guard {file_name}: no label of {template.name} leads to {ORDERS}, so it says nothing of tools' results: "
            "take `results` away"
        )
    model = file.model or template.model
    told = msgspec.json.encode([template.shape, model, template.policy, sorted(template.categories.items())])
    version = f"{template.name}.{template.version}.{hashlib.sha256(told).hexdigest()[:8]}"
    return Guard(name=name, file=file, template=template, model=model, version=version)


def _template(template: GuardTemplate, file_name: str) -> GuardTemplate:
    for label, meant in template.categories.items():
        if meant is not None and category(meant) is None:
            raise BadInput(f"guard {file_name}: {label} leads to {meant!r}, which is no category of conduct")
    if not template.categories:
        raise BadInput(f"guard {file_name}: `categories` says what each label of the model means here")
    if template.shape == "safeguard" and not template.policy.strip():
        raise BadInput(f"guard {file_name}: a safeguard model needs a `policy`")
    if template.shape != "safeguard" and template.batch != 1:
        raise BadInput(f"guard {file_name}: {template.shape} takes one text at a time: take `batch` away")
    return template


def _decode(data: bytes, name: str, kind: type[T]) -> T:
    if len(data) > MAX_FILE_BYTES:
        raise BadInput(f"guard {name} is larger than {MAX_FILE_BYTES >> 10} KiB")
    try:
        return msgspec.yaml.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadInput(f"guard {name}: {str(error)[:300]}; docs/guards.md shows one") from error
