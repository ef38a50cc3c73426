"""Chat templates (Jinja): programs that write every prompt, judged from their tree and never rendered.

By the name here; what is judged, and how, in `template_judging`.
"""

from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told
from tocsin.assure.texts.reading import text_of

FORMAT = "chat-template"
MAX_TEMPLATE_BYTES = 1_048_576
NAMES = (".jinja", ".jinja2", ".j2")


class ChatTemplates:
    """Files of their own, and what tokenizer configurations and GGUF headers hold (`Nested`)."""

    name = FORMAT  # by which the walker finds it for what a GGUF header holds
    version = 3

    def recognises(self, piece: Piece) -> str:
        last = piece.path.rpartition("!/")[2].rpartition("/")[2].casefold()
        return FORMAT if last.endswith(NAMES) or "chat_template" in last.partition(".json")[0] else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        text, wrong = text_of(piece, MAX_TEMPLATE_BYTES)
        if wrong is not None:
            yield wrong
            return
        if piece.path.casefold().endswith(".json"):
            return  # chat_template.json is read as JSON, and what it holds comes again
        from tocsin.assure.texts.template_judging import judged  # with jinja2: not before a template is met

        yield from judged(text, piece.path)
