"""What lies beside the weights: configurations, tokenizers, chat templates, notebooks, requirements, code, cards.

Enters: small text files and pieces of larger ones. Leaves: findings, facts, and templates as pieces of their own.
Refuses: to import, render or run any of it; a file it cannot read as one reader would is inconclusive, never clean.
"""
