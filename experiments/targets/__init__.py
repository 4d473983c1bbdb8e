"""The records that the model is held against, and how they are read."""
