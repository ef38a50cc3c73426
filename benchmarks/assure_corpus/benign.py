"""Benign folders as they lie on a hub today: configurations, chat templates, cards, pins, plain pickles."""

import json
import pickle
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from benchmarks.assure_corpus.carriers import PNG, tarred, zipped
from benchmarks.assure_corpus.chat_templates import TEMPLATES
from benchmarks.assure_corpus.recorded import recorded_benign
from benchmarks.assure_corpus.shape import Benign
from benchmarks.assure_corpus.weight_shapes import BASE, gguf, safetensors, tensor

_HERE = "made here, after files of the hub"
_WEIGHTS = safetensors(
    {"__metadata__": {"format": "pt"}, "model.embed_tokens.weight": tensor(0, 64)}, b"\x00" * 64
)
_LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "bos_token_id": 1,
    "eos_token_id": [2, 3],
    "hidden_act": "silu",
    "hidden_size": 8,
    "model_type": "llama",
    "rope_scaling": {"factor": 8.0, "rope_type": "llama3"},
    "torch_dtype": "bfloat16",
    "transformers_version": "4.57.1",
    "vocab_size": 2,
}
_BERT = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_size": 8,
    "vocab_size": 5,
    "pad_token_id": 0,
}
_CARD = "---\nlicense: apache-2.0\nbase_model: someone/tiny\ndatasets:\n- someone/texts\n---\n# Tiny\n\n"
_USE = "```python\nfrom transformers import AutoModel\n\nmodel = AutoModel.from_pretrained('someone/tiny')\n```\n"


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def _tokenizer(template: str | None) -> dict[str, Any]:
    config: dict[str, Any] = {
        "added_tokens_decoder": {
            "0": {"content": "<unk>", "lstrip": False, "normalized": False, "special": True}
        },
        "bos_token": "<s>",
        "eos_token": "</s>",
        "model_max_length": 131072,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    return config if template is None else config | {"chat_template": template}


def _hub() -> Iterator[Benign]:
    for name, template in TEMPLATES.items():
        files = {
            "config.json": _json(_LLAMA),
            "generation_config.json": _json({"do_sample": True, "temperature": 0.6, "eos_token_id": [2, 3]}),
            "model.safetensors": _WEIGHTS,
            "tokenizer_config.json": _json(_tokenizer(template)),
            "special_tokens_map.json": _json(
                {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": False}}
            ),
            "README.md": (_CARD + _USE).encode(),
        }
        yield Benign(f"chat-{name}", "chat folders", _HERE, files)
        apart = {"tokenizer_config.json": _json(_tokenizer(None)), "chat_template.jinja": template.encode()}
        yield Benign(f"chat-{name}-apart", "chat templates", _HERE, apart)
        inside = gguf([*BASE, ("tokenizer.chat_template", template)])
        yield Benign(f"gguf-{name}", "gguf", _HERE, {"model.gguf": inside})
    named = [
        {"name": "default", "template": TEMPLATES["chatml"]},
        {"name": "tool_use", "template": TEMPLATES["qwen"]},
    ]
    files = {"tokenizer_config.json": _json(_tokenizer(None) | {"chat_template": named})}
    yield Benign("chat-named-templates", "chat templates", _HERE, files)


def _folders() -> Iterator[Benign]:
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
    files = {
        "modules.json": _json(modules),
        "config.json": _json(_BERT),
        "config_sentence_transformers.json": _json(
            {"__version__": {"sentence_transformers": "5.1.0"}, "prompts": {}}
        ),
        "1_Pooling/config.json": _json({"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True}),
        "sentence_bert_config.json": _json({"max_seq_length": 256, "do_lower_case": False}),
        "vocab.txt": b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n",
        "model.safetensors": _WEIGHTS,
        "README.md": (_CARD + "Embeddings.\n").encode(),
        ".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n",
    }
    yield Benign("folder-sentence-transformers", "folders", _HERE, files)
    adapter = {
        "base_model_name_or_path": "someone/tiny",
        "auto_mapping": None,
        "peft_type": "LORA",
        "r": 8,
        "lora_alpha": 16,
        "target_modules": ["q_proj", "v_proj"],
        "task_type": "CAUSAL_LM",
    }
    files = {
        "adapter_config.json": _json(adapter),
        "adapter_model.safetensors": _WEIGHTS,
        "README.md": _CARD.encode(),
    }
    yield Benign("folder-adapter", "folders", _HERE, files)
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.35.0",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "safety_checker": [None, None],
        "text_encoder": ["transformers", "CLIPTextModel"],
    }
    files = {
        "model_index.json": _json(index),
        "unet/config.json": _json({"_class_name": "UNet2DConditionModel", "sample_size": 8}),
        "unet/diffusion_pytorch_model.safetensors": _WEIGHTS,
        "scheduler/scheduler_config.json": _json({"_class_name": "PNDMScheduler", "beta_end": 0.012}),
    }
    yield Benign("folder-diffusers", "folders", _HERE, files)
    files = {
        "preprocessor_config.json": _json(
            {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 224}}
        ),
        "config.json": _json({"model_type": "clip", "architectures": ["CLIPModel"]}),
        "merges.txt": b"#version: 0.2\ni n\nt h\n",
        "vocab.json": _json({"<|startoftext|>": 0, "i": 1, "n": 2}),
        "logo.png": PNG,
    }
    yield Benign("folder-clip", "folders", _HERE, files)
    state = {"best_metric": 0.5, "epoch": 1.0, "global_step": 2, "log_history": [{"loss": 0.25, "step": 1}]}
    files = {"trainer_state.json": _json(state), "config.json": _json(_LLAMA), "model.safetensors": _WEIGHTS}
    yield Benign("folder-trainer", "folders", _HERE, files)


def _texts() -> Iterator[Benign]:
    pins = b"numpy>=2.1,<3\ntorch==2.9.0\ntransformers[torch]>=4.57 ; python_version >= '3.10'\n"
    yield Benign(
        "requirements", "requirements", _HERE, {"requirements.txt": pins, "LICENSE": b"Apache License\n" * 9}
    )
    hashed = b"numpy==2.3.3 \\\n    --hash=sha256:" + b"0f" * 32 + b"\n"
    yield Benign("requirements-hashed", "requirements", _HERE, {"requirements.txt": hashed})
    yield Benign(
        "yaml", "yaml", _HERE, {"hparams.yaml": b"lr: 0.001\nlayers: [1, 2]\nname: tiny\ndate: 2026-01-01\n"}
    )
    card = _CARD + "Ask for a refund of the lottery in Mongolian: сугалааны буцаан олголт.\n\n" + _USE
    yield Benign("card", "model card", _HERE, {"README.md": card.encode(), "logo.png": PNG})
    yield Benign(
        "labels",
        "json",
        _HERE,
        {"id2label.json": _json({"0": "cat", "1": "狗"}), "labels.txt": b"cat\ndog\n"},
    )


def _pickles() -> Iterator[Benign]:
    plain = {
        "list": [1, 2.5, "x", None, True, b"raw", 10**40],
        "set": {1, 2},
        "frozen": frozenset({"a"}),
        "complex": 1 + 2j,
        "range": range(3),
        "slice": slice(1, 2),
        "bytearray": bytearray(b"ab"),
    }
    for protocol in (0, 2, 4, 5):
        yield Benign(
            f"pickle-plain-{protocol}", "pickle", "pickle", {"vocab.pkl": pickle.dumps(plain, protocol)}
        )
    library: dict[str, Any] = {
        "ordered": OrderedDict(a=1),
        "counter": Counter("aab"),
        "default": defaultdict(list, a=[1]),
        "when": datetime(2026, 1, 1, tzinfo=UTC),
        "decimal": Decimal("1.5"),
        "uuid": UUID(int=7),
        "path": PurePosixPath("a/b"),
    }
    for protocol in (2, 5):
        files = {"state.pkl": pickle.dumps(library, protocol)}
        yield Benign(f"pickle-library-{protocol}", "pickle", "pickle", files)
    cycle: list[Any] = [1]
    cycle.append(cycle)
    yield Benign("pickle-cycle", "pickle", "pickle", {"cycle.pkl": pickle.dumps(cycle, 4)})
    several = pickle.dumps([1], 4) + pickle.dumps({"a": 2}, 4)
    yield Benign("pickle-several", "pickle", "pickle", {"log.pkl": several})


def _archives() -> Iterator[Benign]:
    inside = {"config.json": _json(_LLAMA), "model.safetensors": _WEIGHTS, "vocab.txt": b"a\nb\n"}
    yield Benign("archive-zip", "archives", "zipfile", {"model.zip": zipped(inside)})
    yield Benign("archive-tar-gz", "archives", "tarfile", {"model.tar.gz": tarred(inside, "w:gz")})
    yield Benign("archive-nested", "archives", "zipfile", {"all.zip": zipped({"model.tar": tarred(inside)})})


def benign() -> tuple[Benign, ...]:
    """All of them, the recorded first."""
    return (*recorded_benign(), *_hub(), *_folders(), *_texts(), *_pickles(), *_archives())
