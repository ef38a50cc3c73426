"""Uplift studies: does a model help a novice more than an ordinary search does?

Enters: a study, fixed before anybody takes part; levels that blinded graders gave. Leaves: how many participants it
takes, who goes into which arm, and the odds ratio with its interval against a line. Refuses: to start a study that can
tell nothing, unless the reason is written down; an analysis other than the registered one; names of participants.
"""
