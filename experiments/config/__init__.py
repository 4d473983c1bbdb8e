"""Configuration: composing, overrides, schema, settings, and Hydra's errors in one line."""
