"""Compute, and patrol of what is admitted to a platform."""
