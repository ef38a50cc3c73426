"""Tickets, rates, bodies of the public door: what counts, how often, and how much. Pure."""

import hashlib
import os
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput, TooLarge, Unavailable
from tocsin.web.public import bodies, rates
from tocsin.web.public.rates import Counts, Load, address_of, prefix_of
from tocsin.web.public.tickets import (
    FORM_SECONDS,
    LEAST_BITS,
    MOST_BITS,
    TICKET_HOURS,
    TicketEarly,
    TicketRefused,
    Tickets,
    proves,
)

SECOND = 1_000_000
NOW = 1_795_176_000 * SECOND
READ = NOW + FORM_SECONDS * SECOND


def found(ticket: str, bits: int) -> str:
    """The nonce of a proof."""
    return next(str(nonce) for nonce in count() if proves(ticket, str(nonce), bits))


def test_a_ticket_counts_once_in_its_time() -> None:
    tickets = Tickets(os.urandom)
    ticket = tickets.issue(NOW)
    with pytest.raises(TicketEarly) as early:
        tickets.take(ticket, NOW + SECOND)
    assert early.value.seconds == FORM_SECONDS - 1
    taken = tickets.take(ticket, READ)
    with pytest.raises(TicketRefused, match="sent already"):
        tickets.take(ticket, READ)
    tickets.give_back(taken)
    tickets.take(ticket, READ)
    late = tickets.issue(NOW)
    with pytest.raises(TicketRefused, match="a day"):
        tickets.take(late, NOW + TICKET_HOURS * 3_600 * SECOND + 1)


@given(st.text(max_size=200))
def test_no_other_text_is_a_ticket(text: str) -> None:
    with pytest.raises(TicketRefused):
        Tickets(os.urandom).take(text, READ)


@given(st.integers(0, 70), st.characters(codec="ascii"))
def test_no_sign_of_a_ticket_can_be_changed(place: int, sign: str) -> None:
    tickets = Tickets(os.urandom)
    ticket = tickets.issue(NOW)
    place %= len(ticket)
    changed = ticket[:place] + sign + ticket[place + 1 :]
    if changed != ticket:
        with pytest.raises(TicketRefused):
            tickets.take(changed, READ)
    with pytest.raises(TicketRefused):
        Tickets(os.urandom).take(ticket, READ)


def test_what_is_forgotten_stays_used() -> None:
    tickets = Tickets(os.urandom, most=2)
    issued = [tickets.issue(NOW + number) for number in range(5)]
    for ticket in issued[:4]:
        tickets.take(ticket, READ + SECOND)
    for ticket in issued[:4]:
        with pytest.raises(TicketRefused):
            tickets.take(ticket, READ + SECOND)
    tickets.take(issued[4], READ + SECOND)


def test_a_proof_is_as_written_down() -> None:
    ticket = "a-ticket"
    nonce = found(ticket, 8)
    assert hashlib.sha256(f"{ticket}:{nonce}".encode()).digest()[0] == 0
    assert not proves("another", "", 0)
    assert not proves(ticket, nonce, 64)
    assert not proves(ticket, "1" * 65, 0)
    tickets = Tickets(os.urandom)
    early = tickets.issue(NOW, bits=8)
    tickets.take(early, NOW, nonce=found(early, 8))


def test_a_network_is_bounded_and_another_is_not() -> None:
    counts = Counts(os.urandom)
    assert [counts.wait(f"192.0.2.{last}", 1_000.0 + last, 3) for last in range(4)] == [0, 0, 0, 597]
    assert counts.wait("192.0.3.1", 1_004.0, 3) == 0
    assert counts.wait("192.0.2.9", 1_004.0, 10) == 0, "a higher bound counts what came before, and passes"
    assert counts.wait("192.0.2.9", 1_700.0, 3) == 0


