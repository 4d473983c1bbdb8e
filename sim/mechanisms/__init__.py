"""What happens between the agents: incidents, combat, reports, talks, agreements."""
