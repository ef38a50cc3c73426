"""May this artefact be used? Whether those who must sign it have signed exactly these bytes, by the policy given.

Enters: a path, signatures and attestations as bytes, a policy, a moment. Leaves: `Accepted` or `Refused` with reasons.
Nothing configured means refuse. No network, ever.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import msgspec

from tocsin.assure.examining import finding
from tocsin.assure.provenance.attestations import meets, recent, speaks_of
from tocsin.assure.provenance.signed_files import Hashed, Moved, Tree, hash_tree, survey, tree_digest, under
from tocsin.kernel import BadInput
from tocsin.kernel.artefacts import ArtefactVerdict, Finding
from tocsin.trust.certificates import Doubted
from tocsin.trust.signers import Made, made_by
from tocsin.trust.signing_policy import SigningPolicy, SigningRule
from tocsin.trust.sigstore_bundles import NoLibrary
from tocsin.wire.dsse import IN_TOTO_TYPE
from tocsin.wire.in_toto import Statement, parse_statement
from tocsin.wire.model_bundle import Bundle, parse_bundle
from tocsin.wire.model_signature import GIT_PATHS, Manifest, Stretch, manifest_of

MAX_SIGNATURES = 32
"""Bundles and attestations given at once; every signer of every rule is tried on each."""

MAX_TOLD = 20
"""Files of one kind of reason that are named; a whole swapped folder is not listed line by line."""


class Accepted(msgspec.Struct, frozen=True, tag="accepted", tag_field="verdict"):
    """Every rule that fits is satisfied. `files` are sha256 by path, `digest` is of them all; `notes` only tell."""

    name: str
    digest: str
    signers: tuple[str, ...]
    files: dict[str, str]
    notes: tuple[Finding, ...] = ()


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="verdict"):
    """It may not be used. Each reason is a rule's (`taxonomy.artefact_rules`), which says what to do."""

    name: str
    reasons: tuple[Finding, ...]

    @property
    def unknown(self) -> bool:
        """Nothing speaks against it, and something could not be checked: no answer, and so no."""
        return all(
            one.verdict in (ArtefactVerdict.NOT_EXAMINED, ArtefactVerdict.INCONCLUSIVE)
            for one in self.reasons
        )


class Given(msgspec.Struct, frozen=True):
    """What is to be judged besides the files: bytes by the name they are told by, for messages."""

    signatures: Mapping[str, bytes] = {}
    attestations: Mapping[str, bytes] = {}


class _Claim(msgspec.Struct, frozen=True):
    told: str
    bundle: Bundle
    statement: Statement
    manifest: Manifest | None


class _Refusal(Exception):
    def __init__(self, *reasons: Finding) -> None:
        super().__init__()
        self.reasons = reasons


def verify(
    path: Path,
    given: Given,
    policy: SigningPolicy | None,
    *,
    at: datetime,
    name: str | None = None,
    without: Collection[str] = (),
    known: Mapping[str, str] | None = None,
) -> Accepted | Refused:
    """Judge the artefact at `path`, called `name` (its own last name otherwise), as of `at`.

    `without` are paths inside it of the signatures and attestations themselves. `known` are sha256 by path that the
    caller has just taken of it, so that a large file is read once where the signature is by whole files and sha256.

    1. Rules of the policy fit the name. 2. Each signature can be read and describes a model. 3. For each rule, enough
    of its signers made signatures that count: in their days, of this name, in the newer form, late enough. 4. The
    files are those that each counting signature lists: none missing, added, changed, linked or moving. 5. Nothing of
    it is withdrawn, and the rule lets this content pass. 6. The attestations that each rule needs are there, made by
    its signers, about exactly these bytes.

    Raises BadInput and Unavailable when there is nothing there to judge.
    """
    called = name or path.resolve().name
    tree = survey(path)
    try:
        rules = _rules(policy, called)  # 1
        assert policy is not None
        claims = _claims(given.signatures)  # 2
        judging = _Judging(policy, at, called)
        counted: dict[str, _Claim] = {}
        signers: set[str] = set()
        for rule in rules:  # 3
            names, by = judging.signed(rule, claims)
            signers.update(names)
            counted.update({one.told: one for one in by})
        files, notes = _compare(tree, tuple(counted.values()), without, known)  # 4
        digest = tree_digest(files)
        _content(rules, policy, files, digest)  # 5
        attested = _attested(given.attestations)
        for rule in rules:  # 6
            judging.attested(rule, attested, files)
    except _Refusal as refusal:
        return Refused(called, refusal.reasons)
    return Accepted(called, digest, tuple(sorted(signers)), files, notes)


def _rules(policy: SigningPolicy | None, name: str) -> tuple[SigningRule, ...]:
    rules = policy.for_name(name) if policy is not None else ()
    if not rules:
        raise _Refusal(finding("provenance.no-rule", name, name=name))
    return rules


