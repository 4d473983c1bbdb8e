"""The clash of July 2020 in Mesa's own view, a mediator's levers as sliders: ``solara run examples/solaraviz.py``.

Needs the extra ``mesa-view``. Sliders take effect at Reset. To compare arms under the same luck, use ``offramp view``.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("SOLARA_TELEMETRY_MIXPANEL_ENABLE", "False")  # before solara loads: nothing is reported anywhere

import solara
from mesa.visualization import Slider, SolaraViz, make_plot_component

from experiments.config.compose import composer
from sim import Crisis
from sim.scenario import parameters

with composer() as open_composer:
    SCENARIO = open_composer.compose(["scenario=tovuz_2020", "mediation=formulation"]).scenario
LEVERS = (
    "mediation.present",
    "mediation.delay",
    "mediation.effort",
    "mediation.formulation",
    "mediation.manipulation",
    "mediation.cover",
    "mediation.leverage",
    "mediation.secrecy",
    "mediation.bias",
    "mediation.enforcement",
)
REPLICATE = 1
"""The luck that is shown first: in this crisis the mediator makes a difference within a week."""


class Seen(Crisis):
    """A crisis of one lane; levers come by their dotted paths, in the keyword arguments Mesa looks for by that name."""

    def __init__(self, replicate: int = REPLICATE, citizens: int = 128, rng: Any = None, **kwargs: float) -> None:
        super().__init__(SCENARIO.replaced(kwargs), replicate=int(replicate), citizens=citizens, rng=rng)
        self.datacollector.model_reporters = {
            "side a fights at rung": lambda crisis: crisis.governments["a"].fought.item(),
            "side b fights at rung": lambda crisis: crisis.governments["b"].fought.item(),
            "approval a": lambda crisis: crisis.publics["a"].approval.item(),
            "approval b": lambda crisis: crisis.publics["b"].approval.item(),
            "protest a": lambda crisis: crisis.publics["a"].protest.item(),
            "protest b": lambda crisis: crisis.publics["b"].protest.item(),
        }
        self.datacollector.model_vars = {name: [] for name in self.datacollector.model_reporters}


def sliders() -> dict[str, Slider]:
    """A slider for each lever: name, unit and range from the schema, at first the value of the scenario's mediator."""
    made = {}
    for path in LEVERS:
        known = parameters()[path]
        step = 1 if known.kind == "int" or known.unit == "days" else 0.01
        words = path.removeprefix("mediation.") + (f" ({known.unit})" if known.unit != "1" else "")
        made[path] = Slider(words, SCENARIO.get(path), known.low, known.high, step, dtype=int if step == 1 else float)
    return made


def axis(label: str, top: float) -> Any:
    """Give an axis its label and its ends."""
    return lambda ax: ax.set(ylabel=label, ylim=(-0.02 * top, 1.02 * top))


@solara.component
def Page() -> None:
    """The view; every tab has a crisis of its own."""
    model = solara.use_memo(Seen, [])
    SolaraViz(
        model,
        components=[
            make_plot_component(["side a fights at rung", "side b fights at rung"], axis("rung", 9)),
            make_plot_component(["approval a", "approval b", "protest a", "protest b"], axis("share", 1)),
        ],
        model_params={"replicate": Slider("replicate: which luck", REPLICATE, 0, 200, 1, dtype=int), **sliders()},
        name="One crisis: a step is a day",
    )
    with solara.Card("What the levers mean"):
        for path in LEVERS:
            known = parameters()[path]
            solara.Text(f"{path}: {known.meaning} ({known.range_text}; source: {known.source})", style="display: block")
