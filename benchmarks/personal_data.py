"""Recall and precision of the gate's detectors on a corpus made from a seed: harmless, in several scripts.

`python -m benchmarks.personal_data` prints the table that docs/sharing.md holds. The forms are those that people
write, some of which the detectors are known to miss; none belongs to anybody (reserved domains, random digits).
"""

import random
from collections.abc import Callable

from tocsin.wire.personal_data import DETECTORS, personal_data_in

SEED = 20260305
EACH = 600
CARRIERS = (
    "terms of use, section 4; see {}",
    "write to {} for the lottery refund",
    "{}",
    "用户条款第四条，联系 {} 领取退款",
    "شروط الاستخدام {} البند",
    "условия, раздел 4: {} для возврата",
    "利用規約 {} に基づく",
    "नियम {} देखें",
)
HARMLESS = (
    "terms of use, section {n}.{m}",
    "policy {y}-{m:02d}-{n:02d}, paragraph {m}",
    "repeated {big} times by {n} accounts in {m} days",
    "version {n}.{m}.{k}, build {big}",
    "Regulation (EU) {y}/{big}, article {n}({m})",
    "用户条款第{n}条，{y}年{m}月",
    "see RFC {big} section {n}.{m}.{k}",
    "ticket {big}-{n}, price {n},{big}.{m:02d} EUR at {m}:{k:02d}",
    "ratio {n}/{m} of {big}, or {k}%",
    "ISO 27001:{y}, clause A.{n}.{m}",
    "order 00{n} of {big} items",
    "فقرة {n} من {y}",
)


def corpus() -> tuple[list[tuple[str, str]], list[str]]:
    """(kind, text) for each kind, and texts that hold none."""
    r = random.Random(SEED)
    found = [
        (kind, r.choice(CARRIERS).format(_written(r, MAKERS[kind](r))))
        for kind in MAKERS
        for _ in range(EACH)
    ]
    harmless = [
        r.choice(HARMLESS).format(
            n=r.randint(1, 28),
            m=r.randint(1, 12),
            k=r.randint(0, 59),
            y=r.randint(1990, 2030),
            big=r.randint(100, 99_999),
        )
        for _ in range(EACH * 4)
    ]
    return found, harmless


def measured() -> dict[str, tuple[float, float]]:
    """Kind → recall, and precision over the texts of every other kind and the harmless ones."""
    found, harmless = corpus()
    seen = [(kind, personal_data_in(text)) for kind, text in found]
    clean = [personal_data_in(text) for text in harmless]
    figures = {}
    for kind in DETECTORS:
        right = sum(kind in kinds for said, kinds in seen if said == kind)
        wrong = sum(kind in kinds for kinds in clean)
        figures[kind] = (right / EACH, right / max(1, right + wrong))
    return figures


def table() -> str:
    """The figures as lines of a table."""
    lines = ["| kind | recall | precision against harmless texts |", "|---|---|---|"]
    lines += [f"| `{kind}` | {recall:.3f} | {right:.3f} |" for kind, (recall, right) in measured().items()]
    return "\n".join(lines)


def _written(r: random.Random, text: str) -> str:
    """Now and then in another script's digits, or in full width."""
    if r.random() < 0.1:
        base = r.choice([0x660, 0x966, 0xFF10])
        return "".join(chr(base + int(char)) if char.isascii() and char.isdigit() else char for char in text)
    return text


def _digits(r: random.Random, number: int) -> str:
    return "".join(str(r.randint(0, 9)) for _ in range(number))


def _email(r: random.Random) -> str:
    name = r.choice(["ana", "li.wei", "o'neil", "мария", "j_k+refund", "user" + _digits(r, 3)])
    host = r.choice(["refund.example", "mail.lottery.example", "пример.example", "sub-a.example"])
    form = r.choice(["{}@{}"] * 7 + ["{} [at] {}", "{}(at){}", "{} at {}"])
    return form.format(name, host)


def _phone(r: random.Random) -> str:
    return r.choice(
        [
            f"+49 30 {_digits(r, 6)}",
            f"+1 (555) 01{_digits(r, 1)}-{_digits(r, 4)}",
            f"+86 138 {_digits(r, 4)} {_digits(r, 4)}",
            f"+976 99{_digits(r, 6)}",
            f"0044 20 7946 {_digits(r, 4)}",
            f"(020) 7946 {_digits(r, 4)}",
            f"555-01{_digits(r, 1)}-{_digits(r, 4)}",
            f"139{_digits(r, 8)}",
            f"030/{_digits(r, 3)} {_digits(r, 3)}",
            f"{r.randint(2, 9)}{_digits(r, 6)}",
        ]
    )


def _account(r: random.Random) -> str:
    country, length = r.choice([("DE", 18), ("GB", 18), ("FR", 23), ("ES", 20), ("NL", 14), ("SA", 20)])
    body = _digits(r, length)
    number = int("".join(str(int(char, 36)) for char in f"{body}{country}00"))
    iban = f"{country}{98 - number % 97:02d}{body}"
    if r.random() < 0.6:
        return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    return iban.lower() if r.random() < 0.2 else iban


def _card(r: random.Random) -> str:
    body = r.choice(["4", "51", "37", "6011", "2221"])
    body += _digits(r, 15 - len(body))
    total = sum(sum(divmod(2 * int(c), 10)) if at % 2 == 0 else int(c) for at, c in enumerate(reversed(body)))
    number = body + str(-total % 10)
    sign = r.choice(["", " ", "-"])
    return sign.join(number[at : at + 4] for at in range(0, 16, 4))


def _address(r: random.Random) -> str:
    return r.choice(
        [
            f"192.0.2.{r.randint(1, 254)}",
            f"198.51.100.{r.randint(1, 254)}:443",
            f"2001:db8::{r.randint(1, 65535):x}",
            f"2001:db8:{r.randint(1, 65535):x}:0:0:0:0:{r.randint(1, 65535):x}",
            f"203.0.113[.]{r.randint(1, 254)}",
        ]
    )


def _handle(r: random.Random) -> str:
    name = r.choice(["lottery_fan", "refund.ana", "li_wei88", "maria" + _digits(r, 2)])
    return r.choice(
        [
            f"@{name}",
            f"https://x.com/{name}",
            f"t.me/{name}",
            f"https://www.instagram.com/{name}/",
            f"u/{name.replace('.', '')}",
            f"https://{name}:pass@files.example",
            f"user name {name}",
        ]
    )


def _national_id(r: random.Random) -> str:
    kind = r.randrange(6)
    if kind == 0:
        return f"{r.randint(100, 665)}-{r.randint(10, 99)}-{r.randint(1000, 9999)}"
    if kind == 1:
        body = f"110101{r.randint(1950, 2005)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}{_digits(r, 3)}"
        return body + "10X98765432"[sum(int(c) * pow(2, 17 - at, 11) for at, c in enumerate(body)) % 11]
    if kind == 2:
        body = _digits(r, 8)
        return body + "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23]
    if kind == 3:
        return f"AB{_digits(r, 6)}{r.choice('ABCD')}"
    if kind == 4:
        return f"{r.randint(50, 99)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}-{r.randint(1, 4)}{_digits(r, 6)}"
    return f"ID {_digits(r, 4)} {_digits(r, 4)} {_digits(r, 4)}"  # twelve digits, as in India: not looked for


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "account": _account,
    "address": _address,
    "card": _card,
    "email": _email,
    "handle": _handle,
    "national-id": _national_id,
    "phone": _phone,
}

if __name__ == "__main__":
    print(table())