def _claims(signatures: Mapping[str, bytes]) -> list[_Claim]:
    if not signatures:
        raise _Refusal(finding("provenance.unsigned", "", name="it"))
    found = [_read(told, data, "provenance.unreadable") for told, data in _few(signatures)]
    claims = []
    for told, bundle, statement in found:
        try:
            claims.append(_Claim(told, bundle, statement, manifest_of(statement)))
        except BadInput as error:
            raise _Refusal(finding("provenance.wrong-content", told, reason=error.message)) from None
    return claims


def _attested(attestations: Mapping[str, bytes]) -> list[_Claim]:
    rule = "provenance.attestation-unreadable"
    return [_Claim(*_read(told, data, rule), None) for told, data in _few(attestations)]


def _few(given: Mapping[str, bytes]) -> Sequence[tuple[str, bytes]]:
    if len(given) > MAX_SIGNATURES:
        raise BadInput(
            f"{len(given)} signatures or attestations were given; at most {MAX_SIGNATURES} are read"
        )
    return sorted(given.items())


def _read(told: str, data: bytes, rule: str) -> tuple[str, Bundle, Statement]:
    try:
        bundle = parse_bundle(data)
        if bundle.envelope.payload_type != IN_TOTO_TYPE:
            raise _Refusal(
                finding(
                    rule, told, reason=f"it carries {bundle.envelope.payload_type[:60]!r}, not {IN_TOTO_TYPE}"
                )
            )
        return told, bundle, parse_statement(bundle.envelope.payload)
    except BadInput as error:
        raise _Refusal(finding(rule, told, reason=error.message)) from None


class _Judging:
    """One policy at one moment. Each signature is tried once with each signer, however many rules name them."""

    def __init__(self, policy: SigningPolicy, at: datetime, name: str) -> None:
        self._policy = policy
        self._at = at
        self._name = name
        self._tried: dict[tuple[str, str], Made | Doubted] = {}

    def signed(self, rule: SigningRule, claims: Sequence[_Claim]) -> tuple[set[str], list[_Claim]]:
        """The names of signers that count for a rule, and their claims. Raises _Refusal with why there are too few."""
        by: dict[str, tuple[str, _Claim]] = {}
        doubts: list[Finding] = []
        for claim in claims:
            holding, doubted = self._holding(rule, claim)
            doubts += doubted
            by.update({who: (signer, claim) for who, signer in holding.items()})
        if len(by) < rule.threshold:
            unchecked = [one for one in doubts if one.rule == "provenance.no-library"]
            few = finding("provenance.too-few", self._name, got=len(by), needed=rule.threshold)
            raise _Refusal(*_once(unchecked or [few, *doubts]))
        return {signer for signer, _ in by.values()}, [claim for _, claim in by.values()]

    def attested(self, rule: SigningRule, claims: Sequence[_Claim], files: Mapping[str, str]) -> None:
        """Raises _Refusal unless every attestation that the rule needs is there."""
        for needed in rule.attestations:
            who = {
                made.who
                for claim in claims
                if claim.statement.predicate_type == needed.predicate
                and speaks_of(claim.statement, files)
                and meets(claim.statement, needed.where)
                and recent(claim.statement, self._at, timedelta(days=needed.max_age_days))
                for signer in needed.signers
                if isinstance(made := self._try(claim, signer), Made) and self._in_days(signer, made)
            }
            if len(who) < needed.threshold:
                raise _Refusal(
                    finding(
                        "provenance.attestation-missing",
                        self._name,
                        predicate=needed.predicate,
                        got=len(who),
                        needed=needed.threshold,
                    )
                )

    def _holding(self, rule: SigningRule, claim: _Claim) -> tuple[dict[str, str], list[Finding]]:
        """Whose signature the claim is, of the rule's signers; or why it is nobody's that counts."""
        by: dict[str, str] = {}
        doubts: list[Finding] = []
        for signer in rule.signers:
            made = self._try(claim, signer)
            if isinstance(made, Doubted):
                doubts.append(finding(f"provenance.{made.code}", claim.told, reason=made.reason))
                continue
            against = self._against(rule, claim, signer, made)
            if against is not None:
                doubts.append(against)
            else:
                by[made.who] = signer
        telling = [one for one in doubts if one.rule != "provenance.unknown-signer"]
        return by, [] if by else (telling or doubts)

    def _against(self, rule: SigningRule, claim: _Claim, signer: str, made: Made) -> Finding | None:
        manifest = claim.manifest
        assert manifest is not None
        if not self._in_days(signer, made):
            return finding("provenance.out-of-days", claim.told, signer=signer)
        if (manifest.older or made.older) and not rule.unsafe_older_form:
            return finding("provenance.older-form", claim.told)
        named = manifest.name in (self._name, PurePosixPath(self._name).name)
        if not (named or rule.unsafe_any_name or rule.digests):
            return finding(
                "provenance.other-name", claim.told, signed=manifest.name or "no name", name=self._name
            )
        after = rule.signed_after
        if after is not None and (
            made.at is None or made.at < datetime(after.year, after.month, after.day, tzinfo=UTC)
        ):
            return finding("provenance.no-trusted-time", claim.told, day=after.isoformat())
        return None

    def _in_days(self, signer: str, made: Made) -> bool:
        return self._policy.signers[signer].counts(made.at or self._at)

    def _try(self, claim: _Claim, signer: str) -> Made | Doubted:
        known = (claim.told, signer)
        if known not in self._tried:
            try:
                self._tried[known] = made_by(claim.bundle, self._policy.signers[signer].proof, self._at)
            except BadInput as error:  # a certificate in the bundle, or the root in the policy
                self._tried[known] = Doubted("untrusted", error.message)
            except NoLibrary as error:
                self._tried[known] = Doubted("no-library", str(error))
        return self._tried[known]


