"""OTLP/HTTP traces and logs to events, by the OpenTelemetry GenAI conventions, present and earlier spellings.

Enters: a request body, JSON or protobuf. Leaves: a `Batch` (events; spans refused by number; how many were no
GenAI calls and are passed over) and the bytes of the answer. Refuses: a body over MAX_BATCH_BYTES, over
MAX_BATCH_LINES spans, with a value deeper than MAX_VALUE_DEPTH, or malformed.

What becomes of a call (docs/schemas.md has the table):
- text is what the *user* newly says in this call: user messages after the last answer in the history. Answers
  and system instructions are not the actor's conduct and are not kept. For a tool span it is the arguments, and
  what the tool brought back is kept beside it, bounded: instructions hidden in results are how agents are misled.
- actor is user.id, enduser.id or enduser.pseudo.id; without one `session:ID`, else `trace:ID`.
- the event id is made of trace and span id, so that a retry changes nothing, and a span and the log record of
  the same call are one event.
Sources: OTLP 1.7 (opentelemetry-proto); semantic conventions 1.26 to 1.38, OpenLLMetry.
"""

from tocsin.wire.otlp.answers import error_answer, response
from tocsin.wire.otlp.decode import decode_logs, decode_traces

__all__ = ["decode_logs", "decode_traces", "error_answer", "response"]
