"""Decisions by Cedar: who may act at this node, and what may leave it.

Enters: labels and roles. Leaves: a decision that names its rules. Refuses: whatever no policy permits, and
whatever could not be decided (an error in one policy, an act that the schema does not know, no policy).
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Self

import cedarpy
import msgspec

from tocsin.kernel import TLP, BadInput, Caller, Means, Origin, PeerStatus, Role

SCHEMA_FILE = "tocsin.cedarschema"

MAX_POLICY_FILES = 64
MAX_POLICY_BYTES = 256 << 10
"""One file: a policy is read by people."""

MAX_CACHED_DECISIONS = 65_536
"""Distinct questions remembered; beyond it the memory starts afresh. A peer cannot grow it without end."""

RULE_UNDECIDED = "policy.undecided"
"""Refused because the question could not be decided."""

RULE_DEFAULT = "policy.default-deny"
"""Refused because no policy permits it."""


TWO_PERSON = "two_person"
"""The annotation of a forbid that does not refuse, but asks for the approval of two people."""

SHARE = "share.release"

_Thing = tuple[str, dict[str, Any], list[dict[str, str]]]
"""An entity: its type, attributes and parents."""


class Decision(msgspec.Struct, frozen=True):
    """`rules` are the ids of the policies that decided, sorted; never empty. `asks` want two people's approval."""

    allowed: bool
    rules: tuple[str, ...]
    asks: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """A policy as it was written. `says` is why it refuses, in its author's words (`@says`); `file` holds it."""

    id: str
    effect: str
    says: str
    two_person: bool
    file: str
    action: str = ""
    """The one act that it speaks of; empty when it speaks of several."""


class Standing(msgspec.Struct, frozen=True):
    """How a caller showed who they are: what an own policy may ask of the principal beside the roles."""

    means: Means = Means.TOKEN
    login: str = ""
    mfa: bool = False
    groups: frozenset[str] = frozenset()
    trained: bool = False


class ShareQuestion(msgspec.Struct, frozen=True):
    """May a record with these labels go to a peer like this, for this purpose? All that the decision sees."""

    status: PeerStatus
    ceiling: TLP
    purposes: tuple[str, ...]
    purpose: str
    type: str
    marking: TLP
    origin: Origin
    category: str
    listed: bool
    """The category is on the closed list of conduct."""
    refused: bool
    """The category names a subject that is never shared."""
    evidence: str
    basis: bool
    jurisdiction: str = ""
    """Of the peer, as are `stores` and `honours` (a rank of PAP)."""
    stores: tuple[str, ...] = ()
    honours: int = 0
    pap: int = 0
    """Of the record, as are all below. None is no label; countries, no blocs."""
    only_to: tuple[str, ...] | None = None
    stays_in: tuple[str, ...] | None = None
    embargoed: bool = False
    only_for: tuple[str, ...] | None = None
    kind: str = ""
    """What it says of models, by the name of its extension: "red-line", "model-evaluation"...; empty for the rest."""


