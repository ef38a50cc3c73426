"""What every table is made of: one set of names, and five kinds of column.

Only integers, text and bytes, so that a row means the same on either backend. Times are microseconds since
1970. A noun with nested parts lies as MessagePack in `body`, beside the columns that are asked for: a field
that is appended later with a default still decodes.
"""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# INTEGER PRIMARY KEY is SQLite's row id itself; BIGINT there would be a second tree beside it.
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, sa.Text, nullable=null)


def number(name: str, *, null: bool = False) -> sa.Column[int]:
    """A column of whole numbers."""
    return sa.Column(name, Number, nullable=null)


def binary(name: str, *, null: bool = False) -> sa.Column[bytes]:
    """A column of bytes."""
    return sa.Column(name, sa.LargeBinary, nullable=null)


def seq(name: str = "seq") -> sa.Column[int]:
    """A number that is the key, given by us and never by the database."""
    return sa.Column(name, Number, primary_key=True, autoincrement=False)


def key(name: str) -> sa.Column[str]:
    """A text that is the key, or a part of it."""
    return sa.Column(name, sa.Text, primary_key=True)
