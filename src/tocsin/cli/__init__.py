"""The command line: thin. Each command opens a node, asks it one thing, and prints the answer.

Enters: arguments. Leaves: words for people, or with --json one document on standard output; an exit code
(0 done, 1 the answer is "no" or "found", 2 wrong use, 3 could not). Refuses: doing work of its own.
"""

from tocsin.cli.main import main

__all__ = ["main"]
