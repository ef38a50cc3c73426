"""Evidence: what an exhibit is, every hand it went through, and the package in which both leave.

Enters: facts of exhibits, steps of custody, bytes. Leaves: chains (`chain`), packages that anybody checks with public
tools (`package`), what is wrong with one (`checking`). Refuses: a step that does not follow, a path out of a package,
a file that is not declared or declared twice. Pure: bytes in, bytes out; who may do what is `app.exhibits`'s.
"""

from tocsin.cases.evidence.chain import Broken, Facts, extended, facts_bytes, read_facts, verify

__all__ = ["Broken", "Facts", "extended", "facts_bytes", "read_facts", "verify"]
