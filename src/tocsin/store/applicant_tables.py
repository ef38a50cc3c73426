"""End users: verifications by evidence, their results and digests."""
