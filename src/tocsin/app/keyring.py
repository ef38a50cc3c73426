"""The node's keys in its folder: identity, pseudonym, master, and one wrapped key a day.

    DATA/keys/identity.key    Ed25519 secret, 32 bytes
    DATA/keys/pseudonym.key   BLAKE2b key, 32 bytes
    DATA/keys/master.key      wraps day keys and peers' credentials, 32 bytes
    DATA/keys/oidc.secret     what the OpenID provider knows this node by, sealed under the master key
    DATA/keys/days/YYYY-MM-DD.key   a day's seal key, wrapped (RFC 5649)

Files are 0600 in folders of 0700. A day's key is destroyed by deleting its file.
"""

import os
from datetime import date
from pathlib import Path

from tocsin.kernel import NotFound, Unavailable
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.pseudonyms import Pseudonyms
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal, SealBroken, unwrap_key, wrap_key

NAMES = ("identity", "pseudonym", "master")
CLIENT_SECRET_LABEL = "the OpenID provider's secret"


class Keyring:
    """Opens a node's keys; makes the day's key on first use."""

    def __init__(self, folder: Path, entropy: Entropy = os.urandom) -> None:
        self._days_folder = folder / "days"
        self._client_secret = folder / "oidc.secret"
        self._entropy = entropy
        self._master = _read(folder / "master.key")
        self._days: dict[str, Seal] = {}
        self.identity = NodeIdentity(_read(folder / "identity.key"))
        self.pseudonyms = Pseudonyms(_read(folder / "pseudonym.key"))
        self.secrets = Seal(self._master, entropy)
        """For credentials of peers, which must be read again."""

    @staticmethod
    def create(folder: Path, entropy: Entropy = os.urandom) -> None:
        """Make the folder and its three lasting keys."""
        (folder / "days").mkdir(mode=0o700, parents=True)
        folder.chmod(0o700)
        for name in NAMES:
            write_once(folder / f"{name}.key", entropy(KEY_BYTES))

    def seal_for(self, day: str) -> Seal:
        """The seal of a day, made if it is new. Two processes that race agree on one key."""
        known = self._days.get(day)
        if known is not None:
            return known
        path = self._days_folder / f"{day}.key"
        if not path.exists():
            write_once(path, wrap_key(self._master, self._entropy(KEY_BYTES)))
        return self.opened(day)

    def opened(self, day: str) -> Seal:
        """The seal of a day that has one. Raises NotFound after the day's key was destroyed."""
        path = self._days_folder / f"{day}.key"
        if not path.exists():
            self._days.pop(day, None)
            raise NotFound(f"the key of {day} was destroyed: its texts cannot be opened by anyone")
        if day not in self._days:
            self._days[day] = Seal(unwrap_key(self._master, _read(path)), self._entropy)
        return self._days[day]

    def keep_client_secret(self, secret: str | None) -> None:
        """Keep what the OpenID provider gave this node, in place of what there was; None forgets it."""
        self._client_secret.unlink(missing_ok=True)
        if secret is not None:
            write_once(self._client_secret, self.secrets.close(secret.encode(), CLIENT_SECRET_LABEL))

    def client_secret(self) -> str | None:
        """What the OpenID provider gave this node, or None."""
        if not self._client_secret.exists():
            return None
        return self.secrets.open(_read(self._client_secret), CLIENT_SECRET_LABEL).decode()

    def days(self) -> tuple[str, ...]:
        """Days that still have a key, oldest first."""
        return tuple(sorted(path.stem for path in self._days_folder.glob("*.key")))

    def destroy_before(self, day: date) -> tuple[str, ...]:
        """Delete the keys of days before `day`; returns those days."""
        gone = tuple(name for name in self.days() if name < day.isoformat())
        for name in gone:
            (self._days_folder / f"{name}.key").unlink(missing_ok=True)
            self._days.pop(name, None)
        if gone:
            _sync(self._days_folder)
        return gone

    def check(self) -> str | None:
        """None when every day's key opens; otherwise which does not."""
        for day in self.days():
            try:
                self.opened(day)
            except SealBroken:
                return f"the key of {day} does not open under the master key: was keys/ mixed with another node's?"
        return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable(f"the key {path.name} cannot be read: restore keys/ from a backup") from error


def write_once(path: Path, content: bytes) -> None:
    """Write once, whole or not at all: a reader never sees half a key, and the first of two writers wins."""
    pending = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(pending, path)
        except FileExistsError:
            return
        _sync(path.parent)
    except OSError as error:
        raise Unavailable(f"a key cannot be written in {path.parent.name}/: is the disk full?") from error
    finally:
        pending.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
