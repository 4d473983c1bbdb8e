"""What may be held against the results, answered by runs."""
