"""The model held against records: tuning targets, headline checks, and what each mechanism does.

Nothing here is fitted (see :mod:`experiments.tuning`); the tables only say where the model stands.
"""
