"""Whom to believe, and what stays hidden: keys, pseudonyms, seals, tokens, policy decisions.

Enters: bytes and nouns. Leaves: verified values, ciphertext, or a refusal with its reason. Refuses: files,
sockets and a default of "yes". Everything here is pure but for the randomness it is handed.
"""
