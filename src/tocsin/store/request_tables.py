"""Statements of reasons, authorities' requests, and what was published of both."""
