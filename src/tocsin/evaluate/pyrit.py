"""PyRIT's memory as samples: one attack, one sample, by how its objective ended. Mended:

1. An attack whose last answer is empty is invalid. A scorer that looks for a refusal finds none in silence, and PyRIT
   says *reached*; one that looks for a word does not find it either, and PyRIT says *not reached*.
2. An error of the endpoint, and an objective that nobody judged or whose score has no value, is invalid. PyRIT counts
   them apart, and its success rate leaves them out.
3. A conversation that was kept twice counts once, its newest result, as PyRIT shows it.
4. Attacks with one objective are alike: they are a cluster.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from tocsin.evaluate.garak import MAX_NAME_CHARS, UNSCORED
from tocsin.evaluate.silence import BLANK
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import Counts, Outcome, SampleOutcome
from tocsin.store.pyrit import PyritAttack, PyritDatabase

TOOL = "PyRIT"
BROKEN, UNDECIDED = "endpoint-error", "undetermined"
"""Why a sample is invalid, besides garak's reasons."""

MAX_TASKS = 20_000
_ENDED = {"success": Outcome.FAILED, "failure": Outcome.PASSED}
"""PyRIT speaks of the attacker: where the attack succeeds, the model fails."""


class PyritResults:
    """What a database holds. `told` and `versions` are whole when `samples` has ended; keys are (model, task)."""

    def __init__(self, database: PyritDatabase) -> None:
        self._database = database
        self._told: dict[tuple[str, str], Counter[str]] = {}
        self._versions: set[str] = set()

    @property
    def told(self) -> dict[tuple[str, str], Counts]:
        """As PyRIT counts: reached, not reached, and neither."""
        return {
            key: Counts(
                passed=ends["failure"],
                failed=ends["success"],
                invalid=ends.total() - ends["failure"] - ends["success"],
            )
            for key, ends in self._told.items()
        }

    @property
    def version(self) -> str:
        """Of PyRIT: all that wrote attacks."""
        return ", ".join(sorted(self._versions))[:MAX_NAME_CHARS]

    def samples(self) -> Iterator[tuple[tuple[str, str], SampleOutcome]]:
        """Each with its model and its task, "attack/scorer". Raises BadInput and TooLarge."""
        for attack in self._database.attacks():
            key = _named(attack)
            if attack.version:
                self._versions.add(attack.version)
            counted = self._told.get(key)
            if counted is None:
                if len(self._told) >= MAX_TASKS:
                    raise BadInput(
                        f"more than {MAX_TASKS:,} pairs of model and task: is this PyRIT's database?"
                    )
                counted = self._told[key] = Counter()
            counted[attack.outcome] += 1
            outcome, reason = _judged(attack)
            objective = _digest(attack.objective)
            said = "\n".join(value for value, _ in attack.pieces)
            yield (
                key,
                SampleOutcome(
                    id=attack.id,
                    cluster=objective,
                    outcome=outcome,
                    reason=reason,
                    prompt=objective,
                    answer=_digest(said) if said else "",
                ),
            )


def _judged(attack: PyritAttack) -> tuple[Outcome, str]:
    if attack.outcome == "error" or attack.response_error in {"unknown", "processing"}:
        return Outcome.INVALID, BROKEN
    if not any(_said(value) for value, _ in attack.pieces):
        return Outcome.INVALID, BLANK
    if attack.outcome not in _ENDED:
        return Outcome.INVALID, UNDECIDED
    if not attack.score or attack.status not in {"", "complete"}:
        return Outcome.INVALID, UNSCORED
    return _ENDED[attack.outcome], ""


def _said(value: str) -> bool:
    """Separators and what is not printed at all (Unicode categories Z and C) are silence."""
    return any(unicodedata.category(character)[0] not in "ZC" for character in value)


def _named(attack: PyritAttack) -> tuple[str, str]:
    """(model, "attack/scorer"), out of identifiers that changed their form: nested since 0.14, flat before."""
    strategy = _strategy(_object(attack.identifier))
    parts = strategy.get("children") if isinstance(strategy.get("children"), dict) else {}
    assert isinstance(parts, dict)
    target = _inner(parts, "objective_target") or _inner(strategy, "objective_target_identifier")
    scorer = _inner(parts, "objective_scorer") or _object(attack.scorer)
    model = " ".join(
        part
        for part in (
            _class(target),
            _name(target.get("underlying_model_name")) or _name(target.get("model_name")),
        )
        if part
    )
    return model, f"{_class(strategy) or 'attack'}/{_class(scorer) or '-'}"


def _strategy(identifier: dict[str, Any]) -> dict[str, Any]:
    for step in ("attack_technique", "attack"):
        children = identifier.get("children")
        inner = _inner(children, step) if isinstance(children, dict) else {}
        identifier = inner or identifier
    return identifier


def _inner(holder: dict[str, Any], name: str) -> dict[str, Any]:
    inner = holder.get(name)
    return inner if isinstance(inner, dict) else {}


def _class(identifier: dict[str, Any]) -> str:
    return _name(identifier.get("class_name")) or _name(identifier.get("__type__"))


def _name(value: object) -> str:
    """A short printable name; anything else is none."""
    good = isinstance(value, str) and value.isprintable() and len(value) <= MAX_NAME_CHARS
    return str(value).strip() if good else ""


def _object(text: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text or "{}")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise BadInput("an identifier of PyRIT is no JSON: was the database changed?") from None
    return value if isinstance(value, dict) else {}


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