class Policies:
    """A checked set of policies. The same question under the same digest has one answer, decided once."""

    schema_file = SCHEMA_FILE
    asks_of: str | None = SHARE
    """The one act for which a forbid may ask for two people: whoever decides another reads nothing of that."""

    def __init__(self, texts: Mapping[str, str], schema: str) -> None:
        """`texts` maps file names to Cedar policies. Raises BadInput for any that does not fit the schema."""
        self._texts = dict(sorted(texts.items()))
        self._schema_text = schema
        source = self.source = "\n".join(self._texts.values())
        try:
            self._names = _names(source)
            self.described = _described(self._texts, self.asks_of)
            checked = cedarpy.validate_policies(source, schema)
            asking = frozenset(rule.id for rule in self.described if rule.two_person)
            plain = _only(source, lambda name: name not in asking)
            self._policies = _Named(plain) if plain.strip() else None
            self._asking = _Named(_only(source, asking.__contains__)) if asking else None
            self._schema = cedarpy.Schema.from_str(schema)
        except ValueError as error:
            raise BadInput(f"a policy file cannot be read: {_first_line(error)}") from error
        if not checked.validation_passed:
            first = checked.errors[0]
            name = self._names.get(first.policy_id, first.policy_id)
            raise BadInput(f"policy {name} does not fit the schema: {_first_line(first.error)}")
        self._decided: dict[object, Decision] = {}

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """The packaged policies, and beside them every `*.cedar` of `folder` (there may be none).

        An operator's file may only forbid: it can refuse more than the packaged ones, never less.
        Raises BadInput naming a file that cannot be read or that permits.
        """
        packaged = resources.files("tocsin.trust").joinpath("policies")
        texts = policy_texts(packaged, "")
        if folder is not None and folder.is_dir():
            own = policy_texts(folder, "own/")
            for name, text in own.items():
                check_forbids_only(name, text)
            texts |= own
        return cls(texts, packaged.joinpath(SCHEMA_FILE).read_text(encoding="utf-8"))

    def beside(self, own: Mapping[str, str]) -> Self:
        """These policies with an operator's own texts, by file name. Raises BadInput when one permits."""
        for name, text in own.items():
            check_forbids_only(name, text)
        return type(self)({**self._texts, **own}, self._schema_text)

    def without(self, rule: str) -> Self:
        """These policies but one, to see what it is good for. Raises BadInput when there is no such rule."""
        texts = {name: _without(text, rule) for name, text in self._texts.items()}
        if texts == self._texts:
            raise BadInput(f"there is no policy {rule[:64]}: `tocsin policy list` shows them")
        return type(self)(texts, self._schema_text)

    def alone(self, rule: str) -> Self:
        """One of these policies by itself."""
        texts = {name: _only(text, lambda name: name == rule) for name, text in self._texts.items()}
        return type(self)({name: text for name, text in texts.items() if text.strip()}, self._schema_text)

    def applies(self, question: ShareQuestion) -> bool:
        """Whether any of these has a word in the decision: a permit that permits, a forbid that forbids."""
        decision = self._share(question)
        return bool(decision.asks) or decision.rules != (RULE_DEFAULT,)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) over the names and contents of all policy files and the schema."""
        state = hashlib.sha256()
        for name, text in [*self._texts.items(), (self.schema_file, self._schema_text)]:
            for part in (name.encode(), text.encode()):
                state.update(len(part).to_bytes(8, "big"))
                state.update(part)
        return state.hexdigest()

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of all policies, sorted."""
        return tuple(sorted(self._names.values()))

    def may(self, roles: Collection[Role], act: str, standing: Standing = Standing()) -> Decision:  # noqa: B008
        """Whether somebody with these roles, who came like this, may do `act` at this node."""
        question = (frozenset(roles), act, standing)
        return self.once(question, lambda: self._access(*question))

    def decide(self, caller: Caller, act: str) -> Decision:
        """Whether this caller may do `act` at this node, and by which rules."""
        standing = Standing(
            means=caller.means,
            login=caller.login or "",
            mfa=caller.mfa,
            groups=caller.groups,
            trained=caller.trained,
        )
        return self.may(caller.roles, act, standing)

    def permits(self, caller: Caller, act: str) -> bool:
        """Whether this caller may do `act` at this node."""
        return self.decide(caller, act).allowed

    def may_share(self, question: ShareQuestion) -> Decision:
        """Whether a record may leave."""
        return self.once(question, lambda: self._share(question))

    def once(self, question: object, decide: Callable[[], Decision]) -> Decision:
        """The answer remembered, or `decide`'s."""
        known = self._decided.get(question)
        if known is None:
            if len(self._decided) >= MAX_CACHED_DECISIONS:
                self._decided.clear()
            known = self._decided[question] = decide()
        return known

    def _access(self, roles: frozenset[Role], act: str, standing: Standing) -> Decision:
        person = {
            "means": standing.means.value,
            "login": standing.login,
            "mfa": standing.mfa,
            "groups": sorted(standing.groups),
            "trained": standing.trained,
        }
        parents = [_uid("Role", role.value) for role in sorted(roles)]
        return self.ask(
            act,
            ("Person", person, parents),
            ("Node", {}, []),
            {},
            [{"uid": parent, "attrs": {}, "parents": []} for parent in parents],
        )

    def _share(self, question: ShareQuestion) -> Decision:
        peer = {
            "status": question.status.value,
            "ceiling": question.ceiling.rank,
            "purposes": list(question.purposes),
            "jurisdiction": question.jurisdiction,
            "stores": list(question.stores),
            "pap": question.honours,
        }
        record = {
            "type": question.type,
            "kind": question.kind,
            "marking": question.marking.rank,
            "origin": question.origin.value,
            "category": question.category,
            "listed": question.listed,
            "refused": question.refused,
            "evidence": question.evidence,
            "basis": question.basis,
            "pap": question.pap,
            "locked": question.only_to is not None,
            "jurisdictions": list(question.only_to or ()),
            "resident": question.stays_in is not None,
            "residency": list(question.stays_in or ()),
            "embargoed": question.embargoed,
            "restricted": question.only_for is not None,
            "purposes": list(question.only_for or ()),
        }
        return self.ask(SHARE, ("Peer", peer, []), ("Record", record, []), {"purpose": question.purpose}, [])

    def ask(
        self,
        act: str,
        principal: _Thing,
        resource: _Thing,
        context: dict[str, Any],
        others: list[dict[str, Any]],
    ) -> Decision:
        """One question: refused by default, and when it could not be decided."""
        things = [
            {"uid": _uid(kind, "this"), "attrs": attributes, "parents": parents}
            for kind, attributes, parents in (principal, resource)
        ]
        request = {
            "principal": _uid(principal[0], "this"),
            "action": _uid("Action", act),
            "resource": _uid(resource[0], "this"),
            "context": context,
        }
        try:
            entities = json.dumps(things + others)
            allowed, rules = (
                self._policies.ask(request, entities, self._schema) if self._policies else (False, ())
            )
            asks = self._asking.ask(request, entities, self._schema)[1] if self._asking else ()
        except ValueError:
            return Decision(allowed=False, rules=(RULE_UNDECIDED,))
        return Decision(allowed=allowed and bool(rules), rules=rules or (RULE_DEFAULT,), asks=asks)


