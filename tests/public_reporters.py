"""Somebody in front of the public door, without scripts, and a node that has one."""

import re
from datetime import timedelta
from pathlib import Path

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tocsin.app import settings
from tocsin.kernel import Caller
from tocsin.kernel.cases import Case, Urgency
from tocsin.kernel.disposing import Disposition, Ground, Measure, Outcome
from tocsin.kernel.reports import ReportReceipt
from tocsin.store.case_interface import CaseFilter
from tocsin.web.public.tickets import FORM_SECONDS

Client = TestClient[Litestar]

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003"
    "010100c9fe92ef0000000049454e44ae426082"
)
"""One red point."""


def open_door(data: Path, **changed: object) -> None:
    """Switch the public door on in a node's settings."""
    file = data / settings.FILE_NAME
    wanted = {"public_reports": True, **changed}
    lines = [line for line in file.read_text("utf-8").splitlines() if line.split(" = ")[0] not in wanted]
    lines += [f"{name} = {settings._toml(value)}" for name, value in wanted.items()]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return found[1]


def read_form(made: Made, client: Client, path: str = "/report/new") -> str:
    """The ticket of a form, after the time that somebody needs to read it."""
    ticket = field(client.get(path).text, "ticket")
    made.now += timedelta(seconds=FORM_SECONDS)
    return ticket


def send_report(made: Made, client: Client, *, lang: str = "en", **fields: str) -> httpx.Response:
    """Open the form, wait, send it."""
    path = f"/report/new?lang={lang}"
    return client.post(path, data={"ticket": read_form(made, client, path), **fields})


def receipt_in(page: str) -> ReportReceipt:
    """Number and secret of a receipt page."""
    number, secret = re.findall(r"<code aria-labelledby=[^>]+>([0-9A-Z-]+)</code>", page)
    return ReportReceipt(number, secret)


def key(receipt: ReportReceipt) -> dict[str, str]:
    """The fields by which a report is followed."""
    return {"number": receipt.number, "secret": receipt.secret}


def only_case(made: Made) -> Case:
    """The one case that there is."""
    found = made.node.store.cases.page(made.node.queues.ids(), CaseFilter())
    assert len(found) == 1
    return found[0]


def decide(made: Made, by: Caller, case_id: str, reasons: str) -> None:
    """From its arrival to a decision."""
    cases = made.node.cases
    cases.claim(by, case_id)
    cases.triage(by, case_id, category="fraud.scam", urgency=Urgency.HIGH, reasons="a caller asks for money")
    cases.verify(by, case_id, outcome=Outcome.BORNE_OUT, reasons="the call was recorded")
    cases.dispose(
        by,
        case_id,
        Disposition(
            outcome=Outcome.BORNE_OUT,
            measures=(Measure.ACCOUNT_SUSPENDED,),
            ground=Ground.TERMS,
            ground_text="Rule 4: no impersonation",
            explanation="The account called in another's voice.",
            facts="Nine calls were made.",
            reasons=reasons,
            lang="en",
            decided_by=by.user,
            at=0,
        ),
    )
