"""The node's keys in its folder: identity, pseudonym, master, and one wrapped key a day.

    DATA/keys/identity.key    Ed25519 secret, 32 bytes
    DATA/keys/identity.first  the first public key, once there was another; the node's names come from it
    DATA/keys/identity.next   a new secret on its way, until its statement is kept (`OwnKeys`)
    DATA/keys/pseudonym.key   BLAKE2b key, 32 bytes
    DATA/keys/master.key      wraps day keys and peers' credentials, 32 bytes
    DATA/keys/oidc.secret     what the OpenID provider knows this node by, sealed under the master key
    DATA/keys/days/YYYY-MM-DD.key   a day's seal key, wrapped (RFC 5649)

Files are 0600 in folders of 0700. A day's key is destroyed by deleting its file.
"""

import hmac
import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tocsin.kernel import KeyStatement, NotFound, Unavailable
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.pseudonyms import Pseudonyms
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal, SealBroken, unwrap_key, wrap_key

SEEDS = b"tocsin/signed-fields/1/seeds"
"""What the key of seeds is derived for (RFC 5869, expand): the master key itself only wraps."""

DRAWS = b"tocsin/sampling/1"
"""What the key of draws is derived for: a source that knew it could keep its events out of every sample."""

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
        self._folder = self.folder = folder
        self._identity: tuple[tuple[int, int], NodeIdentity] | None = None
        _ = self.identity  # a folder without a key is refused now
        self.pseudonyms = Pseudonyms(_read(folder / "pseudonym.key"))
        self.secrets = Seal(self._master, entropy)
        """For credentials of peers, which must be read again."""
        self.history: Callable[[], Sequence[KeyStatement]] = lambda: ()
        """What the keys said of their successors; the node that opens the store says where it is kept."""
        self._seeds = HKDFExpand(hashes.SHA256(), KEY_BYTES, SEEDS).derive(self._master)
        self._draws = HKDFExpand(hashes.SHA256(), KEY_BYTES, DRAWS).derive(self._master)

    @staticmethod
    def create(folder: Path, entropy: Entropy = os.urandom) -> None:
        """Make the folder and its three lasting keys."""
        (folder / "days").mkdir(mode=0o700, parents=True)
        folder.chmod(0o700)
        for name in NAMES:
            write_once(folder / f"{name}.key", entropy(KEY_BYTES))

    @property
    def identity(self) -> NodeIdentity:
        """The key as it is on disk now: another process may have rotated it while this one serves."""
        path = self._folder / "identity.key"
        try:
            stat = path.stat()
        except OSError as error:
            raise Unavailable(f"the key {path.name} cannot be read: restore keys/ from a backup") from error
        seen = (stat.st_ino, stat.st_mtime_ns)
        if self._identity is None or self._identity[0] != seen:
            first = self._folder / "identity.first"
            self._identity = (seen, NodeIdentity(_read(path), _read(first) if first.exists() else None))
        return self._identity[1]

    def prepare_next(self) -> NodeIdentity:
        """A new identity key, on disk and not yet in use. One that was left behind is replaced."""
        path = self._folder / "identity.next"
        path.unlink(missing_ok=True)
        write_once(path, self._entropy(KEY_BYTES))
        following = self.following
        assert following is not None
        return following

    @property
    def following(self) -> NodeIdentity | None:
        """The key that is prepared; None when there is none."""
        path = self._folder / "identity.next"
        return NodeIdentity(_read(path), self.identity.first) if path.exists() else None

    def adopt_next(self) -> None:
        """Use the prepared key from now on. The old secret is gone with this; what it signed stays signed."""
        write_once(self._folder / "identity.first", self.identity.first)
        (self._folder / "identity.next").replace(self._folder / "identity.key")
        _sync(self._folder)

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

    def seed(self, content: bytes) -> bytes:
        """Of the salts in a record's signature: the same for the same content, and nobody else can make it.

        Derived and not drawn, as RFC 6979 derives its nonce: after a crash or from a backup this node signs the same
        bytes, and never two contents of one version.
        """
        return hmac.digest(self._seeds, content, "sha256")

    def draw(self, event_id: str) -> int:
        """A number of 63 bits for an event, the same each time and known to nobody without the master key."""
        digest = hmac.digest(self._draws, event_id.encode("utf-8", "surrogatepass"), "sha256")
        return int.from_bytes(digest[:8], "big") >> 1

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
