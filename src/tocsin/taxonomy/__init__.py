"""The shared language as data: conduct, phrase packs, sentences.

Enters: nothing but this package's own YAML. Leaves: frozen values with stable ids and labels by language.
Refuses: a category that is not conduct addressed to someone.
"""

from tocsin.taxonomy.conduct import Category, Refused, categories, category, refused_subject

__all__ = ["Category", "Refused", "categories", "category", "refused_subject"]
