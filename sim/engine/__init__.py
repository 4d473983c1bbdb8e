"""Lanes, random streams, distributions, and arithmetic that does not depend on company."""
