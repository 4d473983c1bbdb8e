"""A study's directory: files, tables, resuming, integrity, identity, results."""
