"""Provenance: who stands for an artefact, and whether it may be loaded. Nothing here is imported before it is needed.

- `verifying`: signatures, attestations and a policy, judged against the bytes: `verify` gives `Accepted` or `Refused`.
- `require`: `require_clean`, the one call of a serving stack before it loads a model.
- `signing`: `sign_release`, a bundle over every file.
- `attestations`: whose bytes an attestation speaks of; our own of an inspection.
- `signed_files`: the files as a signature speaks of them, hashed while they hold still.
- `policy_file`: signers.yaml and what lies beside it.
- `bundles`: the examiner of signatures that lie among a model's files; it tells what they claim.
"""
