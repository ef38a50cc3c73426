"""The cage: what a process may still do once it is in. It holds for whatever that process starts.

1. Memory, processor time, size of a written file: setrlimit. 2. Files: Landlock (Linux 5.13), to read the programs'
own and the files named, to write below the folders named. 3. Network: none of its own (a network namespace), no TCP
(Landlock 6.7). 2 and 3 hold where the kernel and the container allow them; `Cage` says which do, 1 holds always.
"""

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

import tocsin

DEFAULT_MEMORY_BYTES = 2 << 30
"""Address space. A manifest over a video that was hashed in one piece takes 0.55 GB to check, whatever its size."""
DEFAULT_CPU_SECONDS = 60
DEFAULT_WALL_SECONDS = 120.0
DEFAULT_FILE_BYTES = 8 << 30
"""The largest file that is labelled, and some."""


class Bounds(msgspec.Struct, frozen=True):
    """What one piece of work may take. `wall_seconds` is counted outside the cage."""

    memory_bytes: int = DEFAULT_MEMORY_BYTES
    cpu_seconds: int = DEFAULT_CPU_SECONDS
    wall_seconds: float = DEFAULT_WALL_SECONDS
    file_bytes: int = DEFAULT_FILE_BYTES


class Cage(msgspec.Struct, frozen=True):
    """Which parts hold on this machine, beside the limits that always do.

    `files`: none but those named. `network`: none at all. `tcp`: at least no TCP.
    """

    files: bool
    network: bool
    tcp: bool


_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""The same numbers on every architecture (include/uapi/asm-generic/unistd.h)."""
_READ_FILE, _READ_DIR, _WRITE_FILE, _TRUNCATE = 1 << 2, 1 << 3, 1 << 1, 1 << 14
_MAKE = sum(1 << bit for bit in (4, 5, 7, 8))
"""Remove a folder or file, make a folder or file (LANDLOCK_ACCESS_FS_*)."""
_OTHER_MAKE = sum(1 << bit for bit in (6, 9, 10, 11, 12))
_TCP = 3
_ABI_TRUNCATE, _ABI_NET, _ABI_SCOPES = 3, 4, 6
_SCOPES = 3
"""Abstract sockets and signals to what is outside the cage."""
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

_PROGRAMS = ("/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/etc/alternatives")
_DEVICES = ("/dev/null", "/dev/urandom", "/sys/devices/system/cpu")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def without_network() -> bool:
    """This process and its children from now on: no network, not even loopback. False where the kernel refuses."""
    libc = _libc()
    return bool(libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def enter(bounds: Bounds, *, reads: Iterable[Path], writes: Iterable[Path], network_gone: bool) -> Cage:
    """This process, for the rest of its life. `writes` are folders."""
    os.setsid()  # whoever keeps it ends all it started
    libc = _libc()
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, bounds.cpu_seconds + 1),
        (resource.RLIMIT_AS, bounds.memory_bytes),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
    ):
        _, hard = resource.getrlimit(limit)
        held_to = value if hard == resource.RLIM_INFINITY else min(value, hard)
        soft = max(1, held_to - 1) if limit == resource.RLIMIT_CPU else held_to  # SIGXCPU before SIGKILL
        resource.setrlimit(limit, (soft, held_to))
    abi = int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1))
    if abi < 1:
        return Cage(files=False, network=network_gone, tcp=network_gone)
    held = _landlock(libc, abi, tuple(reads), tuple(writes))
    return Cage(files=held, network=network_gone, tcp=network_gone or (held and abi >= _ABI_NET))


def _landlock(libc: ctypes.CDLL, abi: int, reads: tuple[Path, ...], writes: tuple[Path, ...]) -> bool:
    write = _WRITE_FILE | (_TRUNCATE if abi >= _ABI_TRUNCATE else 0)
    read = _READ_FILE | _READ_DIR
    attributes = struct.pack("<Q", read | write | _MAKE | _OTHER_MAKE)
    if abi >= _ABI_NET:
        attributes += struct.pack("<Q", _TCP)
    if abi >= _ABI_SCOPES:
        attributes += struct.pack("<Q", _SCOPES)
    rules = int(libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0))
    if rules < 0:
        return False
    programs = {*_PROGRAMS, *_DEVICES, sys.prefix, sys.base_prefix, *map(str, tocsin.__path__)}
    programs.update(sys.argv[1:])  # the keeper's own folders
    for place in (*programs, *map(str, reads)):
        _allow(libc, rules, place, read)
    _allow(libc, rules, "/dev/null", write)
    for folder in writes:
        _allow(libc, rules, str(folder), read | write | _MAKE)
    held = libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return bool(held)


def _allow(libc: ctypes.CDLL, rules: int, place: str, access: int) -> None:
    try:
        handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # a place that this machine lacks needs no leave
        return
    if not Path(place).is_dir():
        access &= _READ_FILE | _WRITE_FILE | _TRUNCATE
    libc.syscall(_ADD_RULE, rules, 1, struct.pack("<Qi", access, handle), 0)
    os.close(handle)
