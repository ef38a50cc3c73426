"""Bodies of public reports, tickets and typed receipts: what was read, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.trust import report_receipts
    from tocsin.web.public.bodies import MAX_FIELDS, MAX_FILES, read_sent
    from tocsin.web.public.tickets import TicketRefused, Tickets

TICKETS = Tickets(lambda size: bytes(size))


def one(data: bytes) -> None:
    """The input as a form of either kind, as a ticket, and as a number that somebody typed."""
    for body, kind in (
        (data, "application/x-www-form-urlencoded"),
        (data, 'multipart/form-data; boundary="s"'),
        (
            b"--s\r\nContent-Disposition: form-data; " + data + b"\r\n--s--\r\n",
            'multipart/form-data; boundary="s"',
        ),
    ):
        try:
            sent = read_sent(body, kind)
        except BadInput:
            continue
        assert len(sent.fields) <= MAX_FIELDS
        assert len(sent.files) <= MAX_FILES
    text = data.decode("utf-8", "replace")
    try:
        TICKETS.take(text, 10**15)
    except TicketRefused:
        pass
    else:
        raise AssertionError("a ticket that nobody made")
    number = report_receipts.number_as_written(text)
    assert report_receipts.number_as_written(number) == number


if __name__ == "__main__":
    fuzz(one)
