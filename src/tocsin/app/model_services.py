"""Services of models: what was looked at, measured, recognised, decided, and what becomes of it.

How a service is added stands in `app.services`.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.app.first_services import FirstServices

if TYPE_CHECKING:
    from tocsin.app.aftercare import Aftercare
    from tocsin.app.artefact_words import ArtefactWords
    from tocsin.app.artefacts import Artefacts
    from tocsin.app.decision_paper import DecisionPapers
    from tocsin.app.descents import Descents
    from tocsin.app.evaluations import Evaluations
    from tocsin.app.following import Following
    from tocsin.app.intake import Intake
    from tocsin.app.joint_tests import JointTests
    from tocsin.app.model_records import ModelRecords
    from tocsin.app.precedents import Precedents
    from tocsin.app.recognitions import Recognitions
    from tocsin.app.red_lines import RedLines
    from tocsin.app.releases import Releases


class ModelServices(FirstServices):
    """Each built when somebody first asks for it."""

    @cached_property
    def aftercare(self) -> "Aftercare":
        from tocsin.app.aftercare import Aftercare

        return Aftercare(
            self.store,
            self.artefacts,
            self.intake,
            self.following,
            self.clock,
            recheck=lambda: self.releases.recheck(),
        )

    @cached_property
    def artefact_words(self) -> "ArtefactWords":
        from tocsin.app.artefact_words import ArtefactWords

        return ArtefactWords(self.store, self.clock)

    @cached_property
    def artefacts(self) -> "Artefacts":
        from tocsin.app.artefacts import Artefacts, look

        return Artefacts(self.store, self.access, self.artefact_words, self.clock, look=look)

    @cached_property
    def decision_papers(self) -> "DecisionPapers":
        from tocsin.app.decision_paper import DecisionPapers

        return DecisionPapers(self.store, self.releases, self.name)

    @cached_property
    def descents(self) -> "Descents":
        from tocsin.app.descents import Descents

        return Descents(self.store, self.access, self.artefacts, self.clock)

    @cached_property
    def evaluations(self) -> "Evaluations":
        from tocsin.app.evaluations import Evaluations

        return Evaluations(
            self.store,
            self.access,
            self.data,
            self.node_id,
            self.clock,
            red_lines=lambda: self.red_lines.known(),
        )

    @cached_property
    def following(self) -> "Following":
        from tocsin.app.following import Following

        return Following(self.store, self.access, self.artefacts, self.artefact_words, self.clock)

    @cached_property
    def intake(self) -> "Intake":
        from tocsin.app.intake import Intake

        return Intake(self.store, self.access, self.artefacts, self.artefact_words, self.clock)

    @cached_property
    def joint_tests(self) -> "JointTests":
        from tocsin.app.joint_tests import JointTests

        return JointTests(self.store, self.access, self.data, self.recognitions.policy)

    @cached_property
    def model_records(self) -> "ModelRecords":
        from tocsin.app.model_records import ModelRecords

        return ModelRecords(self.store, self.keys, self.settings, self.access, self.clock)

    @cached_property
    def precedents(self) -> "Precedents":
        from tocsin.app.precedents import Precedents

        return Precedents(self.store, self.access, self.clock, self.store.release_decisions)

    @cached_property
    def recognitions(self) -> "Recognitions":
        from tocsin.app.recognitions import Recognitions

        return Recognitions(self.store, self.access, self.data, self.node_id, self.clock)

    @cached_property
    def red_lines(self) -> "RedLines":
        from tocsin.app.red_lines import RedLines

        return RedLines(self.store, self.keys, self.settings, self.access, self.clock)

    @cached_property
    def releases(self) -> "Releases":
        from tocsin.app.releases import Releases

        return Releases(
            self.store,
            self.access,
            self.data,
            self.clock,
            words=self.artefact_words,
            evaluations=self.evaluations,
            red_lines=self.red_lines,
            recognitions=self.recognitions,
            node_id=self.node_id,
        )
