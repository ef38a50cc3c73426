"""The rules of access as they stand: own files and overlays, read again when they change, and one set of policies for
each release decision in force.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tocsin.kernel import BadInput
from tocsin.kernel.release import ReleaseDecision, ReleaseState
from tocsin.store.interface import Store

if TYPE_CHECKING:  # Cedar: only who decides loads it
    from tocsin.admit import AccessOverlay, Ruled
    from tocsin.gate import Overlay

POLICIES_FOLDER = "policies"
PAGE = 200
Stamp = tuple[tuple[str, int, int], ...]


class Files(msgspec.Struct, frozen=True):
    """What an operator's folder holds: texts that may only forbid, and the overlays that are on."""

    texts: dict[str, str]
    overlays: "tuple[AccessOverlay, ...]"
    schema: str

    @property
    def attributes(self) -> tuple[str, ...]:
        """What the overlays ask for; empty as long as none is on."""
        return tuple(sorted({name for one in self.overlays for name in one.asks}))


class AdmissionRules:
    """Hands out the rules of one artefact. Raises BadInput when a file of the node's folder is bad."""

    def __init__(
        self,
        store: Store,
        data: Path,
        on: Sequence[str],
        release_overlays: "Callable[[], Sequence[Overlay]]",
    ) -> None:
        self._store = store
        self._data = data
        self._on = tuple(on)
        self._release_overlays = release_overlays
        self._files: tuple[Stamp, Files] | None = None
        self._made: dict[str, Ruled] = {}
        self._said: tuple[object, tuple[str, ...]] | None = None

    def stamp(self) -> Stamp:
        """Of the files that rules are read from: another one means other rules."""
        from tocsin.admit import OVERLAYS_FOLDER
        from tocsin.trust.admission_policy import FOLDER

        folders = (self._data / POLICIES_FOLDER / FOLDER, self._data / OVERLAYS_FOLDER)
        found = []
        for path in sorted(path for folder in folders if folder.is_dir() for path in folder.iterdir()):
            at = path.stat()
            found.append((str(path), at.st_mtime_ns, at.st_size))
        return tuple(found)

    def files(self) -> Files:
        """The operator's rules, read when they changed. Raises BadInput naming a bad file."""
        from tocsin.admit import OVERLAYS_FOLDER, load_access_overlays
        from tocsin.trust.admission_policy import FOLDER, admission_schema, admission_texts

        stamp = self.stamp()
        if self._files is None or self._files[0] != stamp:
            overlays = load_access_overlays(self._data / OVERLAYS_FOLDER, self._on)
            texts = admission_texts(self._data / POLICIES_FOLDER / FOLDER)
            texts |= {f"overlay/{one.id}": one.cedar for one in overlays}
            asked = {name for one in overlays for name in one.asks}
            self._made = {}
            self._files = stamp, Files(texts, overlays, admission_schema(asked))
        return self._files[1]

    def of(self, release: ReleaseDecision) -> "Ruled":
        """What holds for a release decision's artefact. Raises BadInput."""
        from tocsin.admit import GENERATED, Ruled, generated
        from tocsin.trust.admission_policy import AdmissionPolicies

        files = self.files()
        ruled = self._made.get(release.id)
        if ruled is None:
            policies = AdmissionPolicies({**files.texts, GENERATED: generated(release)}, files.schema)
            ids = tuple(one.id for one in files.overlays)
            ruled = Ruled(release, policies, ids, self._labels(release), files.attributes)
            self._made[release.id] = ruled
        return ruled

    def forget(self, besides: Sequence[str]) -> None:
        """Drop the rules of release decisions that are no longer in force."""
        self._made = {name: one for name, one in self._made.items() if name in besides}

    def release(self, artefact: str, today: str) -> ReleaseDecision | None:
        """The decision in force for an artefact; one whose days are over is none."""
        rows = self._store.release_decisions.listed(
            artefact=artefact, state=ReleaseState.IN_FORCE, limit=PAGE
        )
        return next((one for _, one in rows if today < one.expires), None)

    def contradictions(self, today: str) -> tuple[str, ...]:
        """What the operator's own rules make impossible although a release decision leaves it, in sentences."""
        from tocsin.admit import contradictions

        releases = self._store.admission.marks().releases
        rests = (
            self.stamp(),
            releases,
            today,
        )  # thousands of questions are asked: once for each state of things
        if self._said is None or self._said[0] != rests:
            found = []
            for artefact, _ in releases:
                release = self.release(artefact, today)
                if release is not None:
                    found += [f"{release.name}: {said}" for said in contradictions(self.of(release))]
            self._said = rests, tuple(found)
        return self._said[1]

    def in_force(self, today: str) -> tuple[ReleaseDecision, ...]:
        """Every release decision that counts today, by the model's name."""
        found = (self.release(artefact, today) for artefact, _ in self._store.admission.marks().releases)
        return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.name, one.id)))

    def _labels(self, release: ReleaseDecision) -> tuple[str, ...]:
        """Conditions of a decision that come from an overlay of the gate and ask for labelled output."""
        from tocsin.gate.overlays import DemandKind

        try:
            kinds = {
                f"{one.id}/{demand.id}": demand.kind
                for one in self._release_overlays()
                for demand in one.demands
            }
        except BadInput:  # doctor tells; what is not known to ask for a label asks for one here
            kinds = {}
        demanded = [name for name in release.conditions if "/" in name]
        return tuple(
            name for name in demanded if kinds.get(name, DemandKind.LABELLING) is DemandKind.LABELLING
        )
