"""Counts under differential privacy: what was spent, and what was said."""
