"""What the store's facets are made of: one database, which several of them may use in one transaction."""

from tocsin.store.engine import Database


class Facets:
    """Beneath the facets of each subject, so that they share what they write into."""

    def __init__(self, database: Database) -> None:
        self._database = database
