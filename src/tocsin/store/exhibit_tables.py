"""Exhibits, every hand they went through, and holds on them."""
