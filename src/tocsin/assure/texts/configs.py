"""What a configuration makes a loader do: code it names, classes it imports; and the facts it claims."""
# ruff: noqa: SIM905  (lists of words read better as words)

import re
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Told, finding
from tocsin.assure.texts.named_code import names_in
from tocsin.assure.texts.strict_json import objects_in
from tocsin.kernel.artefacts import Fact, Finding

KNOWN_LIBRARIES = frozenset(
    "transformers diffusers sentence_transformers torch torchvision torchaudio peft accelerate optimum onnxruntime"
    " tokenizers timm open_clip flax jax keras tensorflow numpy sklearn mlflow nemo nemo_toolkit lightning"
    " pytorch_lightning pytorch_transformers trl bitsandbytes gptqmodel auto_gptq".split()
)
"""Libraries whose own classes a configuration may name: they come from a package, not from the model's folder."""

_DANGEROUS = frozenset(
    "os posix nt subprocess builtins sys shutil socket pty runpy importlib ctypes pickle code commands urllib requests"
    " http webbrowser multiprocessing asyncio platform pip".split()
)
_IMPORT_KEYS = frozenset({"_target_", "class_path", "parent_library", "loader_module", "activation_function"})
"""Keys whose value is imported: hydra and NeMo, Lightning, PEFT, MLflow, sentence-transformers."""

_REPOSITORY_KEYS = frozenset({"_attn_implementation", "attn_implementation", "custom_generate"})
"""Keys whose value may be a repository that kernels or a decoding loop are fetched from (transformers 4.57)."""

_MODULE_KEYS = frozenset({"parent_library", "loader_module"})
"""Of these, those that name a module, so that a name without a dot is one too."""

_DOTTED = re.compile(r"^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$")

_ARCHITECTURE = (
    *(
        "model_type",
        "architectures",
        "torch_dtype",
        "dtype",
        "hidden_size",
        "num_hidden_layers",
        "vocab_size",
    ),
    *(
        "num_attention_heads",
        "max_position_embeddings",
        "num_experts",
        "n_layer",
        "n_embd",
        "transformers_version",
    ),
)
MAX_FACT_VALUES = 40


def told_by_config(value: Any, path: str) -> Iterator[Told]:
    """Findings on code that is named, anywhere in the value; facts from its top."""
    for place, item in objects_in(value):
        yield from _code_named(item, place, path)
    if isinstance(value, dict):
        yield from _index_of_pipeline(value, path)
        yield from _facts(value, path)
    elif isinstance(value, list):
        yield from _modules(value, path)


def _code_named(item: dict[str, Any], place: str, path: str) -> Iterator[Finding]:
    for key in ("auto_map", "custom_pipelines"):
        for name in names_in(item.get(key), alone="impl"):
            yield _remote(name, f"{place}.{key}".lstrip("."), path)
    for key in _REPOSITORY_KEYS & item.keys():
        name = item[key]
        if isinstance(name, str) and "/" in name:
            yield finding("config.code-elsewhere", path, field=f"{place}.{key}".lstrip("."), named=name)
    if item.get("trust_remote_code") is True:
        yield finding("config.trusts-remote-code", path, field=f"{place}.trust_remote_code".lstrip("."))
    for key in _IMPORT_KEYS & item.keys():
        name = item[key]
        if isinstance(name, str) and (key in _MODULE_KEYS or _DOTTED.match(name)):
            yield from _imported(name, f"{place}.{key}".lstrip("."), path)


def _remote(name: str, field: str, path: str) -> Finding:
    if "--" in name:
        return finding("config.code-elsewhere", path, field=field, named=name)
    return finding("config.remote-code", path, field=field, named=name)


def _imported(name: str, field: str, path: str) -> Iterator[Finding]:
    top = name.partition(".")[0]
    if top in _DANGEROUS:
        yield finding("config.imports-dangerous", path, field=field, named=name)
    elif top not in KNOWN_LIBRARIES:
        yield finding("config.imports", path, field=field, named=name)


def _index_of_pipeline(value: dict[str, Any], path: str) -> Iterator[Finding]:
    """diffusers' model_index.json: a part is [library, class]; a library that is none is a file of this folder.

    A pipeline's own class is a name, or [file, class] where the file lies beside it. Parts have lists of names too.
    """
    named = value.get("_class_name")
    if isinstance(named, list):
        yield finding(
            "config.remote-code", path, field="_class_name", named=".".join(str(one) for one in named)
        )
    elif not isinstance(named, str) or not named.endswith("Pipeline"):
        return
    for key, part in value.items():
        if key == "_class_name":
            continue
        pair = isinstance(part, list) and len(part) == 2 and all(isinstance(one, str) for one in part)
        if pair and part[0].partition(".")[0] not in KNOWN_LIBRARIES:
            yield finding("config.remote-code", path, field=key, named=".".join(part))


def _modules(value: list[Any], path: str) -> Iterator[Finding]:
    """sentence-transformers' modules.json: each `type` is imported."""
    for at, one in enumerate(value):
        if isinstance(one, dict) and {"type", "path"} <= one.keys() and isinstance(one["type"], str):
            yield from _imported(one["type"], f"[{at}].type", path)


def _facts(value: dict[str, Any], path: str) -> Iterator[Fact]:
    shape = {key: value[key] for key in _ARCHITECTURE if _small(value.get(key))}
    if "model_type" in shape or "architectures" in shape:
        yield Fact("architecture", path, shape)
    quantised = value.get("quantization_config")
    if isinstance(quantised, dict):
        small = {key: one for key, one in quantised.items() if isinstance(one, str | int | float)}
        yield Fact("quantisation", path, dict(list(small.items())[:MAX_FACT_VALUES]))
    for key in ("base_model_name_or_path", "_name_or_path"):
        name = value.get(key)
        if isinstance(name, str) and name.strip() and len(name) <= 200:
            yield Fact("base-model", path, {"name": name, "said_by": key})
            break
    if isinstance(value.get("tokenizer_class"), str):
        yield Fact("tokenizer", path, {"class": value["tokenizer_class"][:100]})


def _small(one: Any) -> bool:
    if isinstance(one, list):
        return 0 < len(one) <= 8 and all(isinstance(part, str) and len(part) <= 200 for part in one)
    return isinstance(one, str | int | float) and len(str(one)) <= 200
