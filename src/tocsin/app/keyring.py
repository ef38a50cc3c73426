"""The node's keys in its folder: identity, pseudonym, master. One key a day lies apart, in the key store.

    DATA/keys/identity.key    Ed25519 secret, 32 bytes
    DATA/keys/identity.first  the first public key, once there was another; the node's names come from it
    DATA/keys/identity.next   a new secret on its way, until its statement is kept (`OwnKeys`)
    DATA/keys/pseudonym.key   BLAKE2b key, 32 bytes
    DATA/keys/master.key      wraps peers' credentials, 32 bytes
    DATA/keys/release.pem     signs releases of models, once one was signed (`app.release_key`)
    DATA/keys/oidc.secret     what the OpenID provider knows this node by, sealed under the master key
    DATA/keys/oidc-NAME.secret  the same of a provider of applicants.yaml

Files are 0600 in folders of 0700. Day keys: `app.key_store`. Older versions kept them in DATA/keys/days/, wrapped under
the master key; `move_old_days` takes them from there.
"""

import hmac
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tocsin.app.key_store import FOLDER_NAME, KeyStore, shred
from tocsin.app.writing import sync_folder, write_once
from tocsin.kernel import Clock, KeyStatement, NotFound, Unavailable, micros
from tocsin.kernel.limits import RETENTION_DAYS_TEXT
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.pseudonyms import PSEUDONYM_BYTES, Pseudonyms
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal, SealBroken, unwrap_key, wrap_key

SEEDS = b"tocsin/signed-fields/1/seeds"
"""What the key of seeds is derived for (RFC 5869, expand): the master key itself only wraps."""

DRAWS = b"tocsin/sampling/1"
"""What the key of draws is derived for: a source that knew it could keep its events out of every sample."""

CASES = b"tocsin/case-keys/1"
"""What the key is derived for under which keys of cases lie; another for each case, for RFC 5649 binds no label."""

NAMES = ("identity", "pseudonym", "master")
CLIENT_SECRET_LABEL = "the OpenID provider's secret"


