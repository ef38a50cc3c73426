"""Secrets and personal data in the arguments of a tool call: what an agent hands out."""

import re

import pyarrow as pa

from tocsin.screen.agents.calls import ToolCall, tool_calls
from tocsin.screen.agents.secrets import secrets_in
from tocsin.screen.batch import findings
from tocsin.wire.personal_data import personal_data_in

GRAVE = frozenset({"account", "card", "national-id"})
"""Personal data that an agent seldom has to pass on; an e-mail address in a mail tool is the tool's use."""

ORDINARY = frozenset({"address", "handle"})
"""IP addresses and profile pages are what tools are asked about."""

SECRET_OUT, SECRET, GRAVE_OUT, NOTE = 0.9, 0.6, 0.6, 0.2

_OUTGOING = re.compile(
    r"send|mail|post|http|fetch|upload|publish|message|request|brows|webhook|tweet|share|curl", re.IGNORECASE
)

_PERHAPS = re.compile(r"@|\b(?:at|dot)\b|\d(?:[^\d\n]{0,3}\d){6}", re.IGNORECASE)
"""Nothing of what is looked for has neither: seven digits near each other, or a sign of an e-mail address."""


class Egress:
    """One finding per kind and call. What goes to a tool that reaches out weighs more; the value is never kept."""

    name = "agent.egress"
    version = "1"
    secret_category = "agent.tool-misuse"
    personal_category = "technique.privacy-theft"

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Evidence is `secret/KIND` or `personal/KIND`, with `/out` where the tool reaches out."""
        rows: list[tuple[int, str, str, float, str]] = []
        for call in tool_calls(batch):
            if not call.arguments:
                continue
            out = reaches_out(call)
            end = "/out" if out else ""
            for kind in secrets_in(call.arguments):
                strength = SECRET_OUT if out else SECRET
                rows.append((call.row, self.version, self.secret_category, strength, f"secret/{kind}{end}"))
            if _PERHAPS.search(call.arguments) is None:
                continue
            for kind in sorted(set(personal_data_in(call.arguments)) - ORDINARY):
                strength = GRAVE_OUT if out and kind in GRAVE else NOTE
                rows.append(
                    (call.row, self.version, self.personal_category, strength, f"personal/{kind}{end}")
                )
        return findings(rows)


def reaches_out(call: ToolCall) -> bool:
    """Whether a tool's name or an address in its arguments says that something leaves."""
    return _OUTGOING.search(call.tool) is not None or "://" in call.arguments
