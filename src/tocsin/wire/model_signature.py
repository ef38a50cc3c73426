"""What an OpenSSF model signature says: every file of a model, or every stretch of it, by digest.

Two forms: the predicate https://model_signing/signature/v1.0 (OpenSSF Model Signing v1.0), and the older
https://model_signing/Digests/v0.1 that was in use before it. Enters: a statement. Leaves: a `Manifest`. Refuses: names
that lead out of the folder, a name twice, a root digest that its parts do not give.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.in_toto import MAX_NAME_CHARS, MAX_SUBJECTS, Statement, Subject, check_digest

PREDICATE = "https://model_signing/signature/v1.0"
OLDER_PREDICATE = "https://model_signing/Digests/v0.1"

GIT_PATHS = (".git", ".gitattributes", ".github", ".gitignore")
"""What the published tool leaves out on both sides, whether or not the signature says so."""

ALONE = "."
"""How the published tool names the file of a model that is one file."""

MAX_IGNORED = 64
HASHES = ("sha256", "blake2b", "blake3")
_SHORT_NAMES = {"blake2": "blake2b"}


class Stretch(msgspec.Struct, frozen=True, order=True):
    """A file, or bytes [start, end) of it. `end` 0 means the whole file."""

    path: str
    start: int = 0
    end: int = 0


class Manifest(msgspec.Struct, frozen=True):
    """What was signed. `name` is the model's, empty in the older form, which signs none. `digests` are hex.

    `shard_size` 0 means whole files. `ignored` are paths that the signer left out: files under them are unsigned.
    """

    name: str
    digests: dict[Stretch, str]
    hash_type: str = "sha256"
    shard_size: int = 0
    allow_symlinks: bool = False
    ignored: tuple[str, ...] = ()
    older: bool = False


class _Resource(msgspec.Struct, frozen=True):
    name: str
    algorithm: str
    digest: str


class _Serialization(msgspec.Struct, frozen=True):
    method: Literal["files", "shards"]
    hash_type: str
    allow_symlinks: bool = False
    shard_size: int | float = 0
    """The published signer goes through a protobuf Struct, where every number is a double."""
    ignore_paths: tuple[str, ...] = ()


class _Predicate(msgspec.Struct, frozen=True):
    serialization: _Serialization
    resources: tuple[_Resource, ...]


def manifest_of(statement: Statement) -> Manifest:
    """The manifest that a statement of either form signs. Raises BadInput, TooLarge."""
    if statement.predicate_type == OLDER_PREDICATE:
        return _older(statement.subjects)
    if statement.predicate_type != PREDICATE:
        raise BadInput(
            f"the statement is a {statement.predicate_type[:100]!r}, not a model signature ({PREDICATE})"
        )
    if len(statement.subjects) != 1 or "sha256" not in statement.subjects[0].digest:
        raise BadInput("a model signature names one subject, the model, with its sha256")
    try:
        predicate = msgspec.convert(statement.predicate, _Predicate)
    except msgspec.ValidationError as error:
        raise BadInput(f"the model signature is not of its form: {error}") from None
    how = predicate.serialization
    hash_type = _SHORT_NAMES.get(how.hash_type, how.hash_type)
    if hash_type not in HASHES:
        raise BadInput(f"the model was hashed with {how.hash_type[:20]!r}; {', '.join(HASHES)} are read")
    shard_size = _whole(how.shard_size)
    if (how.method == "shards") != (shard_size > 0):
        raise BadInput("a signature by shards states their size, one by files does not")
    digests = _digests(predicate.resources, hash_type, shard_size)
    root = hashlib.sha256(b"".join(bytes.fromhex(one.digest) for one in predicate.resources)).hexdigest()
    if root != statement.subjects[0].digest["sha256"]:
        raise BadInput("the model's digest is not that of the files listed: the statement contradicts itself")
    return Manifest(
        name=statement.subjects[0].name,
        digests=digests,
        hash_type=hash_type,
        shard_size=shard_size,
        allow_symlinks=how.allow_symlinks,
        ignored=_ignored(how.ignore_paths, digests),
    )


def statement_of(manifest: Manifest) -> Statement:
    """The statement, in the newer form, that signs `manifest` (whole files, in the order the published tool has)."""
    files = sorted(manifest.digests.items(), key=lambda item: item[0].path.split("/"))
    root = hashlib.sha256(b"".join(bytes.fromhex(digest) for _, digest in files)).hexdigest()
    how: dict[str, Any] = {
        "method": "files",
        "hash_type": manifest.hash_type,
        "allow_symlinks": manifest.allow_symlinks,
    }
    if manifest.ignored:
        how["ignore_paths"] = list(manifest.ignored)
    resources = [
        {"name": one.path, "algorithm": manifest.hash_type, "digest": digest} for one, digest in files
    ]
    return Statement(
        subjects=(Subject(manifest.name, {"sha256": root}),),
        predicate_type=PREDICATE,
        predicate={"serialization": how, "resources": resources},
    )


def safe_path(name: str) -> str:
    """A path inside the model, as given. Raises BadInput for one that leads out, or has a second spelling."""
    if (
        not name
        or len(name) > MAX_NAME_CHARS
        or "\x00" in name
        or "\\" in name
        or any(part in ("", ".", "..") for part in name.split("/"))
    ):
        raise BadInput(f"{name[:80]!r} is not a plain path inside the model")
    return name


def _older(subjects: Iterable[Subject]) -> Manifest:
    digests: dict[Stretch, str] = {}
    for one in subjects:
        where = Stretch(safe_path(one.name))
        if "sha256" not in one.digest or where in digests:
            raise BadInput(f"{one.name[:80]!r} is named twice, or has no sha256")
        digests[where] = one.digest["sha256"]
    return Manifest(name="", digests=digests, older=True)


def _digests(resources: tuple[_Resource, ...], hash_type: str, shard_size: int) -> dict[Stretch, str]:
    if not resources:
        raise BadInput("the model signature lists no file, so it signs nothing")
    if len(resources) > MAX_SUBJECTS:
        raise TooLarge(f"the model signature lists over {MAX_SUBJECTS} files or shards")
    found: dict[Stretch, str] = {}
    # the published signer names a shard's algorithm with its size
    algorithm = f"{hash_type}-sharded-{shard_size}" if shard_size else hash_type
    for one in resources:
        if one.algorithm != algorithm:
            raise BadInput(f"{one.name[:80]!r} is hashed with another algorithm than the signature states")
        check_digest(hash_type, one.digest, one.name)
        where = _shard(one.name) if shard_size else Stretch(_path(one.name))
        if where in found:
            raise BadInput(f"{one.name[:80]!r} is listed twice")
        found[where] = one.digest
    if shard_size:
        _check_cover(found, shard_size)
    paths = {one.path for one in found}
    if ALONE in paths and len(paths) > 1:
        raise BadInput("the signature is of one file and of a folder at once")
    return found


def _path(name: str) -> str:
    return name if name == ALONE else safe_path(name)


def _shard(name: str) -> Stretch:
    path, _, stretch = name.partition(":")
    start, _, end = stretch.partition(":")
    if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit() and len(stretch) < 40):
        raise BadInput(f"{name[:80]!r} is not path:start:end")
    return Stretch(_path(path), int(start), int(end))


def _check_cover(shards: Iterable[Stretch], size: int) -> None:
    """Every file from 0 on without a gap or an overlap, in full shards but for the last."""
    reached: dict[str, int] = {}
    for one in sorted(shards):
        before = reached.get(one.path, 0)
        if one.start != before or before % size or not one.start < one.end <= one.start + size:
            raise BadInput(f"the shards of {one.path[:80]!r} leave a gap or overlap")
        reached[one.path] = one.end


def _ignored(paths: tuple[str, ...], digests: Iterable[Stretch]) -> tuple[str, ...]:
    if len(paths) > MAX_IGNORED:
        raise TooLarge(f"the signature leaves out over {MAX_IGNORED} paths")
    kept = tuple(safe_path(path) for path in paths)
    listed = {one.path for one in digests}
    if any(path in listed for path in kept):
        raise BadInput("the signature lists a file and leaves it out at once")
    return kept


def _whole(number: int | float) -> int:
    if number != int(number) or not 0 <= number < 1 << 53:
        raise BadInput("the size of the shards is not a whole number of bytes")
    return int(number)
