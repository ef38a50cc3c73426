"""May somebody use a capability of a model? Cedar answers, once for each distinct question, and names its rules.

Enters: an `AccessQuestion`. Leaves: a `Decision`. Refuses: whatever no permit of a release decision reaches, whatever
any policy forbids, an own policy or an overlay that permits, and one that reads what it has no business to read.
"""

from collections.abc import Collection
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from tocsin.kernel import BadInput
from tocsin.kernel.admission import AccessQuestion
from tocsin.trust.policy import Decision, Policies, check_forbids_only, policy_texts

FOLDER = "admission"
"""Below the folder of policies, packaged and own."""

SCHEMA_FILE = "admission.cedarschema"
OURS = "admission."
"""How the ids of the packaged and the generated rules begin."""

OVERLAY = "overlay."
"""How the ids of an overlay's rules begin: "overlay.ID." and a name."""

ATTRIBUTES = ("nationality", "service_country")
"""All that an overlay can ask for beside the question. A name, a language and a script are never among it."""

_PLACE = "  // overlays that are on add what they ask for here\n"


class AdmissionPolicies(Policies):
    """The policies of one release decision, checked. The same question has one answer, decided once."""

    schema_file = SCHEMA_FILE
    asks_of = None

    def admits(self, question: AccessQuestion) -> Decision:
        """Whether it may be; where not, every rule that forbids it."""
        return self.once(question, lambda: self._ask(question))

    def _ask(self, question: AccessQuestion) -> Decision:
        subject = {
            "level": question.level,
            "purposes": list(question.purposes),
            "standing": question.standing.value,
            "granted": question.granted,
        }
        capability = {
            "artefact": question.artefact,
            "name": question.capability,
            "least": question.least,
            "human": question.human,
        }
        context = {
            "purpose": question.purpose,
            "terms": question.terms,
            "control": question.control,
            **dict(question.overlay),
        }
        act = f"access.{question.act.value}"
        return self.ask(act, ("Subject", subject, []), ("Capability", capability, []), context, [])


def admission_schema(attributes: Collection[str] = ()) -> str:
    """What rules may speak of, with what overlays that are on ask for. Raises BadInput for any other attribute."""
    if unknown := sorted(set(attributes) - set(ATTRIBUTES)):
        raise BadInput(f"an overlay cannot ask for {unknown[0][:40]!r}: only for {', '.join(ATTRIBUTES)}")
    text = _packaged().joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    return text.replace(_PLACE, "".join(f"  {name}: String,\n" for name in sorted(set(attributes))))


def admission_texts(folder: Path | None = None) -> dict[str, str]:
    """The packaged texts and those of `folder`, which may only forbid, and read nothing that an overlay asks for.

    Raises BadInput naming a file that cannot be read, that permits, or that takes an id of ours.
    """
    texts = policy_texts(_packaged(), "")
    own = policy_texts(folder, "own/") if folder is not None and folder.is_dir() else {}
    for name, text in own.items():
        check_forbids_only(name, text)
    if own:
        for rule in AdmissionPolicies(own, admission_schema()).described:
            if rule.id.startswith((OURS, OVERLAY)):
                raise BadInput(f"policy {rule.id} in {rule.file}: an own rule's id does not begin like that")
    return texts | own


def overlay_text(overlay: str, text: str, attributes: Collection[str]) -> str:
    """The policies of one overlay, checked by themselves. Raises BadInput.

    They may only forbid, each under an id that names the overlay, and read what the overlay says that it asks for.
    """
    check_forbids_only(f"overlay {overlay}", text)
    for rule in AdmissionPolicies({f"overlay/{overlay}": text}, admission_schema(attributes)).described:
        if not rule.id.startswith(f"{OVERLAY}{overlay}."):
            raise BadInput(f"overlay {overlay}: the id of {rule.id} begins with {OVERLAY}{overlay}.")
    return text


def _packaged() -> Traversable:
    return resources.files("tocsin.trust").joinpath("policies", FOLDER)
