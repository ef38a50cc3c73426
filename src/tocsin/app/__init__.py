"""Where the rooms are joined: a node, its settings, its jobs, and the one page of extension points.

Enters: a data folder and nouns from the doors. Leaves: nouns to the doors. Refuses: work that no caller may ask for.
"""
