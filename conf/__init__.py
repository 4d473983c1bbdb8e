"""The values: Hydra configuration groups, read as data."""
