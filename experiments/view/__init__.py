"""The crisis in the browser: levers, distributions, one crisis day by day, and finished studies."""
