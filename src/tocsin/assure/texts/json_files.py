"""Every JSON file beside the weights: configurations, tokenizers, notebooks, lists of modules.

The name of a file only says what it is called: each question is put to each of them, wherever a key stands.
"""
# ruff: noqa: SIM905  (lists of words read better as words)

import re
from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told

_LOOKS_LIKE_JSON = re.compile(rb'^(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]\d-]|$))')
_HEAD_BYTES = 4_096

CONFIGS = frozenset(
    "config.json generation_config.json preprocessor_config.json processor_config.json adapter_config.json"
    " image_processor_config.json feature_extractor_config.json video_preprocessor_config.json model_index.json"
    " modules.json config_sentence_transformers.json sentence_bert_config.json quantize_config.json"
    " quantization_config.json configuration.json params.json ort_config.json scheduler_config.json".split()
)
TOKENIZERS = frozenset(
    "tokenizer.json tokenizer_config.json special_tokens_map.json added_tokens.json vocab.json chat_template.json"
    " tekken.json".split()
)


def looks_like_json(head: bytes) -> bool:
    """Whether a text that begins so is an object or a list."""
    return _LOOKS_LIKE_JSON.match(head) is not None and b"\x00" not in head


class JsonFiles:
    """By the first bytes, or by the name's end."""

    name = "json-files"
    version = 1

    def recognises(self, piece: Piece) -> str:
        last = piece.path.rpartition("/")[2].casefold()
        if not last.endswith((".json", ".ipynb", ".webmanifest")):
            head = piece.read(0, _HEAD_BYTES)
            if not looks_like_json(head):
                return ""
        if last in TOKENIZERS:
            return "tokenizer"
        if last in CONFIGS:
            return "model-config"
        return "notebook" if last.endswith(".ipynb") else "json"

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        # not before some JSON is met: a start has no time for their lists of words
        from tocsin.assure.texts.configs import told_by_config
        from tocsin.assure.texts.held_templates import templates_in
        from tocsin.assure.texts.notebooks import is_notebook, told_by_notebook
        from tocsin.assure.texts.strict_json import read_json
        from tocsin.assure.texts.tokenizers import told_by_tokenizer

        value, wrong = read_json(piece)
        if wrong is not None:
            yield wrong
            return
        if is_notebook(value):
            yield from told_by_notebook(value, piece.path)
            return
        yield from told_by_config(value, piece.path)
        yield from told_by_tokenizer(value, piece.path)
        yield from templates_in(value, piece.path)
