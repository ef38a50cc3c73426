"""What a store promises of public reports: by number, each with what its reporter said since. A part of `interface`.

No secret is kept, only its digest; a contact lies apart and can be forgotten alone.
"""

from typing import Protocol

from tocsin.kernel.reports import PublicReport, ReportWord


class PublicReportStore(Protocol):
    """Reports without an account."""

    def add(self, report: PublicReport, *, contact: bytes | None) -> None:
        """Keep a new one; `contact` is sealed. Raises Conflict when the number or the case has one."""
        ...

    def get(self, number: str) -> PublicReport | None: ...
    def secret_digest(self, number: str) -> bytes | None:
        """Of a report's secret, and nothing else of it: what is compared before anything is read."""
        ...

    def of_case(self, case_id: str) -> PublicReport | None: ...
    def replace(self, report: PublicReport) -> None:
        """Put what it is now in the place of what it was. Raises NotFound."""
        ...

    def contact(self, number: str) -> bytes | None:
        """Sealed; None when none was given, or it was erased."""
        ...

    def forget_contact(self, number: str) -> bool:
        """Delete it. False when there was none."""
        ...

    def say(self, word: ReportWord) -> None:
        """Keep a word. Raises Conflict when this turn is taken, NotFound without the report."""
        ...

    def words(self, number: str) -> tuple[ReportWord, ...]:
        """Oldest first."""
        ...


class PublicReportStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def public_reports(self) -> PublicReportStore: ...
