"""What was used for a moment goes back to the system; in a process of its own, for its heap is what is looked at."""

import ctypes
import subprocess
import sys

import pytest

WORK = """
import numpy as np
from benchmarks.campaigns import resident
from tocsin.app.memory import give_back, large_blocks_apart
APART, BLOCK, BLOCKS = {apart}, 1 << 20, 24
if APART:
    large_blocks_apart()
large = np.ones(BLOCK * 3)  # freed, it teaches glibc that blocks of 24 MB are ordinary
del large
columns = [np.ones(BLOCK // 2) for _ in range(BLOCKS)]
full = resident()
last = columns[-1]
del columns
print(full - resident() > 0.9 * (BLOCKS - 1) * BLOCK * 4 / 1e6)
give_back()
print(full - resident() > 0.9 * (BLOCKS - 1) * BLOCK * 4 / 1e6)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="only glibc has mallopt")
@pytest.mark.parametrize("apart", [True, False])
def test_columns_go_back_when_they_are_freed(apart: bool) -> None:
    """Below one that stays: from the heap only when it is asked for."""
    done = subprocess.run(
        [sys.executable, "-c", WORK.format(apart=apart)], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == [str(apart), "True"]
