"""Designs: points, factors, tables, sensitivity, draws from posteriors."""
