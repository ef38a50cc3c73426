"""What a tokenizer does to a text beside cutting it: replacing, inserting, tokens that are sentences."""

from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Told, finding
from tocsin.assure.texts.strict_json import objects_in
from tocsin.assure.texts.template_words import MARK_WORDS, foreign_address, hidden_in, tells, words_in
from tocsin.kernel.artefacts import Fact, Finding

_STAGES = ("normalizer", "pre_tokenizer", "post_processor", "decoder")
MAX_INSERTED = 8
"""Tokens a post-processor puts around a text: [CLS], [SEP], language tags; BART-like ones put four."""


def told_by_tokenizer(value: Any, path: str) -> Iterator[Told]:
    """Findings on its stages and added tokens; nothing for other JSON."""
    if not isinstance(value, dict):
        return
    for stage in _STAGES:
        for place, item in objects_in(value.get(stage)):
            yield from _stage(item, f"{stage}.{place}".rstrip("."), path)
    yield from _added(value, path)
    model = value.get("model")
    if isinstance(model, dict) and "added_tokens" in value:
        yield Fact("tokenizer", path, {"model": str(model.get("type", ""))[:40]})


def _stage(item: dict[str, Any], field: str, path: str) -> Iterator[Finding]:
    new = item.get("content")
    if item.get("type") == "Replace" and isinstance(new, str) and (words_in(new) or foreign_address(new)):
        yield finding("tokenizer.rewrites", path, field=field, new=new[:60])
    if item.get("type") == "TemplateProcessing" and isinstance(item.get("special_tokens"), dict):
        for name, special in item["special_tokens"].items():
            tokens = special.get("tokens") if isinstance(special, dict) else None
            words = [str(one) for one in tokens] if isinstance(tokens, list) else []
            if len(words) > MAX_INSERTED or tells(words):
                yield finding("tokenizer.inserts", path, field=f"{field}.{name}"[:120], count=len(words))


def _added(value: dict[str, Any], path: str) -> Iterator[Finding]:
    listed = value.get("added_tokens")
    decoder = value.get("added_tokens_decoder")
    tokens = list(listed) if isinstance(listed, list) else []
    tokens += list(decoder.values()) if isinstance(decoder, dict) else []
    for token in tokens:
        content = token.get("content") if isinstance(token, dict) else None
        if isinstance(content, str) and (
            foreign_address(content) or (hidden_in(content) and words_in(content)) or is_sentence(content)
        ):
            yield finding("tokenizer.added-text", path, field="added_tokens", content=content[:60])


def is_sentence(content: str) -> bool:
    """Whether a token is a sentence: more than four words that are no marks."""
    return len(content.split()) > 4 and words_in(content) >= 4 and content.casefold() not in MARK_WORDS
