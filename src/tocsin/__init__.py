"""Tocsin: a shared alarm bell for the misuse of AI."""

__version__ = "0.1.0"
