"""The doors over HTTP: events, OTLP, TAXII, the console.

Enters: requests. Leaves: answers, in one error shape (RFC 9457). Refuses: a caller it does not know.
"""
