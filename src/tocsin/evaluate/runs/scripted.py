"""A model that is a file: patterns and what is said to them, with faults on purpose. For trying a plan before paying.

    answers:
      - when: '(?i)refund'        # a regular expression, searched in the last message
        say: [I cannot help with that., I will not do that.]
      - say: Here you are.        # without `when`: everything else
    faults: {silent: 0.3, error: 0.05, garbled: 0, seconds: 0, silent_after: 0}

What is said depends on the prompt, the seed and the file, and on nothing else (but for `silent_after`, which counts).
"""

import re
from hashlib import blake2b
from pathlib import Path

import msgspec
import yaml

from tocsin.evaluate.files import read_file
from tocsin.kernel.errors import BadInput

MAX_SCRIPT_BYTES = 4 << 20
"""A script is written by hand, or made from a set of some thousand items."""

MAX_PAUSE_SECONDS = 600.0
"""As long as the slowest answer of a real endpoint."""

GARBLED = "%%%"
"""What stands where an answer, or a grade, should."""

_DENOMINATOR = float(1 << 64)


class Broken(RuntimeError):
    """The script says that this call fails."""


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pattern with its answers, or a call of `tool` with `arguments`."""

    say: str | tuple[str, ...] = ""
    when: str = ""
    tool: str = ""
    arguments: dict[str, str | int | float | bool] = {}


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of calls, 0 to 1; `seconds` that each takes; after `silent_after` calls nothing is said any more."""

    silent: float = 0.0
    error: float = 0.0
    garbled: float = 0.0
    seconds: float = 0.0
    silent_after: int = 0


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, as it stands."""

    answers: tuple[Said, ...]
    faults: Faults = Faults()
    seed: int = 0


class ScriptedModel:
    """An `Answering` that says what its script says."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._patterns = [(_pattern(said.when), said) for said in script.answers]
        self._calls = 0

    @property
    def seconds(self) -> float:
        """That each answer takes."""
        return self._script.faults.seconds

    def answer(self, prompt: str, *, seed: int = 0) -> str:
        """What the script says; "" for silence. Raises Broken where it says so."""
        said = self.reply(prompt, seed=seed)
        return said if isinstance(said, str) else ""

    def reply(self, prompt: str, *, seed: int = 0) -> str | Said:
        """A text, or the `Said` whose tool is called."""
        faults = self._script.faults
        self._calls += 1
        if faults.silent_after and self._calls > faults.silent_after:
            return ""
        if self._chance("error", prompt, seed) < faults.error:
            raise Broken("the script lets this call fail")
        if self._chance("silent", prompt, seed) < faults.silent:
            return ""
        if self._chance("garbled", prompt, seed) < faults.garbled:
            return GARBLED
        for pattern, said in self._patterns:
            if pattern.search(prompt):
                if said.tool:
                    return said
                texts = (said.say,) if isinstance(said.say, str) else said.say
                return texts[int(self._chance("say", prompt, seed) * len(texts))] if texts else ""
        return ""

    def _chance(self, what: str, prompt: str, seed: int) -> float:
        """From 0 up to 1, even, the same whenever the same is asked."""
        drawn = f"{self._script.seed}\0{seed}\0{what}\0{prompt}".encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(drawn, digest_size=8).digest()) / _DENOMINATOR


def load(file: Path) -> ScriptedModel:
    """The model of a script. Raises BadInput, TooLarge."""
    data = read_file(file, MAX_SCRIPT_BYTES)
    try:
        script = msgspec.convert(yaml.safe_load(data), Script)
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"{file} is no script: {error}; docs/runs.md shows one") from None
    shares = script.faults.silent, script.faults.error, script.faults.garbled
    # NaN is in no range
    if not all(0 <= share <= 1 for share in shares):
        raise BadInput(f"{file}: silent, error and garbled are shares, from 0 to 1")
    if not (0 <= script.faults.seconds <= MAX_PAUSE_SECONDS and script.faults.silent_after >= 0):
        raise BadInput(
            f"{file}: seconds lies between 0 and {MAX_PAUSE_SECONDS:.0f}, silent_after is not negative"
        )
    return ScriptedModel(script)


def _pattern(when: str) -> re.Pattern[str]:
    try:
        return re.compile(when)
    except re.error as error:
        raise BadInput(f"when: {when[:80]!r} is no regular expression ({error})") from None
