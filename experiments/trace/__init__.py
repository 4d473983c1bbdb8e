"""One crisis of a finished study, told day by day."""
