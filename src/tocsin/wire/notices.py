"""Word of a warning as it goes out: as JSON, for Slack, as CEF over syslog, as mail.

Enters: a `Word`, which has no field for a text or an identifier. Leaves: bytes. Whatever stands in a value, a
reader finds the same number of fields, lines and headers: that is what the escapes are for, and tests hold it.
"""

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

import msgspec

from tocsin.kernel import at_micros

FACILITY = 4
"""Security (RFC 5424, 6.2.1)."""

MAX_VALUE_CHARS = 512
MAX_MESSAGE_BYTES = 8_192
"""A receiver must take 2,048 and should take 8,192 (RFC 5424, 6.1); ours have about 900."""

_SEVERITY = {"critical": 2, "high": 3, "medium": 4, "low": 5, "none": 6}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_PRINTABLE = re.compile(r"[^\x21-\x7e]+")


class Word(msgspec.Struct, frozen=True):
    """What leaves: which warning, what it is about in categories and counts, where to look. Times in microseconds."""

    id: str
    occasion: str
    node: str
    at: int
    link: str
    title: str
    why: tuple[str, ...] = ()
    """Sentences for a person."""
    rule: str = ""
    """What of the channel's rule let it through."""
    warning: str = ""
    kind: str = ""
    category: str = ""
    accounts: int = 0
    events: int = 0
    risk: str = ""
    score: float = 0.0
    band: str = "none"
    confidence: int = 0
    first_seen: int = 0
    last_seen: int = 0
    counts: tuple[tuple[str, int], ...] = ()
    """Of a digest: warnings by category."""
    artefact: str = ""
    """The digest of what a word about a model is about; `kind` says why."""
    model: str = ""
    duty: str = ""
    """Of a word about a clock: which duty and step, and when it runs out."""
    step: str = ""
    due: int = 0
    queue: str = ""
    """Of a word of a case: where it lies, and how urgent it is; `kind` says why."""
    urgency: str = ""


def as_json(word: Word) -> bytes:
    """The body of a webhook: `type`, `timestamp`, `data`, as Standard Webhooks advises."""
    data = {
        "warning": word.warning,
        "kind": word.kind,
        "category": word.category,
        "accounts": word.accounts,
        "events": word.events,
        "risk": word.risk,
        "score": word.score,
        "band": word.band,
        "confidence": word.confidence,
        "first_seen": _time(word.first_seen),
        "last_seen": _time(word.last_seen),
        "why": word.why,
        "rule": word.rule,
        "link": word.link,
        "node": word.node,
        "counts": dict(word.counts),
    }
    kind = word.occasion.partition("-")[0]
    if word.artefact:
        about = {"model": word.model, "artefact": word.artefact, "cause": word.kind}
        told = about | {name: data[name] for name in ("why", "rule", "link", "node")}
        return msgspec.json.encode({"type": "model.notice", "timestamp": _time(word.at), "data": told})
    if word.duty:
        clock: dict[str, object] = {
            "duty": word.duty,
            "step": word.step,
            "due": _time(word.due),
            "level": word.kind,
        }
        told = clock | {name: data[name] for name in ("why", "rule", "link", "node")}
        return msgspec.json.encode({"type": "duty.clock", "timestamp": _time(word.at), "data": told})
    if word.queue:
        case: dict[str, object] = {
            "cause": word.kind,
            "queue": word.queue,
            "urgency": word.urgency,
            "category": word.category,
            "due": _time(word.due),
        }
        told = case | {name: data[name] for name in ("rule", "link", "node")}
        return msgspec.json.encode({"type": "case.notice", "timestamp": _time(word.at), "data": told})
    return msgspec.json.encode({"type": f"warning.{kind}", "timestamp": _time(word.at), "data": data})


def as_slack(word: Word) -> bytes:
    """A message for an incoming webhook of Slack's kind. Their three escapes, so that nothing becomes a mention."""
    return msgspec.json.encode({"text": "\n".join(_slack(line) for line in lines(word))})


