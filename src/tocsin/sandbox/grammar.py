"""Texts from a grammar: `{name}` is one of a rule's alternatives, `{2..40}` a number."""

import random
import re
from functools import cache
from importlib import resources

import msgspec

from tocsin.kernel import BadInput

LANGUAGES = ("en", "zh", "es", "de", "fr", "ru", "ar")

MAX_EXPANSION_DEPTH = 16
"""A rule that leads back to itself ends here; ours are four deep."""

_SLOT = re.compile(r"\{([a-z_]+|\d+\.\.\d+)\}")


class Grammar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of one language. Every `{name}` in an alternative is a rule or a range."""

    language: str
    rules: dict[str, tuple[str, ...]]

    def text(self, rng: random.Random, symbol: str = "text") -> str:
        """One text grown from `symbol`; raises BadInput for an unknown rule or a rule without an end."""
        return self._grow(rng, symbol, 0)

    def _grow(self, rng: random.Random, symbol: str, depth: int) -> str:
        if depth > MAX_EXPANSION_DEPTH:
            raise BadInput(f"grammar {self.language}: rule {symbol!r} has no end")
        try:
            template = rng.choice(self.rules[symbol])
        except KeyError:
            raise BadInput(f"grammar {self.language}: no rule {symbol!r}") from None
        return _SLOT.sub(lambda slot: self._fill(rng, slot.group(1), depth + 1), template)

    def _fill(self, rng: random.Random, slot: str, depth: int) -> str:
        if ".." in slot:
            low, high = slot.split("..")
            return str(rng.randint(int(low), int(high)))
        return self._grow(rng, slot, depth)


@cache
def grammar(name: str) -> Grammar:
    """The grammar in `grammars/NAME.yaml`; raises BadInput when there is none."""
    path = resources.files("tocsin.sandbox").joinpath("grammars", f"{name}.yaml")
    if not path.is_file():
        raise BadInput(f"no grammar {name!r}; there are {', '.join(LANGUAGES)}")
    return msgspec.yaml.decode(path.read_bytes(), type=Grammar)