def _compare(
    tree: Tree, claims: Sequence[_Claim], without: Collection[str], known: Mapping[str, str] | None
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """sha256 of the files that every claim lists, and what they leave out. Raises _Refusal for any difference."""
    files: dict[str, str] = {}
    notes: list[Finding] = []
    ways: dict[tuple[str, int, frozenset[str]], Hashed] = {}
    for claim in claims:
        manifest = claim.manifest
        assert manifest is not None
        left_out = {*manifest.ignored, *GIT_PATHS}
        present = {
            path: size
            for path, size in tree.files.items()
            if not under(path, left_out) and path not in without
        }
        reasons = _differences(manifest, present)
        reasons += [finding("provenance.link", path) for path in tree.links if not under(path, left_out)]
        reasons += [finding("provenance.not-a-file", path) for path in tree.odd if not under(path, left_out)]
        if reasons:
            raise _Refusal(*reasons[:MAX_TOLD])
        way = (manifest.hash_type, manifest.shard_size, frozenset(present))
        if way not in ways:
            try:
                ways[way] = _hashed(manifest, Tree(tree.root, present), known)
            except Moved as error:
                raise _Refusal(finding("provenance.file-moved", error.path)) from None
        changed = _changed(manifest, ways[way])
        if changed or not ways[way].sha256.keys() == present.keys():
            raise _Refusal(*changed[:MAX_TOLD] or (finding("provenance.file-moved", claim.told),))
        found = ways[way].sha256
        files = found if not files else {path: digest for path, digest in files.items() if path in found}
        if any(found[path] != digest for path, digest in files.items()):
            raise _Refusal(finding("provenance.file-moved", claim.told))
        notes += [
            finding("provenance.left-out", path)
            for path in sorted(tree.files)
            if path not in present and path not in without
        ]
    if not files:
        raise _Refusal(
            finding("provenance.wrong-content", "", reason="no file is covered by every signature")
        )
    return files, tuple(_once(notes)[:MAX_TOLD])


def _hashed(manifest: Manifest, tree: Tree, known: Mapping[str, str] | None) -> Hashed:
    if known is not None and (manifest.hash_type, manifest.shard_size) == ("sha256", 0):
        if not tree.files.keys() <= known.keys():
            raise Moved(min(tree.files.keys() - known.keys()))
        taken = {path: known[path] for path in tree.files}
        return Hashed(taken, {Stretch(path): digest for path, digest in taken.items()})
    return hash_tree(tree, hash_type=manifest.hash_type, shard_size=manifest.shard_size)


def _differences(manifest: Manifest, present: Mapping[str, int]) -> list[Finding]:
    listed: dict[str, int] = {}
    for one in manifest.digests:
        listed[one.path] = max(listed.get(one.path, 0), one.end)
    missing = [finding("provenance.file-missing", path) for path in sorted(listed.keys() - present.keys())]
    # the published signer lists no shard of an empty file; here it is a file that nobody signed, as any other
    added = [finding("provenance.file-added", path) for path in sorted(present.keys() - listed.keys())]
    cut = [
        finding("provenance.file-changed", path)
        for path, end in sorted(listed.items())
        if manifest.shard_size and path in present and present[path] != end
    ]
    return missing + added + cut


def _changed(manifest: Manifest, hashed: Hashed) -> list[Finding]:
    wrong = {
        stretch
        for stretch, digest in manifest.digests.items()
        if hashed.stretches.get(Stretch(stretch.path, stretch.start, stretch.end)) != digest
    }
    return [
        finding("provenance.file-changed", one.path, offset=one.start if manifest.shard_size else None)
        for one in sorted(wrong)
    ]


def _content(
    rules: Sequence[SigningRule], policy: SigningPolicy, files: Mapping[str, str], digest: str
) -> None:
    for path, one in (("", digest), *files.items()):
        if one in policy.withdrawn:
            raise _Refusal(finding("provenance.withdrawn", path, digest=one))
    for rule in rules:
        if rule.digests and digest not in rule.digests:
            raise _Refusal(finding("provenance.other-digest", "", digest=digest))


def _once(findings: Sequence[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for one in findings:
        if one not in kept:
            kept.append(one)
    return kept
