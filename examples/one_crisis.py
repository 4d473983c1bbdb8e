"""One crisis as an ordinary Mesa model: step it, look at its agents, read its data collector."""

from sim import Crisis, Scenario
from sim.agents.government import Government


def main(days: int = 30) -> None:
    """Follow one crisis and print what both governments did."""
    scenario = Scenario().replaced({"mediation.present": 1, "mediation.delay": 3, "dyad.start_rung_b": 6})
    crisis = Crisis(scenario, seed=1, replicate=17, citizens=300)
    for _ in range(days):
        crisis.step()
    for government in crisis.agents_by_type[Government]:
        print(
            f"side {government.side}: rung {government.plain('rung')}, trust {government.plain('trust'):.2f}, "
            f"deaths {government.plain('deaths')}"
        )
    history = crisis.datacollector.get_agenttype_vars_dataframe(Government)
    print(history.groupby("side")["fought"].agg(["mean", "max"]))


if __name__ == "__main__":
    main()
