"""Two arms as a library user would compare them: the same replicates meet the same luck, so differences are paired."""

import numpy as np

from sim import Scenario, simulate
from sim.ensemble import Settings


def main(replicates: int = 200) -> None:
    """Print how much sooner calm comes with a mediator, crisis by crisis."""
    alone = Scenario()
    mediated = alone.replaced({"mediation.present": 1, "mediation.delay": 2})
    lanes = simulate([alone, mediated], replicates, Settings(citizens=100)).lanes
    day = np.where(lanes["days_to_calm"] < 0, 120, lanes["days_to_calm"])
    first, second = (day[lanes["point"] == point] for point in (0, 1))
    difference = second - first
    error = difference.std(ddof=1) / np.sqrt(replicates)
    print(f"days to calm, at most 120: {first.mean():.1f} alone, {second.mean():.1f} mediated")
    print(f"paired difference: {difference.mean():.1f} +- {1.96 * error:.1f}")


if __name__ == "__main__":
    main()
