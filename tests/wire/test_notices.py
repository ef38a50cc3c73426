"""Whatever stands in a value, a reader finds the same fields, lines and headers."""

import json
import re
from email import message_from_bytes
from email.policy import default

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tocsin.wire.notices import MAX_MESSAGE_BYTES, Word, as_cef, as_json, as_mail, as_slack, as_syslog

WORD = Word(
    id="0d9f5e3a-0000-5000-8000-000000000000",
    occasion="opened",
    node="town",
    at=1_800_000_000_123_456,
    link="https://town.example/warnings/w1",
    title="Scam: high risk",
    why=("12 of 14 accounts are new.", "9 share a wallet."),
    rule="risk 7.3 is at least 7",
    warning="w1",
    kind="campaign",
    category="fraud.scam",
    accounts=14,
    events=49,
    risk="TMR:1.0/U:L/S:H/A:H/C:N/G:M",
    score=7.3,
    band="high",
    confidence=86,
    first_seen=1_799_000_000_000_000,
    last_seen=1_800_000_000_000_000,
)
HOSTILE = st.text(st.characters(), max_size=80) | st.sampled_from(
    ["a|b=c\\d\r\ncs1=x", "\n\nBcc: x@y.example", "<!channel> & <@U1>", "CEF:0|||", "\u2028x\x85y", "=\\=\\|"]
)


def fields_of(cef: str) -> tuple[list[str], dict[str, str]]:
    """CEF read by its own rules: bars and equals signs count where no backslash stands before them."""
    *header, extension = re.split(r"(?<!\\)(?:\\\\)*\|", cef, maxsplit=7)
    pairs = re.findall(r"(\w+)=((?:\\.|[^\\=])*?)(?= \w+=|$)", extension)
    return header, {name: re.sub(r"\\(.)", r"\1", value) for name, value in pairs}


def test_a_cef_event_as_the_standard_has_it() -> None:
    header, fields = fields_of(as_cef(WORD, version="0.1.0"))
    assert header == ["CEF:0", "Tocsin", "Tocsin", "0.1.0", "campaign", "Scam: high risk", "7"]
    assert fields["externalId"] == WORD.id
    assert (fields["cat"], fields["cnt"], fields["cn1"]) == ("fraud.scam", "49", "14")
    assert (fields["rt"], fields["dvchost"]) == ("1800000000123", "town")
    assert fields["request"] == WORD.link
    assert fields["msg"] == " ".join(WORD.why)


def test_escapes_of_cef_by_the_letter() -> None:
    word = msgspec.structs.replace(WORD, title="a|b\\c=d", rule="e=f\\g|h\ni")
    cef = as_cef(word, version="1")
    assert "|a\\|b\\\\c=d|" in cef
    assert cef.endswith("reason=e\\=f\\\\g|h i")


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_value_makes_a_field_or_a_line(title: str, why: str, node: str) -> None:
    word = msgspec.structs.replace(WORD, title=title, why=(why,), node=node)
    cef = as_cef(word, version="1")
    assert len(cef.splitlines()) == 1
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", cef.partition("externalId=")[0])) == 7
    _, fields = fields_of(cef)
    assert fields["cs1"] == "w1"
    message = as_syslog(word, host=node, version="1")
    assert re.match(rb"<3[4-8]>1 \S+ \S{1,255} tocsin - opened - CEF:0\|", message)
    assert b"\n" not in message
    assert len(message) <= MAX_MESSAGE_BYTES


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_value_makes_a_header_of_a_mail(title: str, why: str, node: str) -> None:
    word = msgspec.structs.replace(WORD, title=title, why=(why,), node=node)
    raw = as_mail(word, sender="tocsin@town.example", to=("duty@town.example",))
    mail = message_from_bytes(raw, policy=default)
    assert sorted(mail.keys()) == sorted(
        [
            "Subject",
            "From",
            "To",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "Content-Type",
            "Content-Transfer-Encoding",
            "MIME-Version",
        ]
    )
    assert mail["To"] == "duty@town.example"
    assert mail["Message-ID"] == f"<{WORD.id}@town.example>"
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@given(HOSTILE)
def test_no_value_mentions_anybody_on_slack(title: str) -> None:
    said = json.loads(as_slack(msgspec.structs.replace(WORD, title=title)))
    assert set(said) == {"text"}
    assert "<" not in said["text"]


def test_a_webhook_says_what_and_where_to_look_and_no_more() -> None:
    said = json.loads(as_json(WORD))
    assert (said["type"], said["timestamp"]) == ("warning.opened", "2027-01-15T08:00:00Z")
    assert set(said["data"]) == {
        "warning",
        "kind",
        "category",
        "accounts",
        "events",
        "risk",
        "score",
        "band",
        "confidence",
        "first_seen",
        "last_seen",
        "why",
        "rule",
        "link",
        "node",
        "counts",
    }


def test_a_word_without_a_link_says_how_to_have_one() -> None:
    mail = as_mail(msgspec.structs.replace(WORD, link=""), sender="a@b.example", to=("c@d.example",))
    assert b"public_url" in mail
