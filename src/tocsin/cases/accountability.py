"""The accountability chain of a decision: developer, host, deployer, user; what each owed, and whether they did it.

Enters: links as a person wrote them. Leaves: the same, checked, as a table or as the text of a diagram. Refuses: a
duty that is on no list, a claim that nothing shows, an identifier of a person, and blame without a doubt: who may be
behind it is said with how sure one is (never certain) and with what else it may be, for false flags are flown.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources

import msgspec

from tocsin.cases.masking import holds_identifier
from tocsin.kernel import BadInput
from tocsin.kernel.disposing import Attribution, DutyOf, Party

MAX_LINKS = 40
MAX_NAME_CHARS, MAX_SHOWN_CHARS = 120, 200
MIN_SAID_CHARS, MAX_SAID_CHARS = 8, 400
SURE = 100
"""Nobody is this sure of who did something."""
MAX_ALTERNATIVES = 8
_MET = {
    "en": {True: "met", False: "not met", None: "unknown"},
    "zh": {True: "已履行", False: "未履行", None: "不明"},
}


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One duty of the closed list, with where it is written and how far that is confirmed."""

    id: str
    party: Party
    en: str
    zh: str
    source: str
    status: str

    def label(self, language: str) -> str:
        """The duty in `language`, English where there is none."""
        return self.zh if language.startswith("zh") else self.en


class _Duties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    duties: tuple[Duty, ...]


class ChainRow(msgspec.Struct, frozen=True):
    """One link for who reads it. `met` is a word."""

    party: str
    name: str
    duty: str
    source: str
    status: str
    met: str
    shown_by: str


@cache
def duties() -> dict[str, Duty]:
    """The closed list, by id, in order."""
    data = resources.files("tocsin.cases").joinpath("accountability.yaml").read_bytes()
    return {one.id: one for one in msgspec.yaml.decode(data, type=_Duties).duties}


def check_chain(links: Sequence[DutyOf]) -> None:
    """Raises BadInput naming the first link that does not hold.

    1. Each duty is on the list, and its party's own. 2. Each is named once for one name. 3. Met or not met is shown by
    something. 4. A name is an organisation's or a role, and holds no identifier.
    """
    if len(links) > MAX_LINKS:
        raise BadInput(f"a chain has at most {MAX_LINKS} links")
    seen: set[tuple[str, str]] = set()
    for link in links:
        duty = duties().get(link.owed)
        if duty is None or duty.party is not link.party:  # 1
            mine = ", ".join(one.id for one in duties().values() if one.party is link.party)
            raise BadInput(f"a {link.party} owes one of: {mine}")
        if (link.name, link.owed) in seen:  # 2
            raise BadInput(f"{link.owed} stands twice for the same name")
        seen.add((link.name, link.owed))
        if link.met is not None and not 0 < len(link.shown_by.strip()) <= MAX_SHOWN_CHARS:  # 3
            raise BadInput(f"say what shows that {link.owed} was met or not, or leave it unknown")
        if not 0 < len(link.name.strip()) <= MAX_NAME_CHARS or holds_identifier(link.name):  # 4
            raise BadInput(
                f"name the {link.party} as an organisation or a role, without an address or a handle"
            )


def check_attribution(given: Attribution) -> None:
    """Raises BadInput where it is certain, names somebody by an identifier, or leaves nothing else open."""
    if not 0 <= given.confidence < SURE:
        raise BadInput("how sure one is of who did it is between 0 and 99 percent")
    if not MIN_SAID_CHARS <= len(given.said.strip()) <= MAX_SAID_CHARS:
        raise BadInput(
            f"say who may be behind it in {MIN_SAID_CHARS} to {MAX_SAID_CHARS} characters: a kind, no name"
        )
    others = {one.strip() for one in given.alternatives} - {"", given.said.strip()}
    if not 0 < len(others) <= MAX_ALTERNATIVES:
        raise BadInput("say at least one other thing that it may be: a false flag is cheap to fly")
    if any(holds_identifier(text) for text in (given.said, *given.alternatives)):
        raise BadInput("an attribution holds no address, handle or number: say a kind, or a pseudonym")


def chain_table(links: Sequence[DutyOf], language: str = "en") -> tuple[ChainRow, ...]:
    """The chain in its order: developer, host, deployer, user."""
    words = _MET["zh" if language.startswith("zh") else "en"]
    order = list(Party)
    rows = []
    for link in sorted(links, key=lambda one: (order.index(one.party), one.name, one.owed)):
        duty = duties()[link.owed]
        rows.append(
            ChainRow(
                party=link.party.value,
                name=link.name,
                duty=duty.label(language),
                source=duty.source,
                status=duty.status,
                met=words[link.met],
                shown_by=link.shown_by,
            )
        )
    return tuple(rows)


def chain_diagram(links: Sequence[DutyOf], language: str = "en") -> str:
    """The chain as Mermaid's text: a box for each name with its duties, an arrow to who comes after it."""
    boxes: dict[tuple[str, str], list[str]] = {}
    for row in chain_table(links, language):
        boxes.setdefault((row.party, row.name), []).append(f"{row.duty}: {row.met}")
    lines = ["flowchart LR"]
    for place, ((party, name), owed) in enumerate(boxes.items()):
        said = "<br/>".join(map(_plain, (f"{party}: {name}", *owed)))
        lines.append(f'  n{place}["{said}"]')
    lines += [f"  n{place} --> n{place + 1}" for place in range(len(boxes) - 1)]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Without what would end a label or begin another: names are people's words."""
    return "".join("'" if sign in '"`<>[]{}|#;&\n' else sign for sign in text)
