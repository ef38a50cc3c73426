"""How far may these bytes go out? Cedar answers, tier by tier, and names its rules.

Enters: a `ReleaseQuestion`. Leaves: an `Answer`. Refuses: a tier that no policy permits, one that any forbids, every
tier more open than a forbidden one, and all of them where the question could not be decided.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Self

import cedarpy
import msgspec

from tocsin.kernel import BadInput
from tocsin.kernel.release import OPENNESS, GroundKind, Tier
from tocsin.trust.policy import Decision, Policies, check_forbids_only, policy_texts

SCHEMA_FILE = "release.cedarschema"
FOLDER = "release"
"""Below the folder of policies, packaged and own: its questions have a schema of their own."""

ACT = "release.go-out"

MOST_OPEN = len(OPENNESS) - 1


class ReleaseQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the policies see of an artefact; release.cedarschema says what each means. Sets are sorted tuples.

    What is left out is what is not known, and opens nothing.
    """

    evaluations: int = 0
    catastrophic: str = "none"
    block: str = "none"
    restrict: str = "none"
    tampered: str = "none"
    unproven: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = ()
    red_line: str = "none"
    files: str = "missing"
    measured: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    compute: int = 0
    agreement: int = 0
    unsigned: tuple[str, ...] = ()
    recognition: str = "none"
    provenance: str = "none"
    overlay: int = MOST_OPEN
    exempt: tuple[str, ...] = ()


class ReleaseRule(msgspec.Struct, frozen=True):
    """What a rule says of itself. `reads` is the attribute whose evidence belongs beside it, "" for an own policy."""

    id: str
    says: str
    kind: GroundKind
    reads: str
    veto: bool
    exemptible: bool


class Answer(msgspec.Struct, frozen=True):
    """`tier` is the most open one that may be; `most` gives for each rule that forbade any tier the one it leaves."""

    tier: Tier
    most: Mapping[str, Tier]


class ReleasePolicies(Policies):
    """The release policies, checked against their own schema. Digest and lists are as of the others."""

    schema_file = SCHEMA_FILE
    asks_of = None

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """The packaged release policies, and beside them every `*.cedar` of `folder`, which may only forbid.

        Raises BadInput naming a file that cannot be read or that permits.
        """
        packaged = resources.files("tocsin.trust").joinpath("policies", FOLDER)
        texts = policy_texts(packaged, "")
        if folder is not None and folder.is_dir():
            own = policy_texts(folder, "own/")
            for name, text in own.items():
                check_forbids_only(name, text)
            texts |= own
        return cls(texts, packaged.joinpath(SCHEMA_FILE).read_text(encoding="utf-8"))

    @cached_property
    def by_id(self) -> Mapping[str, ReleaseRule]:
        """Every forbid, by its id."""
        found = {}
        for policy in json.loads(cedarpy.policies_to_json_str(self.source))["staticPolicies"].values():
            notes = policy["annotations"]
            if policy["effect"] == "forbid":
                found[notes["id"]] = ReleaseRule(
                    id=notes["id"],
                    says=notes.get("says", ""),
                    kind=_kind(notes),
                    reads=notes.get("reads", ""),
                    veto="veto" in notes,
                    exemptible="exemptible" in notes,
                )
        return found

    def may_go_out(self, question: ReleaseQuestion, tier: Tier) -> Decision:
        """Whether it may go out at this tier; where not, every rule that forbids it."""
        return self.once((question, tier), lambda: self._ask(question, tier))

    def how_far(self, question: ReleaseQuestion) -> Answer:
        """The most open tier below which no rule forbids any, and what each rule leaves."""
        tier, open_still = Tier.WITHHELD, True
        most: dict[str, Tier] = {}
        for below, one in pairwise(OPENNESS):
            decision = self.may_go_out(question, one)
            open_still = open_still and decision.allowed
            if open_still:
                tier = one
            elif not decision.allowed:
                for rule in decision.rules:
                    most.setdefault(rule, below)
        return Answer(tier, most)

    def _ask(self, question: ReleaseQuestion, tier: Tier) -> Decision:
        model = msgspec.to_builtins(question)
        return self.ask(ACT, ("Model", model, []), ("Tier", {"openness": OPENNESS.index(tier)}, []), {}, [])


def _kind(notes: Mapping[str, str]) -> GroundKind:
    try:
        return GroundKind(notes.get("kind", GroundKind.CONTEXT.value))
    except ValueError:
        raise BadInput(
            f"policy {notes['id']}: @kind is one of {', '.join(GroundKind)}, not {notes['kind'][:40]!r}"
        ) from None
