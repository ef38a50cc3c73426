"""Distinct counts over several nodes."""
