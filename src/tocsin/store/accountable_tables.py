"""Accountable matching: commitments before a session, challenges, openings."""
