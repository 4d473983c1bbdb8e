"""Figures for print and screen: each function takes plain tables and returns a `Drawing`, a figure with its words."""
