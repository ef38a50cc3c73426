"""Canonical bytes of every foreign form: event lines, STIX, TAXII, OTLP, fingerprints. Pure and fuzzed.

Enters: bytes, and the present where a rule needs it. Leaves: frozen values, or bytes. Refuses: I/O of any
kind, and input over a named bound; what escapes is `kernel.BadInput` (or `TooLarge`) and nothing else.
"""
