"""Reports that came by e-mail, taken in as those of the public door are: sealed, with a receipt to answer with.

A message is known by its Message-ID: brought twice, it is one report. Who sent it is kept as what the report says of
how to reach somebody, apart from its words; anybody can write any sender, so it proves nothing.
"""

import hashlib

import msgspec

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.public_reports import PublicReports
from tocsin.app.report_checks import MAX_WHAT_CHARS
from tocsin.ingest.mail import Mail, read_mail
from tocsin.ingest.uploads import accept
from tocsin.kernel import BadInput, Caller, TooLarge
from tocsin.kernel.cases import CaseFlag, CaseOrigin
from tocsin.kernel.reports import ReportContent, ReportReceipt
from tocsin.trust.report_receipts import draw_number

NUMBERS = b"tocsin/mail-reports/1/"
"""What a report's number is derived for, under this node's key: a message's sender cannot tell it."""

MAX_TAKEN_FILES = 12


class TakenMail(msgspec.Struct, frozen=True):
    """`receipt` is None for a message that was taken before. `refused` says of each attachment left out why."""

    number: str
    receipt: ReportReceipt | None
    files: int = 0
    refused: tuple[str, ...] = ()


class MailReports:
    """Whoever works on cases may bring messages; nothing is fetched from any server."""

    def __init__(self, reports: PublicReports, keys: Keyring, access: Access) -> None:
        self._reports = reports
        self._keys = keys
        self._access = access

    def take(
        self, by: Caller, message: bytes, *, lang: str = "en", flags: tuple[CaseFlag, ...] = ()
    ) -> TakenMail:
        """One message as a report. Raises NotAllowed, BadInput and TooLarge for what cannot be read."""
        self._access.require(by, "case.work")
        mail = read_mail(message)
        number = self._number(mail, message)
        if self._reports.known(number):
            return TakenMail(number, None)
        files, refused = _files(mail, taken=CaseFlag.CHILD_MATERIAL not in flags)
        content = ReportContent(what=_words(mail, refused), lang=lang, flags=flags, contact=mail.sender)
        receipt = self._reports.submit(content, files, origin=CaseOrigin.MAIL, number=number)
        self._access.audit(
            by.user,
            "case.mail",
            subject=number,
            purpose="",
            detail={"files": len(files), "refused": len(refused)},
        )
        return TakenMail(number, receipt, len(files), refused)

    def _number(self, mail: Mail, message: bytes) -> str:
        named = mail.message_id.encode() or hashlib.sha256(message).digest()
        seed = self._keys.seed(NUMBERS + named)
        return draw_number(lambda count: seed[:count])


def _files(mail: Mail, *, taken: bool) -> tuple[list[tuple[bytes, str]], tuple[str, ...]]:
    """Attachments that are taken, and why each other is not."""
    files: list[tuple[bytes, str]] = []
    refused = []
    for one in mail.attached:
        if not taken:
            refused.append(f"{one.declared}: no file is taken where abuse of a child is suspected")
        elif len(files) == MAX_TAKEN_FILES:
            refused.append(f"{one.declared}: more than {MAX_TAKEN_FILES} files")
        else:
            try:
                accept(one.content, one.declared)
            except (BadInput, TooLarge) as error:
                refused.append(f"{one.declared}: {error.message}")
            else:
                files.append((one.content, one.declared))
    return files, tuple(refused)


def _words(mail: Mail, refused: tuple[str, ...]) -> str:
    """Subject and text, and what of the message is not here."""
    left_out = [f"[left out: {one}]" for one in refused]
    if mail.cut:
        left_out.append("[the message goes on; ask its sender for the rest]")
    tail = "\n".join(left_out)[:2_000]
    said = "\n\n".join(part for part in (mail.subject, mail.text) if part)
    return f"{said[: MAX_WHAT_CHARS - len(tail) - 2]}\n\n{tail}".strip()
