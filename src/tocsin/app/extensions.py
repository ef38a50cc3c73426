"""The one page of extension points. The built-in parts come in through it too.

| to add | do this |
|---|---|
| phrases | a YAML file in DATA/packs/ (docs/phrases.md) |
| a Sigma rule | a file in DATA/rules/, or `tocsin watch rules import` (docs/rules.md) |
| a detector | a file in `screen/`, a row in `screen.DETECTORS`, one test, a section in docs |
| what reads a model's files | a file in `assure/`, a row in `assure.examiners`, rules in `artefact_rules/`, one test |
| a class that a pickle may name | a line in `assure/pickles/allowed.yaml`, then `make docs` (docs/pickles.md) |
| what a tool may be given | a YAML file in DATA/tools/ (docs/agents.md) |
| aims that acts in conversations are looked at for | a YAML file in DATA/acts/ (docs/sessions.md) |
| what events say together | a `Lookout` in `correlate/`, a row in `lookouts_of` below, one test, a section in docs |
| a sharing or access rule | a `.cedar` file in DATA/policies/: it may only forbid; tests in a `.tests.yaml` beside it |
| which authorities' requests are refused besides | a row in DATA/requests.yaml: it can only refuse (docs/requests.md) |
| a language of letters on decisions | a block in `cases/reasons/letters.yaml`, its name in `LANGUAGES` |
| a rule on releases | a `.cedar` file in DATA/policies/release/: it may only forbid; tests beside it (docs/gate.md) |
| what a jurisdiction demands of releases | a YAML file in DATA/overlays/ (docs/overlays.md) |
| a threshold of training compute, a chip | a YAML file in DATA/compute/ (docs/compute.md) |
| a duty to report incidents | a YAML file in DATA/duties/ (docs/duties.md) |
| whose evaluations are recognised | a rule in DATA/recognition.yaml (docs/recognition.md) |
| a family of items | a module, its data, a row in `evaluate/families/__init__.py`, one test (docs/families.md) |
| a public set's layout | a row in `evaluate/families/adapters.py`, one test |
| a reader of another tool's report | a file in `evaluate/`, a function in its `importing.py`, a kind in the command |
| a guard model | a YAML file in DATA/guards/: where it runs; its template may be your own (docs/guards.md) |
| an exclusion list | a MISP warninglist (.json) in DATA/exclusions/ (docs/warnings.md) |
| a public set of yours | the task `tocsin/public-set`; a row in `evaluate.families.adapters` for another layout |
| a language of the console | a .po file under `web/locale/` (docs/console.md) |
| a queue of cases, its hours and its members | a YAML file in DATA/queues/ (docs/cases.md) |
| whom this node believes about end users | DATA/applicants.yaml (docs/end-users.md) |
| a store | the interface in `store/interface.py`, run by tests/contracts |
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a node opens without them: each command pays for the rooms that it asks
    from collections.abc import Callable

    from tocsin.app.guard_words import GuardWords
    from tocsin.app.lookouts import Maker
    from tocsin.cases.duties import Pack as DutyPack
    from tocsin.correlate import Exclusions
    from tocsin.gate import Overlay
    from tocsin.screen import Acts, Detector
    from tocsin.taxonomy.guard_files import Guard
    from tocsin.taxonomy.packs import Pack
    from tocsin.trust.policy import Policies
    from tocsin.trust.policy_tests import PolicyTest
    from tocsin.trust.release_policy import ReleasePolicies
    from tocsin.trust.release_tests import ReleaseTest

PACKS_FOLDER = "packs"
POLICIES_FOLDER = "policies"
EXCLUSIONS_FOLDER = "exclusions"
TOOLS_FOLDER = "tools"
ACTS_FOLDER = "acts"
GUARDS_FOLDER = "guards"
OVERLAYS_FOLDER = "overlays"
DUTIES_FOLDER = "duties"
RELEASE_FOLDER = "release"
"""Below the folder of policies."""


def packs_of(data: Path) -> "tuple[Pack, ...]":
    """The packaged phrase packs and those in the node's folder. Raises BadInput naming a bad file."""
    from tocsin.taxonomy.packs import load_packs

    return load_packs(data / PACKS_FOLDER)


def policy_tests_of(data: Path) -> "tuple[PolicyTest, ...]":
    """The tests that ship beside the packaged policies, and those beside the node's own. Raises BadInput."""
    from tocsin.trust.policy_tests import own_tests, packaged_tests

    return (*packaged_tests(), *own_tests(data / POLICIES_FOLDER))


def policies_of(data: Path) -> "Policies":
    """The packaged policies and those in the node's folder. Raises BadInput naming a bad file."""
    from tocsin.trust.policy import Policies

    folder = data / POLICIES_FOLDER
    return Policies.load(folder if folder.is_dir() else None)


def release_policies_of(data: Path | None) -> "ReleasePolicies":
    """The packaged release policies and those in a node's folder. Raises BadInput naming a bad file."""
    from tocsin.trust.release_policy import ReleasePolicies

    return ReleasePolicies.load(data / POLICIES_FOLDER / RELEASE_FOLDER if data else None)


def release_tests_of(data: Path) -> "tuple[ReleaseTest, ...]":
    """The tests beside the packaged release policies, and beside the node's own. Raises BadInput."""
    from tocsin.trust.release_tests import release_tests

    return release_tests(data / POLICIES_FOLDER / RELEASE_FOLDER)


def overlays_of(data: Path | None) -> "tuple[Overlay, ...]":
    """The packaged overlays and those in a node's folder. Raises BadInput naming a bad file."""
    from tocsin.gate import load_overlays

    return load_overlays(data / OVERLAYS_FOLDER if data else None)


def duties_of(data: Path | None) -> "tuple[DutyPack, ...]":
    """The packaged packs of duties and those in a node's folder. Raises BadInput naming a bad file."""
    from tocsin.cases.duties import packs_of as duty_packs_of

    return duty_packs_of(data / DUTIES_FOLDER if data else None)


def detectors_of(data: Path) -> "tuple[Detector, ...]":
    """The detectors that a node's own folder makes, beside `screen.DETECTORS`. Raises BadInput naming a bad file."""
    from tocsin.screen import Misuse, load_tool_policies

    return (Misuse(load_tool_policies(data / TOOLS_FOLDER)),)


def acts_of(data: Path) -> "Acts":
    """What looks for acts in conversations, with the aims in the node's folder. Raises BadInput naming a bad file."""
    from tocsin.screen import Acts, load_aims

    return Acts(load_aims(data / ACTS_FOLDER))


def exclusions_of(data: Path) -> "Exclusions":
    """The packaged exclusion lists and those in the node's folder; `.lists` raises BadInput naming a bad file."""
    from tocsin.correlate import Exclusions
    from tocsin.taxonomy.exclusions import load_lists

    return Exclusions(lambda: load_lists(data / EXCLUSIONS_FOLDER))


def guards_of(data: Path) -> "tuple[Guard, ...]":
    """The guard models that an operator named; none by default. Raises BadInput naming a bad file."""
    from tocsin.taxonomy.guard_files import load_guards

    return load_guards(data / GUARDS_FOLDER)


def lookouts_of(words: "Callable[[], GuardWords]") -> "tuple[Maker, ...]":
    """What makes each lookout of this node: one more is one more row here. `words` gives what guard models said."""
    from tocsin.correlate import Agents

    return (lambda: Agents(lambda events: words().orders(events)),)
