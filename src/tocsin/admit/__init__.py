"""Who may use what: access decisions under a release decision, end users by evidence, compute, patrol.

Enters: a question of access with what is known of who asks. Leaves: yes or no, its reasons, what would change it, and
obligations. Refuses: whatever the release decision forbids, whoever asks; and who somebody is by birth as a criterion.
"""
