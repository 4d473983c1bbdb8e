"""The compiled loops, one for each idea."""
