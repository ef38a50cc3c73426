"""What the words in a template are: the marks of a conversation, or sentences; a switch, or a trigger."""
# ruff: noqa: SIM905  (lists of words read better as words)

import re

_MARKS = re.compile(
    r"<[^<>\s]{1,64}>"  # <|im_start|>, </think>, <tool_call>
    r"|\[/?[A-Za-z_ ]{1,40}\]"  # [INST], [AVAILABLE_TOOLS]
    r"|<<[A-Za-z/]{1,20}>>"
    r"|</?\|?[^\s<>|]{1,64}\|?>?"  # a mark whose other half is made elsewhere
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

MARK_WORDS = frozenset(
    "answer args arguments assistant audio available bos call calls channel commentary content context conversation"
    " data date default developer document documents end enable environment eos final func function functions header"
    " human id im image images img index input inst instruct instruction instructions ipython json knowledge message"
    " model name no object observation off on output parameter parameters pad placeholder prompt python query question"
    " reasoning response responses result results role start string sys system text think thinking thought today token"
    " tool tools turn type url user value video vision override nothink effort low medium high xml code"
    " interpreter browser section begin sep pix budget bot ai gpt unused reserved special strength true false none null"
    " ns br".split()
)
"""Words that conversations, tools and thinking are marked by: a template may ask for them, and say them."""

CONDITION_WORDS = (MARK_WORDS | {"detailed", "strength", "mode"}) - frozenset(
    "today date code high low medium true false url video".split()
)
"""Of these, what a genuine template looks for inside a text. Fewer: they are words that people say."""

ENOUGH_WORDS = 3
"""From so many words on, beyond marks, a literal can tell a model what to do."""

_URL = re.compile(r"(?i)\b(?:https?|ftp|wss?)://([^\s/\"'<>)\\]+)|\bwww\.[a-z0-9-]+\.[a-z]{2,}")
KNOWN_HOSTS = frozenset({"json-schema.org", "www.w3.org", "example.com", "www.example.com", "localhost"})
"""What tool descriptions and examples name; nobody is sent there."""

_INVISIBLE = re.compile(
    "[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\U000e0000-\U000e007f\x1b]"
)
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{48,}={0,2}(?![A-Za-z0-9+/])")

MANIPULATION = re.compile(
    r"(?i)\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}"
    r"\b(?:previous|prior|above|earlier|preceding|all other|system)\b"
    r"|\b(?:do not|don't|never|must not|without)\s+(?:\w+\s+){0,2}?"
    r"(?:tell|reveal|mention|disclos\w+|inform\w*|warn\w*|alert\w*)\b"
    r"[^.\n]{0,60}\b(?:user(?! about function calls)|anyone|anybody|them|this|these|instruction\w*|message|so)\b"
    r"|\b(?:secretly|covertly|silently|quietly)\b"
    r"|\bwithout\s+(?:the\s+user|their|them|anyone)(?:'s)?\s+(?:know|notic|consent|being)"
    r"|\b(?:always|must|also)\b[^.\n]{0,40}\b(?:include|insert|append|add|recommend|promote|advertise)\b[^.\n]{0,60}\b(?:link|url|website|address|brand)\b"
    r"|\bpretend\b[^.\n]{0,40}\b(?:no|not|never|instruction)"
    r"|不要(?:告诉|告知|提及|透露|泄露)|忽略(?:之前|以上|前面|上述)|(?:秘密|悄悄|暗中)地?"
)
"""Wording that hides from the person, or sets the conversation aside. Words can be turned; the docs say so."""


def words_in(text: str) -> int:
    """How many different words a literal has beyond marks and the names of roles; two CJK characters count as one."""
    bare = _MARKS.sub(" ", text)
    found = {word.casefold() for word in _WORD.findall(bare)} - MARK_WORDS
    cjk = len(set(_CJK.findall(bare)))
    return sum(1 for word in found if not _CJK.search(word)) + (cjk + 1) // 2


def tells(texts: list[str]) -> str:
    """The part of literals that can tell a model or a person something; "" when they are marks alone."""
    said = " ".join(texts)
    return said.strip() if words_in(said) >= ENOUGH_WORDS or foreign_address(said) else ""


def prose(texts: list[str]) -> list[str]:
    """The literals with a word beside a space; the rest are names, signs and parts of JSON."""
    return [text for text in texts if _BESIDE_SPACE.search(text)]


_BESIDE_SPACE = re.compile(r"[^\W\d_]{2,} |[ ][^\W\d_]{2,}|[\u3400-\u9fff]{4}")


def foreign_address(text: str) -> str:
    """The first address in a literal that is not of the few that examples name."""
    for match in _URL.finditer(text):
        host = (match[1] or match[0]).casefold().partition(":")[0].rstrip(".,;")
        if host not in KNOWN_HOSTS and not host.endswith(".example"):
            return host
    return ""


def hidden_in(text: str) -> str:
    """What of a literal is kept from a reader's eye: invisible characters, a comment, an encoded stretch."""
    if _INVISIBLE.search(text):
        return "invisible characters"
    if "<!--" in text and words_in(text) >= ENOUGH_WORDS:
        return "an HTML comment"
    if _ENCODED.search(text):
        return "an encoded stretch"
    return ""


def is_mark(literal: str | int) -> bool:
    """Whether looking for this inside a text is looking for a mark or a field, and not for words that people say."""
    if isinstance(literal, int):
        return literal in (-1, 0, 1, 2)
    found = {word.casefold() for word in re.findall(r"[^\W\d_]+", literal)}
    if not any(char.isalnum() for char in literal) or literal.strip() in KEYS:
        return True
    if not found or len(literal) > MAX_MARK_CHARS:
        return False
    if any(sign in literal for sign in "<>[]{}|") and len(found) <= ENOUGH_WORDS:
        return True
    switch = any("think" in word or word == "reasoning" for word in found)
    return found <= CONDITION_WORDS and (switch or any(sign in literal for sign in "/#_:`"))


MAX_MARK_CHARS = 64
KEYS = frozenset(
    "text type image image_url input_image images video video_url videos audio audio_url input_audio parts blocks id"
    " value data name arguments content contents role function parameters properties required items enum title url"
    " user assistant system tool developer thoughts response thinking reasoning_content"
    " CONTINUE_FINAL_MESSAGE_TAG".split()
)
"""Fields that a template asks a part of a message for (`'image' in part`), and transformers' own last mark."""
