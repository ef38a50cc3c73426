"""`require_clean`: the one call that a serving stack makes before it loads a model.

Enters: a path, and who is believed. Leaves: `Cleared`, which gives the very bytes that were judged. Refuses by raising:
whoever forgets to look at an answer loads nothing. No database, no network, no node.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tocsin.assure.provenance.signed_files import (
    Moved,
    beside,
    inside,
    read_bounded,
    read_file,
    survey,
    tree_digest,
    under,
)
from tocsin.assure.walk import inspect
from tocsin.kernel import BadInput, Clock, TocsinError, system_clock
from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection
from tocsin.taxonomy.artefact_words import words
from tocsin.wire.model_signature import ALONE, GIT_PATHS

if TYPE_CHECKING:  # with cryptography: only an attestation needs it
    from tocsin.wire.in_toto import Statement
    from tocsin.wire.model_bundle import Bundle

MAX_AGE = timedelta(days=30)
"""An attested inspection counts this long: rules are added, and a verdict under old ones says less each week."""

MAX_SHOWN = 5
"""Reasons in the error's own text; all are in `findings`."""


class NotClean(TocsinError):
    """A model may not be loaded: something was found, was not examined, or is not signed by those who must."""

    code = "not-clean"
    status = 409
    exit_code = 1

    def __init__(self, name: str, findings: Sequence[Finding], why: str = "") -> None:
        shown = [f"{one.place.path}: {words(one).why}" for one in findings[:MAX_SHOWN]]
        more = f" and {len(findings) - MAX_SHOWN} more" if len(findings) > MAX_SHOWN else ""
        super().__init__(f"{name} may not be loaded: {why or '; '.join(shown)}{more}")
        self.findings = tuple(findings)


