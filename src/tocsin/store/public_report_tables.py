"""Public reports: what came without an account, and what was said since."""
