"""Chat templates: every text is judged or said to be unreadable; a template never differs from itself."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin", "jinja2"]):
    from tocsin.assure.texts.template_difference import template_difference
    from tocsin.assure.texts.template_judging import judged


def one(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    list(judged(text, "fuzz"))
    half = text[: len(text) // 2]
    assert template_difference(text, text, "fuzz") == []
    template_difference(half, text, "fuzz")


if __name__ == "__main__":
    fuzz(one)
