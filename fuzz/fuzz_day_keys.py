"""Entries and logs of a key store, and copies of one: what was written, or a refusal."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.trust.day_keys", "tocsin.app.key_backup"]):
    from tocsin.app import key_backup
    from tocsin.kernel import BadInput, Unavailable
    from tocsin.trust import day_keys
    from tocsin.trust.seal import SealBroken

key_backup.SCRYPT_COST = 1 << 4  # a guess costs nothing here: it is the reading that is looked at
HOLDER = day_keys.HeldInFile(b"\x01" * 32, lambda number: b"\x02" * number)


def one(data: bytes) -> None:
    """Read as each of the three; a log that checks was written under the holder, so it is empty."""
    try:
        lines, _ = day_keys.decoded(data, "the log")
        day_keys.checked(HOLDER, lines, "the log")
        assert not lines
    except Unavailable:
        pass
    try:
        day_keys.opened_entry(HOLDER, day_keys.read_entry(data, "2026-11-20"))
        raise AssertionError("opened")
    except SealBroken:
        pass
    try:
        key_backup.decode(data, "a passphrase for fuzzing", "copy")
        raise AssertionError("opened")
    except BadInput:
        pass


if __name__ == "__main__":
    fuzz(one)
