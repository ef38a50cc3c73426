"""What `from tocsin.assure import ...` gives, and what it leaves unloaded until it is asked for."""

import subprocess
import sys

import pytest

from tocsin import assure
from tocsin.assure import lineage
from tocsin.assure.provenance import signing, verifying

HEAVY = ("numpy", "cryptography", "tocsin.assure.lineage", "tocsin.assure.provenance.require")


def test_every_name_on_the_page_is_there_and_others_are_not() -> None:
    assert all(getattr(assure, name) is not None for name in assure.__all__)
    assert (assure.compare, assure.verify, assure.sign_release) == (
        lineage.compare,
        verifying.verify,
        signing.sign_release,
    )
    other = "load"
    with pytest.raises(AttributeError, match="no attribute 'load'"):
        getattr(assure, other)


def test_the_page_alone_loads_nothing_heavy() -> None:
    code = f"import sys, tocsin.assure; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
