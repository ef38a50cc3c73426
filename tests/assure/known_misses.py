"""Shapes of the corpus that the scanner calls clean. They are not weakened; a name leaves when it is found."""

CALLED_CLEAN: frozenset[str] = frozenset()
