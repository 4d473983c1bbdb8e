"""Which policy, robustly: search over levers, regret over states of the world, discovery of where it goes wrong."""
