"""What a person writes for the parties of a joint case, checked before it becomes a record.

Refused is what names somebody (an address, an account, a person of this node), an id of this node, and a passage taken
word for word from a sealed case: a fact is said anew, in words meant for others.
"""

import re
from collections.abc import Iterable

from tocsin.cases import mask
from tocsin.kernel import BadInput, Role
from tocsin.kernel.cases import CaseWords
from tocsin.kernel.joint_cases import MAX_JOINT_CHARS
from tocsin.share import never_leaves
from tocsin.store.interface import Store

COPIED_CHARS = 24
"""Letters and digits in a row that a text shares with the sealed words of its case: some five words of English, a
sentence of Chinese. Fewer come about by themselves."""

LEAST_NAME_CHARS = 3

_TOKENS = re.compile(r"[A-Za-z0-9_/+=-]+")
_OWN_IDS = re.compile(r"(?i)(?<![a-z])(?:case|user|evt|ps|tn|tok|exh|inc)[_-][0-9a-f]{8,}")
_NOT_LETTERS = re.compile(r"[\W_]+")
_ROLES = frozenset(role.value for role in Role)


def said_plainly(store: Store, text: str, *, longest: int = MAX_JOINT_CHARS) -> str:
    """The text, its spaces put right. Raises BadInput for nothing, too much, and whatever names somebody here."""
    said = " ".join(text.split())
    if not 0 < len(said) <= longest:
        raise BadInput(f"say it in 1 to {longest} characters: a file or a longer text stays here")
    if mask(said) != said:
        raise BadInput("it names an address, an account or a number: say what was done, and by how many")
    words = frozenset(_TOKENS.findall(said))
    if _OWN_IDS.search(said) or never_leaves(store)(words):
        raise BadInput("it holds an id of this node: the parties know of none, and none leaves")
    named = {name for name in map(str.casefold, _people(store)) if _names(said.casefold(), name)}
    if named:
        raise BadInput(f"it names somebody who works here ({min(named)}): a party speaks, not a person")
    return said


def not_copied(said: Iterable[str], words: CaseWords) -> None:
    """Raises BadInput where a text shares a passage with what is sealed in a case."""
    sealed = [_letters(one) for one in (words.title, words.what, words.where, *words.notes)]
    for text in said:
        letters = _letters(text)
        for at in range(len(letters) - COPIED_CHARS + 1):
            passage = letters[at : at + COPIED_CHARS]
            if any(passage in one for one in sealed):
                raise BadInput("it repeats what is sealed in the case: say it in words of your own")


def _people(store: Store) -> Iterable[str]:
    return (
        user.name
        for user in store.people.users()
        if user.peer is None and len(user.name) >= LEAST_NAME_CHARS and user.name not in _ROLES
    )


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text.casefold())
