"""Content and its provenance labels: written, read back, verified.

Enters: a file, what is to be said of it, a key. Leaves: the file with its labels, or what was found in one, by scheme.
Refuses: what it cannot write in the right order, and to call a file without a label made by a person.
"""
