"""A node that verifies end users, an issuer it believes, and a person with a wallet."""

import json
from typing import Any

import msgspec

from tests.fixtures import Made
from tests.wallet import IDENTITY, ISSUER, Issuer, Wallet
from tocsin.admit.applicants import FILE_NAME, read_sources
from tocsin.app.applicant_questions import ApplicantQuestions
from tocsin.kernel import Caller, Means, ProviderFault, Role, micros
from tocsin.kernel.applicants import Verification
from tocsin.kernel.cases import Urgency
from tocsin.kernel.disposing import Disposition, Ground, Measure, Outcome
from tocsin.kernel.reports import ReportReceipt
from tocsin.trust.presentations import Signer

PURPOSE = "misuse-research"
BASE = "https://node.example"


def sources_text(issuer: Issuer, **changed: Any) -> str:
    """The operator's file."""
    one = {
        "name": "wallet",
        "issuer": ISSUER,
        "keys": issuer.keys,
        "gives": {IDENTITY: "legal-identity"},
        "subject": "pairwise",
        "status_hosts": ["issuer.example"],
    }
    purpose = {"says": {"en": "Research into misuse", "zh": "滥用研究"}, "least": "legal-identity"}
    return json.dumps({"issuers": [one], "purposes": {PURPOSE: purpose}, **changed})


class World:
    """A node, and all that is outside of it."""

    def __init__(self, made: Made, *, ed25519: bool = False, **sources: Any) -> None:
        self.made, self.node = made, made.node
        self.issuer, self.wallet = Issuer(), Wallet(ed25519=ed25519)
        (made.node.data / FILE_NAME).write_text(sources_text(self.issuer, **sources), "utf-8")
        self.sent: list[tuple[str, str, str]] = []
        self.fetched: list[str] = []
        self.away = False
        questions = made.node.applicant_questions
        self.questions = ApplicantQuestions(
            made.node.store,
            made.node.keys,
            made.node.applicants,
            questions._signer,
            made.clock,
            public_url=BASE,
            send=lambda *letter: self.sent.append(letter),
            fetch=self._fetch,
        )
        made.node.__dict__["applicant_questions"] = self.questions

    @property
    def signer(self) -> Signer:
        return self.questions._signer()

    @property
    def seconds(self) -> int:
        return micros(self.made.clock()) // 1_000_000

    def _fetch(self, source: Any, url: str) -> bytes:
        if self.away:
            raise ProviderFault("it did not answer")
        self.fetched.append(url)
        return self.issuer.status_list(self.seconds).encode()

    def credential(self, **claims: Any) -> None:
        """Give the wallet a credential, made a minute ago."""
        self.wallet.credential = self.issuer.issue(self.wallet, self.seconds - 60, **claims)

    def shown(self, receipt: ReportReceipt) -> Verification:
        """The whole way: asked, presented by the wallet, brought back, taken."""
        return self.questions.take(receipt.number, receipt.secret, code_in(self.posted(receipt)))

    def posted(self, receipt: ReportReceipt) -> str:
        """Asked, presented; where the wallet sends the person back to."""
        asked = self.questions.ask_wallet(receipt.number, receipt.secret, "wallet")
        form = self.wallet.answer(self.questions.request(asked.state), self.signer.client_id, self.seconds)
        return self.questions.answer(asked.state, form)

    def applied(self, *consents: str) -> ReportReceipt:
        if not self.wallet.credential:
            self.credential()
        return self.node.applicants.apply(consents)

    def reviewer(self, name: str = "rui") -> Caller:
        access = self.node.access
        if self.node.store.people.user(name) is None:
            access.add_user(access.operator(), name, (Role.REVIEWER,))
        return msgspec.structs.replace(access.operator(name), means=Means.SESSION)

    def decided(
        self, case_id: str, *measures: Measure, outcome: Outcome = Outcome.BORNE_OUT, of: str = ""
    ) -> None:
        """A person claims, sorts, verifies and decides a case; a grave decision is approved by another."""
        by, cases = self.reviewer("ana"), self.node.cases
        cases.claim(by, case_id)
        cases.triage(by, case_id, category=of, urgency=Urgency.NORMAL, reasons="It is about access.")
        cases.verify(by, case_id, outcome=outcome, reasons="The facts were looked at.")
        decided = cases.dispose(
            by,
            case_id,
            Disposition(
                outcome=outcome,
                measures=measures or (Measure.NONE,),
                ground=Ground.TERMS if measures else Ground.NONE,
                ground_text="Terms of use, 4.2" if measures else "",
                explanation="The rule names what was done." if measures else "",
                facts="What was said was looked at.",
                reasons="It holds together, and here is why.",
                lang="en",
                decided_by="",
                at=0,
            ),
        )
        if decided.proposal is not None:
            cases.approve(self.reviewer("bela"), case_id)


def sources(issuer: Issuer, **changed: Any) -> Any:
    return read_sources(sources_text(issuer, **changed).encode())


def code_in(back: str) -> str:
    return back.partition("code=")[2]
