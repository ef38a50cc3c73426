"""Labels: fingerprints of what this node labelled."""
