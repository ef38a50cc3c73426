"""What a run costs: a user's price list, by the model's name as Inspect has it.

currency: EUR
models:
  openai/some-model: {in: 2.5, out: 10}    # per million tokens
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml

from tocsin.evaluate.files import read_file
from tocsin.kernel.errors import BadInput

MAX_PRICES_BYTES = 1 << 20
_MILLION = 1_000_000


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a million tokens."""

    tokens_in: float = msgspec.field(name="in")
    tokens_out: float = msgspec.field(name="out")


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`currency` as ISO 4217 has it."""

    currency: str
    models: dict[str, Price]

    def of(self, model: str, tokens_in: int, tokens_out: int) -> float | None:
        """What they cost; None where the list does not name the model."""
        price = self.models.get(model)
        if price is None:
            return None
        return (tokens_in * price.tokens_in + tokens_out * price.tokens_out) / _MILLION

    def total(self, usage: Mapping[str, tuple[int, int]]) -> float | None:
        """Of all models; None where one has no price, for a part of a sum is no sum."""
        parts = [self.of(model, *tokens) for model, tokens in usage.items()]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None


def read_prices(file: Path) -> Prices:
    """Raises BadInput, TooLarge."""
    data = read_file(file, MAX_PRICES_BYTES)
    try:
        prices = msgspec.convert(yaml.safe_load(data), Prices)
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"{file} is no list of prices: {error}; docs/runs.md shows one") from None
    if not (len(prices.currency) == 3 and prices.currency.isascii() and prices.currency.isupper()):
        raise BadInput(f"{file}: currency is a code of three letters, as EUR")
    for model, price in prices.models.items():
        # NaN and what is endless are in no range
        if not (0 <= price.tokens_in < _MILLION and 0 <= price.tokens_out < _MILLION):
            raise BadInput(f"{file}: a price of {model[:80]} is no number from 0 up")
    return prices
