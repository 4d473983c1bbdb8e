"""The coded crises side by side."""
