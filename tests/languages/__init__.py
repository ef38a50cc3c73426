"""What is measured of each language, on sentences that nobody wrote for the purpose. `python -m tests.languages`."""
