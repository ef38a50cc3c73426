"""A made-up model as a folder: everything that an inventory lists, and nothing that is wrong."""

from pathlib import Path

from tests.assure.texts.vectors import vectors

CARD = """---
license: apache-2.0
license_link: https://licences.example/apache
base_model: made-up/base-7b
base_model_relation: finetune
datasets: [made-up/talk, made-up/letters]
language: [en, mn]
pipeline_tag: text-generation
tags: [chat]
---
# A made-up model

## Intended uses
Answering letters in a friendly way.

## Limitations
It knows nothing of the last year.

## Bias
Trained on letters of one town.
"""
CONFIG = """{"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "hidden_size": 64, "torch_dtype": "bfloat16",
"quantization_config": {"quant_method": "awq", "bits": 4}, "_name_or_path": "made-up/base-7b"}"""


def write_model(folder: Path) -> Path:
    """Writes it and answers the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(CARD, "utf-8")
    (folder / "config.json").write_text(CONFIG, "utf-8")
    (folder / "chat_template.jinja").write_text(vectors("benign")[0].text, "utf-8")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "Qwen2Tokenizer"}', "utf-8")
    (folder / "requirements.txt").write_text(
        "torch==2.9.0\ntransformers>=5\nNumPy==2.4.0  # arrays\n", "utf-8"
    )
    return folder
