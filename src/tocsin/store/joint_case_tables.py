"""Joint cases: what each party said, in order."""
