"""Who may sign what: signers by name, and rules from artefacts to signers, thresholds and attestations.

Enters: the bytes of signers.yaml, and a way to read the files that it names. Leaves: a `SigningPolicy`. Refuses: a key
twice, a signer that no rule could reach, anything it does not know. Every rule that fits an artefact must be
satisfied, so that one more rule can only refuse more; where none fits, nothing is accepted.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Any

import msgspec
import yaml

from tocsin.kernel import BadInput, TooLarge
from tocsin.trust.certificates import read_roots
from tocsin.trust.signers import CertificateSigner, KeySigner, Proof, SigstoreSigner
from tocsin.trust.signing_keys import read_public

MAX_POLICY_BYTES = 1 << 20
MAX_SIGNERS = 1_000
MAX_RULES = 1_000
MAX_AGE_DAYS = 3_660
"""Ten years: longer is a slip of the pen."""

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")

ReadFile = Callable[[str], bytes]
"""The bytes of a file that the policy names, relative to the policy's own folder."""


class _KeyEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    """PEM, or the name of a file with it."""
    valid_from: date | None = None
    valid_until: date | None = None


class _CertificateEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    certificate: str
    """The e-mail address, URI or name that the certificate is for."""
    roots: str
    valid_from: date | None = None
    valid_until: date | None = None


class _SigstoreEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sigstore: str
    """The identity in the certificate."""
    issuer: str
    trusted_root: str
    valid_from: date | None = None
    valid_until: date | None = None


class Needed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An attestation that must be there. `where`: what its predicate must say, by JSON Pointer."""

    predicate: str
    signers: tuple[str, ...]
    threshold: int = 1
    where: dict[str, str | int | bool] = {}
    max_age_days: int = 30
    """How long an attested inspection counts: rules are added, and a verdict under old ones says less each week.
    Other predicates say no time in one way, so it does not bear on them."""


class SigningRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`artefacts` are shell patterns on the name, `digests` the only contents that the rule lets pass (any, if none).

    What is marked unsafe gives up a protection, and the verdict says so.
    """

    artefacts: tuple[str, ...]
    signers: tuple[str, ...]
    threshold: int = 1
    digests: tuple[str, ...] = ()
    signed_after: date | None = None
    """Only with a time that a log vouches for; refuses an older version that was once signed rightly."""
    attestations: tuple[Needed, ...] = ()
    unsafe_any_name: bool = False
    """Take a signature of another name: whoever puts files there can swap one signed model for another."""
    unsafe_older_form: bool = False
    """Take signatures from before version 1.0, which sign no name."""

    def fits(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.artefacts)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    signers: dict[str, dict[str, Any]]
    rules: tuple[SigningRule, ...]
    withdrawn: tuple[str, ...] = ()


class Signer(msgspec.Struct, frozen=True):
    """A name in the policy, what proves it, and the days between which its signatures count."""

    name: str
    proof: Proof
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def counts(self, at: datetime) -> bool:
        """`valid_until` is the first moment that does not count any more."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )


class SigningPolicy(msgspec.Struct, frozen=True):
    """`withdrawn` are digests (of a file, or of the whole) that nothing signs back in. `digest` is of the file."""

    signers: dict[str, Signer]
    rules: tuple[SigningRule, ...]
    withdrawn: frozenset[str]
    digest: str

    def for_name(self, name: str) -> tuple[SigningRule, ...]:
        """Every rule that fits; all must be satisfied."""
        return tuple(rule for rule in self.rules if rule.fits(name))


def read_policy(data: bytes, read_file: ReadFile) -> SigningPolicy:
    """A policy from signers.yaml. Raises BadInput with the place that is wrong."""
    if len(data) > MAX_POLICY_BYTES:
        raise TooLarge(f"the policy is over {MAX_POLICY_BYTES} bytes")
    try:
        file = msgspec.convert(yaml.load(data, OneKeyOnce), _File)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError, msgspec.ValidationError) as error:
        raise BadInput(f"the policy of signers cannot be read: {str(error)[:300]}") from None
    if file.version != 1:
        raise BadInput(f"the policy of signers is of version {file.version}; version 1 is read")
    if len(file.signers) > MAX_SIGNERS or len(file.rules) > MAX_RULES:
        raise TooLarge(f"the policy has over {MAX_SIGNERS} signers or {MAX_RULES} rules")
    signers = {name: _signer(name, entry, read_file) for name, entry in file.signers.items()}
    for number, rule in enumerate(file.rules, start=1):
        _check(number, rule, signers)
    for digest in (*file.withdrawn, *(digest for rule in file.rules for digest in rule.digests)):
        if not _SHA256.match(digest):
            raise BadInput(f"{digest[:80]!r} in the policy is not a sha256 in lower-case hexadecimal")
    return SigningPolicy(signers, file.rules, frozenset(file.withdrawn), hashlib.sha256(data).hexdigest())


def _check(number: int, rule: SigningRule, signers: dict[str, Signer]) -> None:
    where = f"rule {number} of the policy"
    if not rule.artefacts:
        raise BadInput(f"{where} names no artefact")
    for one in rule.attestations:
        if not 1 <= one.max_age_days <= MAX_AGE_DAYS:
            raise BadInput(
                f"{where} takes inspections of {one.max_age_days} days; 1 to {MAX_AGE_DAYS} can be asked for"
            )
    for named, threshold in (
        (rule.signers, rule.threshold),
        *((one.signers, one.threshold) for one in rule.attestations),
    ):
        unknown = sorted(set(named) - signers.keys())
        if unknown:
            raise BadInput(f"{where} names {unknown[0]!r}, which is not among the signers")
        if not 1 <= threshold <= len(set(named)):
            raise BadInput(
                f"{where} asks for {threshold} of {len(set(named))} signers; ask for 1 at least and all at most"
            )


def _signer(name: str, entry: dict[str, Any], read_file: ReadFile) -> Signer:
    kinds: tuple[type[_KeyEntry | _CertificateEntry | _SigstoreEntry], ...] = (
        _KeyEntry,
        _CertificateEntry,
        _SigstoreEntry,
    )
    kind = next((one for one in kinds if one.__struct_fields__[0] in entry), None)
    if kind is None:
        raise BadInput(f"the signer {name!r} in the policy states neither key, certificate nor sigstore")
    try:
        made = msgspec.convert(entry, kind)
        return Signer(name, _proof(made, read_file), _midnight(made.valid_from), _midnight(made.valid_until))
    except (BadInput, msgspec.ValidationError) as error:
        raise BadInput(f"the signer {name!r} in the policy: {error}") from None


def _proof(entry: _KeyEntry | _CertificateEntry | _SigstoreEntry, read_file: ReadFile) -> Proof:
    if isinstance(entry, _KeyEntry):
        pem = entry.key.encode() if "-----BEGIN" in entry.key else read_file(entry.key)
        return KeySigner(read_public(pem))
    if isinstance(entry, _CertificateEntry):
        pem = entry.roots.encode() if "-----BEGIN" in entry.roots else read_file(entry.roots)
        return CertificateSigner(entry.certificate, read_roots(pem))
    return SigstoreSigner(entry.sigstore, entry.issuer, read_file(entry.trusted_root))


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


class OneKeyOnce(yaml.SafeLoader):
    """YAML that refuses a key twice: of two signers or limits of one name the second would silently be believed."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is a word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} is given twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)
