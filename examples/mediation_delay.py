"""Does it matter how soon a mediator comes? From the question to the figure, with the Python interface alone."""

from __future__ import annotations

from pathlib import Path

from experiments import compare, load, simulate, sweep

SIZE = {"replicates": 300, "horizon_days": 120, "citizens": 100}


def main(directory: str | Path = "outputs/mediation_delay", **settings: int | str) -> None:
    """Simulate crises without a mediator and with one that comes sooner or later, and draw what the delay changes."""
    place = Path(directory)
    size = {**SIZE, **settings}
    delays = {"grid": {"mediation.delay": [0, 5, 10, 20, 30, 45, 60]}}

    simulate(scenario="tovuz_2020", mediation="none", directory=place / "alone", **size)
    sweep("mediation=formulation", design=delays, scenario="tovuz_2020", directory=place / "delayed", **size)

    curve = compare(place / "delayed", by=["mediation.delay"], metrics=["restricted_days_to_calm", "calm"])
    curve.save(place / "curve")
    against = compare(
        [place / "alone", place / "delayed"],
        by=["mediation.present", "mediation.delay"],
        metrics=["restricted_days_to_calm"],
        figures=False,
    )

    for arm in against.summary.iter_rows(named=True):
        gain = "" if arm["difference"] is None else f", {arm['difference']:+.1f}"
        if arm["difference_low"] is not None:  # none where the difference did not vary
            gain += f" [{arm['difference_low']:+.1f}, {arm['difference_high']:+.1f}]"
        print(f"{arm['arm']}: {arm['value']:.1f} days to calm{gain}")
    delayed = load(place / "delayed")
    print(f"{delayed.outcomes.height:,} crises; figure in {place / 'curve' / 'response_restricted_days_to_calm.png'}")


if __name__ == "__main__":
    main()
