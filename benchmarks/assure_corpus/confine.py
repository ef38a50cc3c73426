"""A cage for a process that will run what a file tells it: it may write in one folder, for a short time, unheard.

Imports nothing of the project: the loaders' interpreter may be another one.
"""

import ctypes
import os
import resource
import signal
import struct

SECONDS = 10
MEMORY_BYTES = 12 << 30
"""Address space, not memory: torch alone maps several gigabytes."""

FILE_BYTES = 1 << 20
_CREATE_RULESET, _ADD_RULE, _RESTRICT = 444, 445, 446
_WRITES = sum(1 << bit for bit in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))
"""LANDLOCK_ACCESS_FS: write, remove and make of every kind, refer left out (kernel documentation, landlock)."""

_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000


def confine(folder: str) -> bool:
    """This process from now on: writes below `folder` and into /dev/null alone. False where the kernel cannot.

    The limits of time, memory and file size hold in any case, and so does the want of a network for root.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(SECONDS)
    c = ctypes.CDLL(None, use_errno=True)
    c.unshare(_CLONE_NEWNET)
    rules = c.syscall(_CREATE_RULESET, struct.pack("<Q", _WRITES), ctypes.c_size_t(8), 0)
    if rules < 0:
        return False
    for path, access in ((folder, _WRITES), ("/dev/null", 1 << 1)):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        c.syscall(_ADD_RULE, rules, 1, struct.pack("<Qi", access, place), 0)
        os.close(place)
    c.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    held = bool(c.syscall(_RESTRICT, rules, 0) == 0)
    os.close(rules)
    return held
