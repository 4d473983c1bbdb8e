"""The Mesa agents: governments, publics, allies and mediators, one kind a file."""
