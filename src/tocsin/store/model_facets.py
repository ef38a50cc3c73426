"""The store's facets of models: what was inspected, measured, released, and who may use it."""

from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.store.facets import Facets

if TYPE_CHECKING:
    from tocsin.store.admission import SqlAdmission
    from tocsin.store.applicants import SqlApplicants
    from tocsin.store.descents import SqlDescents
    from tocsin.store.evaluations import SqlEvaluationPlans, SqlEvaluations
    from tocsin.store.followed import SqlArtefactNotices, SqlFollowed, SqlIntelligence
    from tocsin.store.inspections import SqlInspections
    from tocsin.store.labels import SqlLabels
    from tocsin.store.patrol import SqlPatrol
    from tocsin.store.recognitions import SqlRecognitions
    from tocsin.store.release_decisions import SqlExemptions, SqlReleaseDecisions


class ModelFacets(Facets):
    """A facet is made, and its file imported, when it is first asked for."""

    @cached_property
    def admission(self) -> "SqlAdmission":
        from tocsin.store.admission import SqlAdmission

        return SqlAdmission(self._database)

    @cached_property
    def inspections(self) -> "SqlInspections":
        from tocsin.store.inspections import SqlInspections

        return SqlInspections(self._database)

    @cached_property
    def followed(self) -> "SqlFollowed":
        from tocsin.store.followed import SqlFollowed

        return SqlFollowed(self._database)

    @cached_property
    def intelligence(self) -> "SqlIntelligence":
        from tocsin.store.followed import SqlIntelligence

        return SqlIntelligence(self._database)

    @cached_property
    def descents(self) -> "SqlDescents":
        from tocsin.store.descents import SqlDescents

        return SqlDescents(self._database)

    @cached_property
    def artefact_notices(self) -> "SqlArtefactNotices":
        from tocsin.store.followed import SqlArtefactNotices

        return SqlArtefactNotices(self._database)

    @cached_property
    def evaluation_plans(self) -> "SqlEvaluationPlans":
        from tocsin.store.evaluations import SqlEvaluationPlans

        return SqlEvaluationPlans(self._database)

    @cached_property
    def evaluations(self) -> "SqlEvaluations":
        from tocsin.store.evaluations import SqlEvaluations

        return SqlEvaluations(self._database)

    @cached_property
    def recognitions(self) -> "SqlRecognitions":
        from tocsin.store.recognitions import SqlRecognitions

        return SqlRecognitions(self._database)

    @cached_property
    def release_decisions(self) -> "SqlReleaseDecisions":
        from tocsin.store.release_decisions import SqlReleaseDecisions

        return SqlReleaseDecisions(self._database)

    @cached_property
    def exemptions(self) -> "SqlExemptions":
        from tocsin.store.release_decisions import SqlExemptions

        return SqlExemptions(self._database)

    @cached_property
    def applicants(self) -> "SqlApplicants":
        from tocsin.store.applicants import SqlApplicants

        return SqlApplicants(self._database)

    @cached_property
    def labels(self) -> "SqlLabels":
        from tocsin.store.labels import SqlLabels

        return SqlLabels(self._database)

    @cached_property
    def patrol(self) -> "SqlPatrol":
        from tocsin.store.patrol import SqlPatrol

        return SqlPatrol(self._database)
