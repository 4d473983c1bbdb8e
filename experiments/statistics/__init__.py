"""Statistics on outcome tables: tables of `Arm`s or arrays, with an interval and a Monte Carlo error in every row."""