def as_mail(word: Word, *, sender: str, to: tuple[str, ...]) -> bytes:
    """A mail, whose Message-ID is the notice's: a mailbox that gets it twice can tell."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"[{_plain(word.node)}] {_plain(word.title)}"
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Date"] = at_micros(word.at)
    message["Message-ID"] = f"<{word.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday reply comes back
    message.set_content("\n".join(lines(word)) + "\n", cte="quoted-printable")
    return message.as_bytes()


def as_letter(*, sender: str, to: str, subject: str, text: str, at: int, name: str) -> bytes:
    """A mail to one person; `name` makes its Message-ID, `at` in microseconds."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _plain(subject)
    message["From"] = sender
    message["To"] = to
    message["Date"] = at_micros(at)
    message["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    return message.as_bytes()


def as_syslog(word: Word, *, host: str, version: str) -> bytes:
    """An RFC 5424 message that holds a CEF event (version 0)."""
    severity = _SEVERITY.get(word.band, 6)
    host = _NOT_PRINTABLE.sub("-", host)[:255] or "-"
    when = at_micros(word.at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = f"<{FACILITY * 8 + severity}>1 {when} {host} tocsin - {word.occasion.partition('-')[0]} - "
    return (head + as_cef(word, version=version)).encode("utf-8", "replace")[:MAX_MESSAGE_BYTES]


def as_cef(word: Word, *, version: str) -> str:
    """One line. Header fields escape backslash and bar, extensions backslash and equals sign (CEF, "Character
    encoding")."""
    header = "|".join(
        _header(value)
        for value in (
            "Tocsin",
            "Tocsin",
            version,
            word.kind or "digest",
            word.title,
            str(min(round(word.score), 10)),
        )
    )
    fields = {
        "externalId": word.id,
        "rt": str(word.at // 1_000),
        "cat": word.category,
        "cnt": str(word.events or sum(number for _, number in word.counts)),
        "start": str(word.first_seen // 1_000) if word.first_seen else "",
        "end": str(word.last_seen // 1_000) if word.last_seen else "",
        "cs1Label": "warning",
        "cs1": word.warning,
        "cs2Label": "risk",
        "cs2": word.risk,
        "deviceCustomDate1Label": "due" if word.due else "",
        "deviceCustomDate1": str(word.due // 1_000) if word.due else "",
        "cn1Label": "accounts",
        "cn1": str(word.accounts),
        "cn2Label": "confidence",
        "cn2": str(word.confidence),
        "dvchost": word.node,
        "request": word.link,
        "msg": " ".join(word.why),
        "reason": word.rule,
    }
    extension = " ".join(f"{name}={_extension(value)}" for name, value in fields.items() if value)
    return f"CEF:0|{header}|{extension}"


def lines(word: Word) -> list[str]:
    """The same for people, line by line."""
    said = [_plain(word.title), ""]
    if word.warning:
        said += [
            f"Risk {word.score} ({word.band}), {word.risk}; confidence {word.confidence} %.",
            f"{word.accounts:,} accounts, {word.events:,} events, "
            f"{_day(word.first_seen)} to {_day(word.last_seen)} UTC.",
        ]
    said += [f"{number:,} {_plain(name)}" for name, number in word.counts]
    said += [f"- {_plain(sentence)}" for sentence in word.why]
    said += ["", _plain(word.link) if word.link else "Set public_url in settings.toml to have a link here."]
    if word.rule:
        said.append(f"You are told because {_plain(word.rule)}.")
    return said


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text)[:MAX_VALUE_CHARS].strip()


def _header(text: str) -> str:
    return _plain(text).replace("\\", "\\\\").replace("|", "\\|")


def _extension(text: str) -> str:
    return _plain(text).replace("\\", "\\\\").replace("=", "\\=")


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(value: int) -> str | None:
    return None if not value else at_micros(value).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(value: int) -> str:
    moment: datetime = at_micros(value)
    return moment.strftime("%Y-%m-%d %H:%M")
