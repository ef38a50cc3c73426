"""What a store promises of peers besides their rows: groups, the history of keys. A part of `interface`."""

from typing import Protocol

from tocsin.kernel import Group, KeyStatement


class GroupStore(Protocol):
    def add(self, group: Group) -> None:
        """Raises Conflict when the name is taken."""
        ...

    def get(self, name: str) -> Group | None: ...
    def list(self) -> tuple[Group, ...]: ...
    def replace(self, group: Group) -> None:
        """Raises NotFound."""
        ...


class KeyStore(Protocol):
    """Statements of keys, kept for ever: a history that forks is evidence."""

    def add(self, statement: KeyStatement, digest: str, *, received: int) -> None:
        """Keep a statement under its digest; one that is kept is passed over."""
        ...

    def statements(self, identity: str) -> tuple[KeyStatement, ...]:
        """All of an identity by seq, the one received first before its rival."""
        ...
