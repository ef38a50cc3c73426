"""Incidents, verified packs of duties, and reports under duties."""
