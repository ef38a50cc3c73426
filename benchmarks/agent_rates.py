"""Rates of the agents' detectors on sets made from templates and seeds: `python -m benchmarks.agent_rates`.

It prints tables of docs/agents.md. Both halves of the templates are tuned on by now; `benchmarks.agent_held` has texts
that are not.
"""

import base64
import random
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.rates import Rate
from tocsin.screen.agents.instructions import FOUND, instructions_in
from tocsin.screen.agents.secrets import BASE62, DETECTORS, check_sum, secrets_in

SEED = 20261122
EACH_SECRET = 300
LANGUAGES = ("en", "zh", "es", "fr", "ru", "ar", "mn")


@cache
def _texts() -> dict[str, Any]:
    path = Path(__file__).with_name("agent_texts.yaml")
    found: dict[str, Any] = msgspec.yaml.decode(path.read_bytes())
    return found


def _plain(order: str) -> str:
    return order


def _invisible(order: str) -> str:
    return "".join(char + "\u200b" * (at % 4 == 3) for at, char in enumerate(order))


def _look_alike(order: str) -> str:
    return order.translate(str.maketrans("aeopc", "аеорс"))


def _encoded(order: str) -> str:
    return base64.b64encode(order.encode()).decode()


def _commented(order: str) -> str:
    return f"<!-- {order} -->"


DISGUISES: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "plain": (_plain, LANGUAGES),
    "in a comment": (_commented, LANGUAGES),
    "zero-width letters": (_invisible, LANGUAGES),
    "look-alike letters": (_look_alike, ("en", "es", "fr")),
    "base64": (_encoded, LANGUAGES),
}


def orders(half: str, language: str, disguise: str = "plain") -> Iterator[str]:
    """Results that hold an order to the model."""
    texts = _texts()
    hide = DISGUISES[disguise][0]
    choices = product(texts["orders"][half][language], texts["tasks"][language], texts["pages"][language])
    for order, task, page in choices:
        yield page.format(a=hide(order.format(t=task)))


def harmless(half: str, language: str) -> Iterator[str]:
    """Results that hold none, though they use its words."""
    texts = _texts()
    for said, page in product(texts["harmless"][half][language], texts["pages"][language]):
        yield page.format(a=said)


def rate(results: Iterator[str]) -> Rate:
    found = [instructions_in(text).strength >= FOUND for text in results]
    return Rate(sum(found), len(found))


def injection_table(half: str = "held") -> str:
    """By language: found of orders, plain; and wrongly found of harmless results."""
    lines = ["| language | found | wrongly found |", "|---|---|---|"]
    every, wrong = Rate(0, 0), Rate(0, 0)
    for language in LANGUAGES:
        found, false = rate(orders(half, language)), rate(harmless(half, language))
        every, wrong = every + found, wrong + false
        lines.append(f"| {language} | {found} | {false} |")
    lines.append(f"| all | {every} | {wrong} |")
    return "\n".join(lines)


def disguise_table(half: str = "held") -> str:
    """By disguise, over all its languages."""
    lines = ["| disguise | found |", "|---|---|"]
    for name, (_, languages) in DISGUISES.items():
        total = sum((rate(orders(half, language, name)) for language in languages), Rate(0, 0))
        lines.append(f"| {name} | {total} |")
    return "\n".join(lines)


def secrets() -> tuple[list[tuple[str, str]], list[str]]:
    """(kind, text) with one secret each, made now, and texts that hold none."""
    r = random.Random(SEED)
    found = [
        (kind, r.choice(('{{"body": "{}"}}', "the key is {} as agreed", "export X={}", "{}")).format(make(r)))
        for kind, make in MAKERS.items()
        for _ in range(EACH_SECRET)
    ]
    none = [
        r.choice(
            (
                '{{"sha256": "{hex}"}}',
                '{{"id": "{uuid}", "page": 3}}',
                "how do I reset the password of account {n}",
                '{{"password": "your-password-here", "user": "ana"}}',
                '{{"token": "${{LOTTERY_TOKEN}}"}}',
                "see /usr/lib/python3/site-packages/secrets/{n}.py",
                '{{"commit": "{hex}", "token_count": {n}}}',
                '{{"image": "{b64}"}}',
            )
        ).format(
            hex=_of(r, 64, "0123456789abcdef"),
            uuid="-".join(_of(r, n, "0123456789abcdef") for n in (8, 4, 4, 4, 12)),
            n=r.randint(10_000, 99_999),
            b64=_of(r, 200, BASE62 + "+/"),
        )
        for _ in range(EACH_SECRET * 8)
    ]
    return found, none


def secret_table() -> str:
    """By kind: found, and wrongly found in texts without any."""
    found, none = secrets()
    clean = [secrets_in(text) for text in none]
    lines = ["| kind | found | wrongly found |", "|---|---|---|"]
    for kind in DETECTORS:
        seen = [kind in secrets_in(text) for said, text in found if said == kind]
        wrong = Rate(sum(kind in kinds for kinds in clean), len(clean))
        lines.append(f"| `{kind}` | {Rate(sum(seen), len(seen))} | {wrong} |")
    return "\n".join(lines)


def _of(r: random.Random, number: int, alphabet: str = BASE62) -> str:
    return "".join(r.choice(alphabet) for _ in range(number))


def _forge(r: random.Random) -> str:
    body = _of(r, 30)
    return r.choice(("gh" + "p_", "gh" + "o_", "np" + "m_")) + body + check_sum(body)


def _jwt(r: random.Random) -> str:
    head, body = (
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for text in ('{"alg":"RS256","typ":"JWT"}', f'{{"sub":"{r.randint(0, 10**9)}"}}')
    )
    return f"{head}.{body}.{_of(r, 86)}"


NAMES = ("api_key", "password", "client_secret", "Authorization")
MAKERS: dict[str, Callable[[random.Random], str]] = {
    "cloud-key": lambda r: "AK" + "IA" + _of(r, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "forge-token": _forge,
    "chat-token": lambda r: "xo" + f"xb-{r.randint(10**10, 10**11)}-{_of(r, 24)}",
    "payment-key": lambda r: "sk_" + "live_" + _of(r, 24),
    "map-key": lambda r: "AI" + "za" + _of(r, 35),
    "model-key": lambda r: "s" + "k-proj-" + _of(r, 48),
    "jwt": _jwt,
    "private-key": lambda r: "-----BEGIN " + "PRIVATE KEY-----\n" + _of(r, 64),
    "named": lambda r: f"{r.choice(NAMES)}: {_of(r, r.randint(16, 40))}",
}


def cost_table() -> str:
    """Microseconds of CPU an event, each detector alone; the figures are of this run."""
    from benchmarks.agent_cost import costs

    lines = [
        "| detector | no tool call | tool call, 200 characters | with a result of 4,000 |",
        "|---|---|---|---|",
    ]
    lines += [f"| {name} | {' | '.join(f'{value:.2f}' for value in row)} |" for name, row in costs()]
    return "\n".join(lines)


def main() -> None:
    started = time.process_time()
    print(injection_table(), disguise_table(), secret_table(), cost_table(), sep="\n\n")
    print(f"\n{time.process_time() - started:.0f} s of CPU")


if __name__ == "__main__":
    main()
