"""Which red lines bind this node. Pure, and only ever stricter by what others say.

The base always binds. Beside it bind the lines that this node proposed or endorsed and has not taken back; what others
say of a line, for or against, neither adds nor removes anything here. A line stays in force after its review date.
"""

from collections.abc import Iterable

from tocsin.kernel.red_lines import Endorsement, RedLine, Stance
from tocsin.taxonomy.red_lines import base_lines

_COMPARED = ("subject", "domain", "condition", "method", "protocol", "measure", "crossed_when")


def latest(words: Iterable[Endorsement]) -> dict[tuple[str, str], Endorsement]:
    """By red line and party, the last word."""
    found: dict[tuple[str, str], Endorsement] = {}
    for word in words:
        key = (word.red_line, word.party)
        if key not in found or found[key].at <= word.at:
            found[key] = word
    return found


def binds(line: RedLine, own_word: Endorsement | None, own: str) -> bool:
    """Whether a line binds the node with the identity `own`."""
    if line.base:
        return True
    if own_word is not None:
        return own_word.stance is Stance.ENDORSE
    return line.by == own


def in_force(
    lines: Iterable[RedLine],
    words: Iterable[Endorsement],
    *,
    own: str,
    domain: str = "",
    condition: str = "",
    at: int,
) -> tuple[RedLine, ...]:
    """The base and the lines that bind `own` at a moment (microseconds), in a domain and condition ("" for any).

    A line that another tightens stays: both hold, and a crossed one of either blocks.
    """
    said = latest(words)
    base = [one.line for one in base_lines().values()]
    ids = {one.id for one in base}
    bound = [
        line
        for line in lines
        if not line.base and line.id not in ids and binds(line, said.get((line.id, own)), own)
    ]
    return tuple(
        line
        for line in (*base, *sorted(bound, key=lambda one: (one.in_force, one.id)))
        if line.in_force <= at and domain in ("", line.domain) and condition in ("", line.condition)
    )


def not_tighter(new: RedLine, old: RedLine) -> str:
    """Why `new` does not tighten `old`; empty when it does. Equal counts: a review may find the line right."""
    other = [name for name in _COMPARED if getattr(new, name) != getattr(old, name)]
    if other:
        return f"it differs in {', '.join(other)}: another measure is another line, so leave out --supersedes"
    looser = (
        new.threshold > old.threshold if new.crossed_when == "at-least" else new.threshold < old.threshold
    )
    if looser:
        return f"{new.threshold:g} is looser than {old.threshold:g}: a line is tightened, never loosened"
    if old.scope == "open" and new.scope != "open":
        return "it is for fewer than the line it supersedes"
    return ""
