"""Access decisions: grants, revocations, what was decided."""