class _Named:
    """Policies with the `@id`s that people gave them."""

    def __init__(self, source: str) -> None:
        self._names = _names(source)
        self._policies = cedarpy.PolicySet.from_str(source)

    def ask(self, request: dict[str, Any], entities: str, schema: Any) -> tuple[bool, tuple[str, ...]]:
        """Whether these allow it, and which decided. Raises ValueError when any of them errs."""
        answer = cedarpy.is_authorized(request, self._policies, entities, schema)
        if answer.diagnostics.errors:
            # Cedar skips a policy that errs. A forbid that was skipped would be a door left open.
            raise ValueError("a policy erred")
        return answer.allowed, tuple(sorted(self._names[reason] for reason in answer.diagnostics.reasons))


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def _names(source: str) -> dict[str, str]:
    """Cedar's own policy names mapped to the `@id` that people gave; each policy needs its own.

    An empty set is refused here: it would refuse everything, and look like a working node.
    """
    named: dict[str, str] = {}
    for reason, policy in json.loads(cedarpy.policies_to_json_str(source))["staticPolicies"].items():
        name = policy.get("annotations", {}).get("id")
        if not name:
            raise BadInput('every policy needs an @id("...") before it')
        if name in named.values():
            raise BadInput(f"two policies have the id {name}")
        named[reason] = name
    if not named:
        raise BadInput("there is no policy: nothing would ever be allowed")
    return named


def _without(text: str, rule: str) -> str:
    return _only(text, lambda name: name != rule) if f'"{rule}"' in text else text


def _only(text: str, wanted: Callable[[str], bool]) -> str:
    """The text of the policies whose `@id` is wanted."""
    found = json.loads(cedarpy.policies_to_json_str(text))
    found["staticPolicies"] = {
        key: policy
        for key, policy in found["staticPolicies"].items()
        if wanted(policy.get("annotations", {}).get("id", ""))
    }
    return str(cedarpy.policies_from_json_str(json.dumps(found)))


def _described(texts: Mapping[str, str], asks_of: str | None) -> tuple[Rule, ...]:
    found = []
    for file, text in texts.items():
        for policy in json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values():
            notes = policy.get("annotations", {})
            rule = Rule(
                id=notes.get("id", ""),
                effect=policy["effect"],
                says=notes.get("says", ""),
                two_person=TWO_PERSON in notes,
                file=file,
                action=policy["action"].get("entity", {}).get("id", ""),
            )
            if rule.two_person and (rule.effect != "forbid" or rule.action != asks_of):
                raise BadInput(
                    f"policy {rule.id}: only a forbid of {SHARE} asks two people; take @{TWO_PERSON} off"
                )
            found.append(rule)
    return tuple(sorted(found, key=lambda rule: rule.id))


def check_forbids_only(file: str, text: str) -> None:
    """Raises BadInput when a file of an operator's own permits anything."""
    try:
        policies = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
    except ValueError as error:
        raise BadInput(f"policy file {file} cannot be read: {_first_line(error)}") from error
    if any(policy["effect"] != "forbid" for policy in policies):
        raise BadInput(f"policy file {file} holds a permit: a node's own policies may only forbid")


def policy_texts(folder: Traversable | Path, prefix: str) -> dict[str, str]:
    """Every `*.cedar` of a folder by its name, `prefix` before it. Raises BadInput."""
    try:
        files = [entry for entry in folder.iterdir() if entry.name.endswith(".cedar")]
        if len(files) > MAX_POLICY_FILES:
            raise BadInput(f"more than {MAX_POLICY_FILES} policy files")
        texts = {prefix + entry.name: entry.read_text(encoding="utf-8") for entry in files}
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the policy files in {folder} cannot be read") from error
    for name, text in texts.items():
        if len(text) > MAX_POLICY_BYTES:
            raise BadInput(f"policy file {name} is longer than {MAX_POLICY_BYTES} characters")
    return texts


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0][:200]
