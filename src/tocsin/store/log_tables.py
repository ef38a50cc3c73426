"""The log: entries in their order, and what peers cosigned."""
