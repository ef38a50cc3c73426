"""Intelligence: what others came to know of components, models and files, and what of it concerns an inspection.

Enters: OSV and AVID files, hash lists, peers' records, as bytes. Leaves: `kernel.models.Intelligence`, and findings
that say what was matched and how surely. Refuses: to call a likeness of names a proof, and to guess at an order of
versions that is not published.
"""
