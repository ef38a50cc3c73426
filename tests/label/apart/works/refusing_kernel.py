"""Starts Python under a kernel that refuses Landlock and namespaces, as an old one does, or a container's profile.

A filter of system calls (seccomp) gives EPERM for them, to this process and all it starts.
"""

import ctypes
import os
import platform
import struct
import sys

_UNSHARE = {"x86_64": 272, "aarch64": 97}[platform.machine()]
_LANDLOCK = (444, 445, 446)
_LOAD_NUMBER, _EQUALS, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _EPERM = 0x7FFF0000, 0x00050001
_PR_SET_SECCOMP, _FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38


def _refuse() -> None:
    numbers = (_UNSHARE, *_LANDLOCK)
    steps = [(_LOAD_NUMBER, 0, 0, 0)]
    steps += [(_EQUALS, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_SECCOMP, _FILTER, program, 0, 0)


_refuse()
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
