"""What a crisis leaves behind: outcome columns, trajectories, its story."""