class Cleared(msgspec.Struct, frozen=True):
    """What may be loaded: exactly `files` (sha256 by path), as they were when they were judged.

    Between this and the loading anybody who can write there can change them. `read`, `sealed` and `copy_to` give the
    judged bytes or raise; a loader that opens `root` by itself is safe only where nothing else can write.
    """

    root: Path
    name: str
    digest: str
    files: dict[str, str]
    signers: tuple[str, ...] = ()
    attested_by: str = ""

    def read(self, path: str = ALONE) -> bytes:
        """The whole of one file, once its digest is that which was judged. Raises NotClean."""
        parts: list[bytes] = []
        self._checked(path, parts.append)
        return b"".join(parts)

    @contextmanager
    def sealed(self, path: str = ALONE) -> Iterator[Path]:
        """A path to a copy of one file in memory that nobody can write to any more. Linux; costs its size in memory.

        Raises NotClean.
        """
        import fcntl

        descriptor = os.memfd_create("tocsin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            self._checked(path, lambda chunk: _write(descriptor, chunk))
            seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
            yield Path(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)

    def copy_to(self, folder: Path) -> Path:
        """Copy what was judged into a new folder that only this user can read and nobody writes. Raises NotClean.

        Returns what to load: the folder, or the file in it when the artefact is one file.
        """
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise BadInput(f"{folder} cannot be made ({error.strerror}): name a new folder") from None
        try:
            for path in self.files:
                target = folder / (self.root.name if path == ALONE else path)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
                try:
                    self._checked(path, lambda chunk, to=descriptor: _write(to, chunk))  # type: ignore[misc]
                finally:
                    os.close(descriptor)
        except BaseException:
            shutil.rmtree(folder)
            raise
        for inner, _, _ in os.walk(folder, topdown=False):
            Path(inner).chmod(0o500)
        return folder / self.root.name if ALONE in self.files else folder

    def _checked(self, path: str, take: Callable[[bytes], object]) -> None:
        if path not in self.files:
            raise NotClean(self.name, (), f"{path} is not among the files that were judged")
        digest = hashlib.sha256()

        def both(chunk: bytes) -> None:
            digest.update(chunk)
            take(chunk)

        try:
            read_file(self.root, path, both)
        except Moved:
            raise NotClean(self.name, (), f"{path} was replaced after it was judged") from None
        if digest.hexdigest() != self.files[path]:
            raise NotClean(self.name, (), f"{path} was changed after it was judged")


def require_clean(
    path: str | os.PathLike[str],
    *,
    policy: str | os.PathLike[str] | None = None,
    signatures: Sequence[str | os.PathLike[str]] = (),
    attestation: str | os.PathLike[str] | None = None,
    signers: Sequence[bytes] = (),
    accept: Collection[str] = (),
    name: str | None = None,
    max_age: timedelta = MAX_AGE,
    clock: Clock = system_clock,
) -> Cleared:
    """Judge the model at `path`, or raise. Each step refuses by itself.

    1. With an `attestation`: an inspection of exactly these bytes that ended clean, no older than `max_age`, signed by
    one of `signers` (public keys, PEM). Without one: the artefact is inspected here, and must be clean but for findings
    whose rule is in `accept`. 2. With a `policy` (a signers.yaml): those who must sign have signed exactly these bytes;
    `signatures` are PATH/model.sig or PATH.sig when none are named. 3. What was inspected is what was signed.

    Raises NotClean; BadInput and Unavailable where there is nothing to judge or no way to.
    """
    root = Path(path)
    named = [Path(one) for one in signatures] or [one for one in (beside(root),) if one.exists()]
    given = [*named, *([Path(attestation)] if attestation is not None else [])]
    without = inside(root, given)
    called = name or root.resolve().name
    attested_by = ""
    if attestation is not None:  # 1
        from tocsin.assure.provenance.signing import hashed_release

        files = hashed_release(root, without=without)
        attested_by = _attested(Path(attestation), files, signers, called, clock(), max_age)
    else:
        files = _inspected(root, called, accept, clock, without)
    signed_by_whom: tuple[str, ...] = ()
    if policy is not None:  # 2
        # what reads certificates takes a third of the time of a start; only a policy needs it
        from tocsin.assure.provenance.policy_file import load_policy
        from tocsin.assure.provenance.verifying import Given, Refused, verify
        from tocsin.wire.model_bundle import MAX_BUNDLE_BYTES

        bundles = {str(one): read_bounded(one, MAX_BUNDLE_BYTES) for one in named}
        verdict = verify(
            root,
            Given(bundles),
            load_policy(Path(policy)),
            at=clock(),
            name=called,
            without=without,
            known=files,
        )
        if isinstance(verdict, Refused):
            raise NotClean(called, verdict.reasons)
        if any(files.get(one) != digest for one, digest in verdict.files.items()):  # 3
            raise NotClean(called, (), "it changed between the inspection and the check of its signature")
        files, signed_by_whom = verdict.files, verdict.signers
    return Cleared(root, called, tree_digest(files), files, signed_by_whom, attested_by)


def inspected_files(inspection: Inspection, root: Path, without: Collection[str]) -> dict[str, str]:
    """sha256 by path of the files that an inspection read, but for `without` and what signatures leave out.

    Raises BadInput when a file there now was not hashed by it.
    """
    seen = {part.path: part.sha256 for part in inspection.parts}
    tree = survey(root)
    left_out = {*without, *GIT_PATHS}
    if set(tree.files) == {ALONE}:
        files = {ALONE: seen.get(inspection.name, "")}
    else:
        files = {one: seen.get(one, "") for one in tree.files if not under(one, left_out)}
    unread = [one for one, digest in files.items() if not digest]
    if unread:
        raise BadInput(
            f"{unread[0]} was not there, or not hashed, when the artefact was inspected: look again"
        )
    return files


def _inspected(
    root: Path, name: str, accept: Collection[str], clock: Clock, without: Collection[str]
) -> dict[str, str]:
    inspection = inspect(root, clock=clock)
    against = [
        one
        for one in inspection.findings
        if one.verdict is not ArtefactVerdict.CLEAN and one.rule not in accept
    ]
    explained = {one.place.path for one in inspection.findings if one.rule in accept}
    unexplained = [
        part.path
        for part in inspection.parts
        if part.verdict is not ArtefactVerdict.CLEAN
        and not any(path == part.path or path.startswith(f"{part.path}!/") for path in explained)
    ]
    if against:
        raise NotClean(name, against)
    if inspection.verdict is not ArtefactVerdict.CLEAN and (unexplained or not explained):
        raise NotClean(
            name, inspection.findings, f"{', '.join(unexplained[:MAX_SHOWN]) or 'it'} is not clean"
        )
    return inspected_files(inspection, root, without)


def _attested(
    file: Path, files: dict[str, str], signers: Sequence[bytes], name: str, now: datetime, max_age: timedelta
) -> str:
    """The id of the key that attested. 1. The envelope is read. 2. A key that is believed made it. 3. It is an
    inspection of exactly these bytes, 4. that ended clean, 5. not too long ago.
    """
    from tocsin.assure.provenance.attestations import PREDICATE, meets, recent, speaks_of
    from tocsin.trust.signing_keys import key_id, read_public, signed_by

    bundle, said = _statement(file)  # 1
    by = next((key for key in map(read_public, signers) if signed_by(bundle.envelope, key)), None)
    if by is None:  # 2
        raise NotClean(name, (), "none of the keys in `signers` made the attestation")
    if said.predicate_type != PREDICATE or not speaks_of(said, files):  # 3
        raise NotClean(name, (), "the attestation is not of an inspection of exactly these bytes")
    if not meets(said, {}):  # 4
        raise NotClean(name, (), "the attested inspection did not end clean")
    if not recent(said, now, max_age):  # 5
        raise NotClean(name, (), "the attested inspection is too old, or says no time: inspect again")
    return key_id(by)


def _statement(file: Path) -> "tuple[Bundle, Statement]":
    from tocsin.wire.dsse import IN_TOTO_TYPE
    from tocsin.wire.in_toto import parse_statement
    from tocsin.wire.model_bundle import MAX_BUNDLE_BYTES, parse_bundle

    bundle = parse_bundle(read_bounded(file, MAX_BUNDLE_BYTES))
    if bundle.envelope.payload_type != IN_TOTO_TYPE:
        raise BadInput(f"{file.name} is not an in-toto attestation")
    return bundle, parse_statement(bundle.envelope.payload)


def _write(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
