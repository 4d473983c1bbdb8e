"""The model held against records, mechanism by mechanism."""
