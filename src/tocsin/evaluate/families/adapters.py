"""Public sets that a user supplies, as items: their columns mapped, nothing of them shipped, kept or shown.

XSTest and AILuminate say for each prompt what is wanted; do-not-answer and CValues hold prompts to refuse, or to answer
responsibly, which rules cannot tell from answering: those are judged as refusals, and that is said (docs/families.md).
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from io import StringIO
from pathlib import Path

import msgspec

from tocsin.evaluate.families.refusal import ANSWER, REFUSE, Refusal
from tocsin.evaluate.families.sheets import Sheet
from tocsin.evaluate.family import Item
from tocsin.evaluate.files import read_file
from tocsin.kernel.errors import BadInput, TooLarge

MAX_FILE_BYTES = 64 << 20
"""The largest of these sets is under 1 MB; a tenth of a million prompts fits."""

MAX_ROWS = 100_000
MAX_FIELD_CHARS = 20_000
"""Of a prompt; the longest published ones have some thousands. The reader of CSV has a bound of its own, 131,072."""

MAX_NAME_CHARS = 128
VERSION_CHARS = 16
"""Of the digest, in a version: enough to tell files apart; `expected` holds all of it."""

Row = Mapping[str, str]


class _Layout(msgspec.Struct, frozen=True):
    """Which columns hold what. `wants` maps a column's value to what is wanted; what it does not map is `otherwise`."""

    prompt: tuple[str, ...]
    cluster: str = ""
    language: str = ""
    spoken: str = "en"
    wants_in: str = ""
    wants: dict[str, str] = {}
    otherwise: str = REFUSE
    lines: bool = False


_LAYOUTS: Mapping[str, _Layout] = {
    # paul-rottger/xstest: xstest_prompts.csv (id, prompt, type, label, focus, note); older files have no label
    "xstest": _Layout(
        ("prompt",), cluster="focus", wants_in="label", wants={"safe": ANSWER, "unsafe": REFUSE}
    ),
    # Libr-AI/do-not-answer: data_en.csv (id, risk_area, types_of_harm, specific_harms, question)
    "do-not-answer": _Layout(("question",), cluster="specific_harms"),
    # X-PLUG/CValues: cvalues_responsibility_mc or _prompts .jsonl (prompt, meta_info)
    "cvalues": _Layout(("prompt", "question"), spoken="zh", lines=True),
    # mlcommons/ailuminate: airr_official_*.csv (release_prompt_id, prompt_text, hazard, persona, locale, prompt_hash)
    "ailuminate": _Layout(("prompt_text",), cluster="hazard", language="locale"),
}


def known_sets() -> tuple[str, ...]:
    """The sets that can be mapped."""
    return tuple(_LAYOUTS)


class PublicSet(Refusal):
    """A set from a file. Its version is its digest: another file is another version. Judged as `refusal` is."""

    def __init__(self, kind: str, file: Path, *, expected: str | None = None) -> None:
        """`expected` is the file's sha256, hex, where somebody said it. Raises BadInput for a file that is not of
        this set or not the expected one, TooLarge."""
        if not file.is_file():  # a pipe would be waited for
            raise BadInput(f"cannot read {file}: no file is there")
        data = read_file(file, MAX_FILE_BYTES)
        digest = sha256(data).hexdigest()
        if expected is not None and expected != digest:
            raise BadInput(
                f"{file} has the sha256 {digest}, not {expected[:64] or 'any'}: put the one that you mean in `sha256`"
            )
        self.name = kind
        self.version = digest[:VERSION_CHARS]
        self._items_read = read_set(kind, data)

    @cached_property
    def sheet(self) -> Sheet:
        """Nothing was labelled here."""
        return Sheet(wants=REFUSE)

    def _made(self) -> tuple[Item, ...]:
        return self._items_read


def read_set(kind: str, data: bytes) -> tuple[Item, ...]:
    """The items of a set's bytes. Raises BadInput, naming the row, and TooLarge."""
    if kind not in _LAYOUTS:
        raise BadInput(f"no set {kind[:MAX_NAME_CHARS]}; there are {', '.join(_LAYOUTS)}")
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"more than {MAX_FILE_BYTES:,} bytes: none of these sets is so large; split it")
    layout = _LAYOUTS[kind]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("the file is not UTF-8: save it so") from None
    rows = _json_rows(text) if layout.lines else _csv_rows(text)
    items = tuple(_item(layout, number, row) for number, row in rows)
    if not items:
        raise BadInput("the file holds no row")
    return items


def _csv_rows(text: str) -> Iterator[tuple[int, Row]]:
    try:
        for number, row in enumerate(csv.DictReader(StringIO(text, newline=""), strict=True), 1):
            _bounded(number)
            yield (
                number,
                {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)},
            )
    except csv.Error as error:
        raise BadInput(f"the file is no CSV ({error})") from None


def _json_rows(text: str) -> Iterator[tuple[int, Row]]:
    decoder = msgspec.json.Decoder(dict[str, object])
    for number, line in enumerate(text.split("\n"), 1):
        _bounded(number)
        if not line.strip():
            continue
        try:
            row = decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise BadInput(f"row {number} is no JSON object ({error})") from None
        yield number, {key: value for key, value in row.items() if isinstance(value, str)}


def _bounded(number: int) -> None:
    if number > MAX_ROWS:
        raise TooLarge(f"more than {MAX_ROWS:,} rows: split the file")


def _item(layout: _Layout, number: int, row: Row) -> Item:
    prompt = next((row[name] for name in layout.prompt if row.get(name, "").strip()), "")
    if not prompt:
        raise BadInput(f"row {number} has no {' or '.join(layout.prompt)}: is this the file of that set?")
    if len(prompt) > MAX_FIELD_CHARS:
        raise TooLarge(f"row {number}: a prompt longer than {MAX_FIELD_CHARS:,} characters")
    said = row.get(layout.wants_in, "").strip().lower()
    wants = layout.wants.get(said, layout.otherwise)
    if layout.wants_in and said not in layout.wants:
        # files of XSTest without labels name the contrasts, which are the unsafe half
        if "type" not in row:
            raise BadInput(f"row {number} does not say in {layout.wants_in} what is wanted")
        wants = REFUSE if row["type"].startswith("contrast") else ANSWER
    language = row.get(layout.language, "").replace("_", "-").split("-")[0].lower()
    cluster = row.get(layout.cluster, "").strip()[:MAX_NAME_CHARS]
    return Item(
        id=f"row-{number}",
        prompt=prompt,
        # without a column that says what is alike, equal prompts are
        cluster=cluster or sha256(prompt.encode("utf-8", "replace")).hexdigest(),
        language=language[:8] or layout.spoken,
        wants=wants,
    )
