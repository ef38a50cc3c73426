"""Sessions of matching between nodes: what is kept to go on after a stop."""
