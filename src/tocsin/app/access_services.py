"""Services of access, labels and patrol: who may use what, who was verified, how content is labelled, what is asked in.

How a service is added stands in `app.services`.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.app.first_services import FirstServices

if TYPE_CHECKING:
    from tocsin.app.admission import Admission
    from tocsin.app.admission_rules import AdmissionRules
    from tocsin.app.admitting import Admitting
    from tocsin.app.applicant_logins import ApplicantLogins
    from tocsin.app.applicant_passes import ApplicantPasses
    from tocsin.app.applicant_questions import ApplicantQuestions
    from tocsin.app.applicants import Applicants
    from tocsin.app.cases import Cases
    from tocsin.app.channels import Channels
    from tocsin.app.content_labels import ContentLabels
    from tocsin.app.control_looks import ControlLooks
    from tocsin.app.diligence import Diligence
    from tocsin.app.labelled import Labelled
    from tocsin.app.patrol import Patrol
    from tocsin.app.queues import Queues
    from tocsin.app.releases import Releases
    from tocsin.label.apart import Apart


class AccessServices(FirstServices):
    """Each built when somebody first asks for it."""

    if TYPE_CHECKING:

        @cached_property
        def cases(self) -> "Cases": ...

        @cached_property
        def channels(self) -> "Channels": ...

        @cached_property
        def queues(self) -> "Queues": ...

        @cached_property
        def releases(self) -> "Releases": ...

    @cached_property
    def admission(self) -> "Admission":
        from tocsin.app.admission import Admission
        from tocsin.app.admission_log import AdmissionLog

        return Admission(
            self.store,
            self.access,
            self.admission_rules,
            AdmissionLog(self.store, self.keys.seed),
            self.clock,
            subjects=self.applicants,
            keys=lambda: (self.releases.own_key(),),
            artefact_of=lambda model: self.releases.digest(model),
        )

    @cached_property
    def admission_rules(self) -> "AdmissionRules":
        from tocsin.app.admission_rules import AdmissionRules
        from tocsin.app.extensions import overlays_of

        on = self.settings.access_overlays
        return AdmissionRules(self.store, self.data, on, lambda: overlays_of(self.data))

    @cached_property
    def admitting(self) -> "Admitting":
        from tocsin.app.admitting import Admitting

        return Admitting(
            self.store, self.access, self.clock, artefact_of=lambda model: self.releases.digest(model)
        )

    @cached_property
    def applicant_logins(self) -> "ApplicantLogins":
        from tocsin.app.applicant_logins import ApplicantLogins

        return ApplicantLogins(
            self.store,
            self.keys,
            self.applicants,
            lambda: self.applicant_questions,
            self.clock,
            public_url=self.settings.public_url,
        )

    @cached_property
    def applicant_passes(self) -> "ApplicantPasses":
        from tocsin.app.applicant_passes import ApplicantPasses

        return ApplicantPasses(self.store, self.keys, self.access, self.applicants, self.node_id, self.clock)

    @cached_property
    def applicant_questions(self) -> "ApplicantQuestions":
        from tocsin.app.applicant_key import signer_of
        from tocsin.app.applicant_questions import ApplicantQuestions, code_letter

        return ApplicantQuestions(
            self.store,
            self.keys,
            self.applicants,
            lambda: signer_of(self.data, self.name, self.clock),
            self.clock,
            public_url=self.settings.public_url,
            send=lambda channel, to, code: self.channels.write(channel, to, **code_letter(self.name, code)),
        )

    @cached_property
    def applicants(self) -> "Applicants":
        from tocsin.app.applicants import Applicants

        applicants = Applicants(self.store, self.keys, self.access, self.data, self.node_id, self.clock)
        applicants.on_change(lambda _: self.store.admission.touch())
        return applicants

    @cached_property
    def content_labels(self) -> "ContentLabels":
        from tocsin.app.content_labels import ContentLabels

        return ContentLabels(self.data, self.name, self.access, self.labelled, self.parsers, self.clock)

    @cached_property
    def control_looks(self) -> "ControlLooks":
        from tocsin.app.control_looks import ControlLooks

        return ControlLooks(
            self.store,
            self.access,
            self.data,
            self.clock,
            node_id=self.node_id,
            artefact_of=lambda model: self.releases.digest(model),
        )

    @cached_property
    def labelled(self) -> "Labelled":
        from tocsin.app.labelled import Labelled

        return Labelled(
            self.store,
            self.access,
            self.cases,
            self.parsers,
            self.clock,
            days=self.settings.label_recall_days,
        )

    @cached_property
    def parsers(self) -> "Apart":
        from tocsin.label.apart import Apart

        return Apart()  # no process starts before the first file

    @cached_property
    def diligence(self) -> "Diligence":
        from tocsin.app.diligence import Diligence

        return Diligence(self.access, on=self.settings.compute_diligence)

    @cached_property
    def patrol(self) -> "Patrol":
        from tocsin.app.case_opening import NewCase
        from tocsin.app.patrol import Patrol
        from tocsin.kernel.cases import CaseOrigin

        return Patrol(
            self.store,
            self.keys,
            self.access,
            self.clock,
            share=self.settings.patrol_share,
            models=self.releases,
            verify=self.content_labels.verify,
            open_case=lambda by, words: self.cases.open(by, NewCase(origin=CaseOrigin.OWN, words=words)),
            queues=lambda: self.queues.unrestricted(),
        )
