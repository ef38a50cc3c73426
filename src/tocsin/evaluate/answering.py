"""What a model is here: something that answers a prompt."""

from typing import Protocol


class Answering(Protocol):
    """A model that this process can ask by itself: `tocsin/tiny:FOLDER`, `tocsin/scripted:FILE`."""

    def answer(self, prompt: str, *, seed: int = 0) -> str:
        """What it says; "" for silence. The same prompt and seed give the same answer."""
        ...
