"""The one page of extension points. The built-in parts come in through it too.

| to add | do this |
|---|---|
| phrases | a YAML file in DATA/packs/ (docs/phrases.md) |
| a Sigma rule | a file in DATA/rules/, or `tocsin watch rules import` (docs/rules.md) |
| a detector | a file in `screen/`, a row in `screen.DETECTORS`, one test, a section in docs |
| what events say together | a `Lookout` in `correlate/`, a row in `lookouts_of` below, one test, a section in docs |
| a sharing or access rule | a `.cedar` file in DATA/policies/: it may only forbid; tests in a `.tests.yaml` beside it |
| an exclusion list | a MISP warninglist (.json) in DATA/exclusions/ (docs/warnings.md) |
| a language of the console | a .po file under `web/locale/` (docs/console.md) |
| a store | the interface in `store/interface.py`, run by tests/contracts |
"""

from pathlib import Path

from tocsin.app.lookouts import Maker
from tocsin.correlate import Exclusions
from tocsin.taxonomy.exclusions import load_lists
from tocsin.taxonomy.packs import Pack, load_packs
from tocsin.trust.policy import Policies
from tocsin.trust.policy_tests import PolicyTest, own_tests, packaged_tests

PACKS_FOLDER = "packs"
POLICIES_FOLDER = "policies"
EXCLUSIONS_FOLDER = "exclusions"


def packs_of(data: Path) -> tuple[Pack, ...]:
    """The packaged phrase packs and those in the node's folder. Raises BadInput naming a bad file."""
    return load_packs(data / PACKS_FOLDER)


def policy_tests_of(data: Path) -> tuple[PolicyTest, ...]:
    """The tests that ship beside the packaged policies, and those beside the node's own. Raises BadInput."""
    return (*packaged_tests(), *own_tests(data / POLICIES_FOLDER))


def policies_of(data: Path) -> Policies:
    """The packaged policies and those in the node's folder. Raises BadInput naming a bad file."""
    folder = data / POLICIES_FOLDER
    return Policies.load(folder if folder.is_dir() else None)


def exclusions_of(data: Path) -> Exclusions:
    """The packaged exclusion lists and those in the node's folder; `.lists` raises BadInput naming a bad file."""
    return Exclusions(lambda: load_lists(data / EXCLUSIONS_FOLDER))


def lookouts_of() -> tuple[Maker, ...]:
    """What makes each lookout of this node: one more is one more row here."""
    return ()