class Keyring:
    """Opens a node's keys; makes the day's key on first use.

    With a clock, a day past its retention is closed at once, whether or not its key was destroyed yet.
    """

    def __init__(
        self,
        folder: Path,
        entropy: Entropy = os.urandom,
        *,
        key_store: Path | None = None,
        clock: Clock | None = None,
        retention_days: int = RETENTION_DAYS_TEXT,
    ) -> None:
        self.day_keys = KeyStore(key_store or folder.parent / FOLDER_NAME, entropy)
        self._clock = clock
        self._retention = timedelta(days=retention_days + 1)
        self._entropy = entropy
        self._master = _read(folder / "master.key")
        self._days: dict[str, tuple[Seal, date]] = {}
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
        self._cases = HKDFExpand(hashes.SHA256(), KEY_BYTES, CASES).derive(self._master)

    @staticmethod
    def create(folder: Path, entropy: Entropy = os.urandom) -> None:
        """Make the folder and its three lasting keys."""
        folder.mkdir(mode=0o700, parents=True)
        folder.chmod(0o700)
        for name in NAMES:
            write_once(folder / f"{name}.key", entropy(KEY_BYTES))

    @property
    def retention(self) -> timedelta:
        """How long what is sealed today can be opened, to the day."""
        return self._retention

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
        sync_folder(self._folder)

    def seal_for(self, day: str) -> Seal:
        """The seal of a day, made if it is new. Two processes that race agree on one key.

        Raises NotFound for a day whose key was destroyed: it gets no second one.
        """
        if not self.day_keys.has(day):
            self.day_keys.make(day, date.fromisoformat(day) + self._retention)
        return self.opened(day)

    def opened(self, day: str) -> Seal:
        """The seal of a day that has one. Raises NotFound after the day's key was destroyed."""
        if not self.day_keys.has(day):
            self._days.pop(day, None)
            raise NotFound(f"the key of {day} was destroyed: its texts cannot be opened by anyone")
        if day not in self._days:
            self._days[day] = (Seal(self.day_keys.key(day), self._entropy), self.ends(day))
        seal, ends = self._days[day]
        if self._clock is not None and self._clock().date() >= ends:
            self._days.pop(day, None)
            raise NotFound(f"the texts of {day} are past their retention: they are not opened any more")
        return seal

    def ends(self, day: str) -> date:
        """The first day on which a day's key is gone: what was promised when it was made, or sooner by the settings."""
        return self.end_of(day, self.day_keys.expiry(day))

    def end_of(self, day: str, expires: date) -> date:
        """`ends`, for a key that says it expires then."""
        return min(expires, date.fromisoformat(day) + self._retention)

    def fresh_pseudonym(self) -> str:
        """Looks like any other, and was made from nothing: not even this node can tell whose it was."""
        return f"ps_{self._entropy(PSEUDONYM_BYTES).hex()}"

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

    def wrapped_for_node(self, case_id: str, key: bytes) -> bytes:
        """A case's key, for this node to open."""
        return wrap_key(self._of_case(case_id), key)

    def unwrapped_by_node(self, case_id: str, wrapped: bytes) -> bytes:
        """A case's key. Raises SealBroken for another case's, and under another master key."""
        return unwrap_key(self._of_case(case_id), wrapped)

    def _of_case(self, case_id: str) -> bytes:
        return HKDFExpand(hashes.SHA256(), KEY_BYTES, case_id.encode()).derive(self._cases)

    def keep_client_secret(self, secret: str | None, provider: str = "") -> None:
        """Keep what an OpenID provider gave this node, in place of what there was; None forgets it.

        `provider` is a checked name of applicants.yaml, or empty for the one that people here log in with.
        """
        file, label = self._client_secret(provider)
        file.unlink(missing_ok=True)
        if secret is not None:
            write_once(file, self.secrets.close(secret.encode(), label))

    def client_secret(self, provider: str = "") -> str | None:
        """What an OpenID provider gave this node, or None."""
        file, label = self._client_secret(provider)
        return self.secrets.open(_read(file), label).decode() if file.exists() else None

    def _client_secret(self, provider: str) -> tuple[Path, str]:
        if not provider:
            return self.folder / "oidc.secret", CLIENT_SECRET_LABEL
        return self.folder / f"oidc-{provider}.secret", f"{CLIENT_SECRET_LABEL}: {provider}"

    def days(self) -> tuple[str, ...]:
        """Days that still have a key, oldest first."""
        return self.day_keys.days() if self.day_keys.exists else ()

    @property
    def generation(self) -> int:
        """Grows whenever something was destroyed, by whatever process: look before using what was made from texts."""
        return self.day_keys.generation if self.day_keys.exists else 0

    @property
    def destroyed(self) -> int:
        """How many days, accounts and cases the key store says are gone."""
        return self.day_keys.destroyed if self.day_keys.exists else 0

    def destroyed_since(self, generation: int) -> tuple[str, ...]:
        """Days whose keys were destroyed after a generation."""
        return self.day_keys.gone_since(generation) if self.day_keys.exists else ()

    def erased_since(self, generation: int) -> int:
        """How many accounts were erased after a generation: their events have no sketch and another name now."""
        return self.day_keys.erased_since(generation) if self.day_keys.exists else 0

    def on_destroyed(self, listener: Callable[[tuple[str, ...]], None]) -> None:
        """Call `listener` with the days that this process destroys, or finds destroyed by another."""
        self.day_keys.on_destroyed(listener)

    def overdue(self, today: date) -> tuple[str, ...]:
        """Days whose keys should be gone by now."""
        return tuple(day for day in self.days() if self._end_of(day) <= today)

    def destroy_due(self, today: date) -> tuple[str, ...]:
        """Destroy the keys whose time is over; returns their days."""
        return self._destroy(self.overdue(today))

    def destroy_before(self, day: date) -> tuple[str, ...]:
        """Destroy the keys of days before `day`; returns those days."""
        return self._destroy(name for name in self.days() if name < day.isoformat())

    def _destroy(self, days: Iterable[str]) -> tuple[str, ...]:
        gone = self.day_keys.destroy(days, 0 if self._clock is None else micros(self._clock()))
        for name in gone:
            self._days.pop(name, None)
        return gone

    def _end_of(self, day: str) -> date:
        """`ends`, for a key that may be damaged: it goes when the settings say."""
        try:
            return self.ends(day)
        except SealBroken:
            return date.fromisoformat(day) + self._retention

    def move_old_days(self) -> tuple[str, ...]:
        """Into the key store: day keys that an older version kept in keys/days/. The caller holds the key store's lock.

        Each is whole and on disk there before it is destroyed here, so this may be killed and begun again at any step.
        """
        old = self._folder / "days"
        if not old.is_dir():
            return ()
        moved = []
        for path in sorted(old.glob("*.key")):
            gone = path.stem in self.day_keys.gone_days
            if not gone and not self.day_keys.has(path.stem):
                key = unwrap_key(self._master, _read(path))
                self.day_keys.put(path.stem, date.fromisoformat(path.stem) + self._retention, key)
                moved.append(path.stem)
            shred(path, self._entropy)
        for stray in old.iterdir():
            shred(stray, self._entropy)
        sync_folder(old)
        old.rmdir()
        sync_folder(self._folder)
        return tuple(moved)

    def check(self) -> str | None:
        """None when every day's key opens; otherwise which does not."""
        for day in self.days():
            try:
                self.day_keys.key(day)
            except SealBroken as error:
                return error.message
            except NotFound:
                continue  # destroyed meanwhile
        return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable(f"the key {path.name} cannot be read: restore keys/ from a backup") from error
