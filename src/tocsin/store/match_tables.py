"""Sessions of matching: what was asked, consented to and spent."""