def test_no_salt_outlives_its_day_and_no_address_is_kept() -> None:
    drawn: list[bytes] = []

    def entropy(size: int) -> bytes:
        drawn.append(os.urandom(size))
        return drawn[-1]

    counts = Counts(entropy, most=2)
    for moment in (10.0, 20.0, 86_410.0):
        counts.wait("192.0.2.1", moment, 1)
    assert len(drawn) == 2
    for last in range(5):
        counts.wait(f"198.51.{last}.1", 86_420.0, 1)
    assert len(counts._seen) <= 2
    assert all(len(key) == 8 for key in counts._seen)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_address_is_cut_to_its_network(address: str, prefix: str) -> None:
    assert prefix_of(address) == prefix


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", " 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("testclient", ["198.51.100.1"], "testclient"),
    ],
)
def test_only_a_proxy_of_ours_says_whose_request_it_is(peer: str, forwarded: list[str], address: str) -> None:
    import ipaddress

    assert address_of(peer, forwarded, [ipaddress.ip_network("10.0.0.0/8")]) == address


def test_a_proof_costs_more_when_more_comes_in() -> None:
    load = Load()
    assert load.bits(0.0) == LEAST_BITS
    for number in range(600 * 8):
        load.wait(number / 800, 1_000_000)
    assert load.bits(6.0) == LEAST_BITS + 4
    assert load.bits(6.0) <= MOST_BITS
    assert load.bits(200.0) == LEAST_BITS


def test_the_node_is_bounded_altogether_and_keeps_a_part_for_those_in_danger() -> None:
    load = Load()
    assert [load.wait(1.0, 2) for _ in range(3)] == [0, 0, 60]
    assert load.wait(2.0, 3) == 0
    assert load.wait(61.5, 2) == 0
    assert rates.URGENT_A_MINUTE > rates.REPORTS_A_MINUTE


def multipart(*parts: bytes) -> tuple[bytes, str]:
    body = b"".join(b"--sep\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
    return body + b"--sep--\r\n", 'multipart/form-data; boundary="sep"'


def test_a_form_is_read_with_its_files_and_without_their_names() -> None:
    body, kind = multipart(
        b'name="what"\r\n\r\nA\r\nB\x00',
        b'name="files"; filename="my name.png"\r\nContent-Type: image/png\r\n\r\nbytes',
        b'name="files"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n',
    )
    sent = bodies.read_sent(body, kind)
    assert sent.fields == {"what": "A\nB"}
    assert [(file.content, file.declared) for file in sent.files] == [(b"bytes", "image/png")]
    assert bodies.read_sent(b"what=%D1%8E&x=", "application/x-www-form-urlencoded").fields == {
        "what": "ю",
        "x": "",
    }


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"a=1&a=2", "application/x-www-form-urlencoded"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(99)), "application/x-www-form-urlencoded"),
        (b"--sep\r\n", 'multipart/form-data; boundary="sep"'),
        (b"", "multipart/form-data"),
        multipart(b'name="what"\r\n\r\n\xff'),
        multipart(*[b'name="a%d"\r\n\r\n1' % number for number in range(99)]),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(BadInput):
        bodies.read_sent(body, kind)


@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_bad_input(body: bytes) -> None:
    for whole in (body, b"--sep\r\n" + body + b"\r\n--sep--\r\n"):
        try:
            bodies.read_sent(whole, 'multipart/form-data; boundary="sep"')
        except BadInput:
            continue


def test_files_are_bounded_by_size_and_number() -> None:
    part = b'name="files"; filename="x"\r\n\r\n'
    with pytest.raises(TooLarge):
        bodies.read_sent(*multipart(part + bytes(bodies.MAX_FILE_BYTES + 1)))
    with pytest.raises(TooLarge):
        bodies.read_sent(*multipart(*[part + b"x"] * (bodies.MAX_FILES + 1)))
    with pytest.raises(TooLarge):
        bodies.read_sent(b"a=" + b"x" * bodies.MAX_TEXT_BYTES, "application/x-www-form-urlencoded")


def test_large_bodies_share_a_room_and_leave_it() -> None:
    room = bodies.Room(most=100)
    with room.place() as first:
        first.need(30)
        first.need(40)
        with room.place() as second, pytest.raises(Unavailable):
            second.need(11)
        assert room.left == 20
    assert room.left == 100
