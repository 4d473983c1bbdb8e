"""Effects of parameters: each mechanism switched off, and every number of the agents and of talks at its ends.

A mechanism is every parameter with an off position, on both sides together; one that changes nothing in any of the base
scenarios is either dead code or never exercised; both deserve to be seen, so it is flagged. Of the numbers, theory
expects signs: ``conf/evidence/expected_signs.csv`` holds them and the settings in which they act. Each is set to both
ends of its range, on both sides, for all allies or for all mediators together, under the same luck.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from experiments.claims.catalogue import laid_over
from experiments.config.yaml_files import read_text, read_tree
from experiments.files import shipped_rows
from experiments.statistics.arms import Sample
from experiments.statistics.contrasts import Contrast, paired
from experiments.statistics.metrics import Kind, Metric, calm_before_war, observed_days
from experiments.statistics.vocabulary import EARLY_DAY, LIMITED_WAR_OR_WORSE
from experiments.targets.readings import outcome_frame
from experiments.targets.targets import scenario_named
from sim.engine.lanes import Points, coded
from sim.ensemble import Settings, simulate_chunks
from sim.outputs.outcomes import Outcomes
from sim.outputs.trajectories import TRACKED
from sim.scenario import Parameter, Scenario, parameters

HORIZON = 120
CITIZENS = 200
SETTINGS = read_tree(read_text(Path(__file__).with_name("settings.yaml")), Path("settings.yaml"))

AVERAGED = ("attitude", "approval", "trust")
"""Means over days and sides, of the replicates whose path is kept."""
MEASURES: dict[str, tuple[Kind, pl.Expr]] = {
    "risk": ("probability", pl.col("severity").is_in(LIMITED_WAR_OR_WORSE)),
    "log_deaths": ("mean", (pl.col("deaths_a") + pl.col("deaths_b")).log1p()),
    "days_hot": ("mean", pl.col("days_hot")),
    "days_to_calm": ("mean", calm_before_war(()).fill_null(observed_days(HORIZON)).clip(0, observed_days(HORIZON))),
    "agreements": ("mean", pl.col("agreements")),
    **{
        name: ("mean", pl.mean_horizontal(f"{name}_a", f"{name}_b"))
        for name in ("min_approval", "max_protest", *AVERAGED, "audience_cost", "step_down_penalty")
    },
    "leader_falls": ("mean", pl.col("leader_falls_a") + pl.col("leader_falls_b")),
    "ally_support": ("mean", pl.col("ally_support")),
}
"""Outcomes compared between a base scenario and the same with a mechanism switched off."""
COURSE = ("risk", "log_deaths", "days_hot", "days_to_calm", "agreements", "ally_support")
POLITICS = tuple(name for name in MEASURES if name not in COURSE)
FOLLOWED = tuple(f"{name}_{side}" for name in AVERAGED for side in "ab")


def mechanism_name(path: str) -> str:
    """The name under which a parameter's sides, allies or mediators are taken together."""
    name = re.sub(r"^(government|public)\.[ab]\.", r"\1.", path)
    name = re.sub(r"_[ab]$", "", name)
    name = re.sub(r"^alliance\.(first|second|third)\.", "alliance.ally.", name)
    name = re.sub(r"^alliance\.tie_\d+$", "alliance.ties", name)
    return re.sub(r"^mediation\.(second|third)\.", "mediation.", name)


def taken_together(kept: Callable[[str, Parameter], bool]) -> dict[str, list[str]]:
    """Parameters that a condition on path and parameter keeps: :func:`mechanism_name` -> paths, as declared."""
    grouped: dict[str, list[str]] = {}
    for path, parameter in parameters().items():
        if kept(path, parameter):
            grouped.setdefault(mechanism_name(path), []).append(path)
    return grouped


def mechanisms() -> dict[str, list[str]]:
    """Every mechanism of the model with an off position -> the paths that are switched off together."""
    return taken_together(lambda _, parameter: can_be_off(parameter))


def can_be_off(parameter: Parameter) -> bool:
    """Whether a parameter has an off position, and within its own range."""
    if parameter.neutral is None or parameter.kind == "choice":
        return parameter.neutral is not None
    return parameter.low <= float(parameter.neutral) <= parameter.high


def _declared(name: str) -> dict[str, float | str]:
    return laid_over(SETTINGS["mechanisms"][name], ())


def bases() -> dict[str, Scenario]:
    """The scenarios mechanisms are switched off in, each of which gives some of them something to do."""
    busy = scenario_named("tovuz_2020", "talks=hotline", "mediation=manipulation")
    alone = scenario_named("tovuz_2020", "talks=hotline", "mediation=none")
    grave, talkative, channels = (_declared(name) for name in ("grave crisis", "direct talks", "busy channels"))
    return {
        "baseline": scenario_named("tovuz_2020"),
        "grave crisis": busy.replaced(grave),
        "direct talks": alone.replaced(talkative),
        "everything on": everything_on(busy.replaced(talkative)),
        "eventful crisis": eventful_crises()["mediated"].replaced(channels),
    }


def eventful_crises() -> dict[str, Scenario]:
    """An eventful crisis between the sides alone, with a hotline, and the same with two mediators."""
    alone, mediated = _declared("eventful"), _declared("mediated")
    return {
        "alone": scenario_named("tovuz_2020", "talks=hotline", "mediation=none").replaced(alone),
        "mediated": scenario_named("tovuz_2020", "talks=hotline", "mediation=manipulation").replaced(alone | mediated),
    }


def everything_on(scenario: Scenario) -> Scenario:
    """The scenario with every mechanism that rests at its off position moved a quarter of the way from it.

    A few that would have no effect there take the values of ``switched on`` in the settings.
    """
    values, on = scenario.values(), SETTINGS["mechanisms"]["switched on"]
    idle = {
        path: parameter
        for path, parameter in parameters().items()
        if can_be_off(parameter) and values[path] == parameter.neutral
    }
    return scenario.replaced({path: on.get(path, away_from_neutral(item)) for path, item in idle.items()})


def away_from_neutral(parameter: Parameter) -> float | int | str:
    """A value that switches a mechanism on: another form, or a quarter of the way to the far end of the range."""
    if parameter.kind == "choice":
        return next(option for option in parameter.options if option != parameter.neutral)
    assert parameter.neutral is not None  # a mechanism has a null
    off = float(parameter.neutral)
    far = parameter.high if parameter.high - off >= off - parameter.low else parameter.low
    value = off + 0.25 * (far - off)
    if parameter.kind == "int":
        return int(np.clip(np.ceil(value) if far > off else np.floor(value), parameter.low, parameter.high))
    return value


def switch_off_points(scenario: Scenario, switched: Mapping[str, Sequence[str]]) -> Points:
    """Point 0 is the scenario itself, point k the same with mechanism k - 1 at its off position."""
    known, values = parameters(), scenario.values()
    columns = {}
    for number, paths in enumerate(switched.values(), start=1):
        for path in paths:
            columns[path] = np.full(len(switched) + 1, coded(known[path], values[path]))
            columns[path][number] = coded(known[path], known[path].neutral)
    return Points.cross(scenario, np.zeros(len(switched) + 1, int), columns)


def effects_of_mechanisms(
    scenario: Scenario,
    replicates: int,
    seed: int = 1,
    citizens: int = CITIZENS,
    switched: Mapping[str, Sequence[str]] | None = None,
) -> pl.DataFrame:
    """Effects of switching each mechanism off, under the same luck, a row a mechanism.

    Columns: ``mechanism, idle`` (already off here), ``changed`` (share of crises of which any outcome differs), and for
    each measure ``<name>, <name>_low, <name>_high``: off minus on.
    """
    switched, values = switched or mechanisms(), scenario.values()
    on, *off = lanes_by_point(switch_off_points(scenario, switched), replicates, seed, HORIZON, citizens)
    rows = []
    for (name, paths), lanes in zip(switched.items(), off, strict=True):
        idle = all(values[path] == parameters()[path].neutral for path in paths)
        rows.append({"mechanism": name, "idle": idle, "changed": changed_share(lanes, on)})
        for measure, (kind, value) in MEASURES.items():
            effect = difference_in(value, kind, lanes, on)
            rows[-1] |= {measure: effect.difference, f"{measure}_low": effect.low, f"{measure}_high": effect.high}
    return pl.DataFrame(rows)


def lanes_by_point(points: Points, replicates: int, seed: int, horizon: int, citizens: int) -> list[pl.DataFrame]:
    """Outcomes of each point by replicate, with the followed quantities' means, null where the path was not kept."""
    settings = Settings(seed=seed, horizon_days=horizon, citizens=citizens, trajectories=True)
    parts = [_with_means(part) for part in simulate_chunks(points, replicates, settings)]
    return pl.concat(parts).sort("point", "replicate").partition_by("point", maintain_order=True)


def _with_means(part: Outcomes) -> pl.DataFrame:
    assert part.trajectories is not None
    kept = part.trajectories.kept
    where = [list(TRACKED).index(name) for name in FOLLOWED]
    means = np.array([path[:, where].mean(axis=0, dtype=float) for path in kept.values()]).reshape(-1, len(FOLLOWED))
    keys = pl.DataFrame(np.array(list(kept), np.int32).reshape(-1, 2), schema=["point", "replicate"])
    followed = keys.hstack(pl.DataFrame(means, schema=FOLLOWED))
    return outcome_frame(part).join(followed, on=["point", "replicate"], how="left")


def difference_in(value: pl.Expr, kind: Kind, first: pl.DataFrame, second: pl.DataFrame) -> Contrast:
    """A value in the first lanes minus the same in the second, matched by row."""

    def sample(lanes: pl.DataFrame) -> Sample:
        numbers = lanes.select(value.cast(pl.Float64)).to_series().to_numpy()
        return Sample.of(numbers, np.arange(len(numbers)), len(numbers))

    return paired(sample(first), sample(second), Metric("", "", value, kind))


def changed_share(first: pl.DataFrame, second: pl.DataFrame) -> float:
    """Share of lanes, matched by row, that differ in any outcome at all."""
    names = set(first.columns) - {"point", "replicate", "luck"}
    return float(np.any([first[name].ne_missing(second[name]).to_numpy() for name in names], axis=0).mean())


def dead_mechanisms(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Mechanisms that change no crisis in any base scenario."""
    together = pl.concat([table.select("mechanism", "changed") for table in tables.values()])
    most = together.group_by("mechanism", maintain_order=True).max()
    return most.filter(pl.col("changed") == 0)["mechanism"].to_list()


# -- signs -------------------------------------------------------------------------------------------------------------

GROUPS = ("public", "government", "talks", "mediation", "alliance")
SIGNS_HORIZON, SIGNS_CITIZENS = 76, 64
OUTCOMES: dict[str, tuple[Kind, pl.Expr]] = {
    **MEASURES,
    "days_heavy": ("mean", pl.col("days_heavy")),
    "calm_14": ("probability", (pl.col("days_to_calm") <= EARLY_DAY).fill_null(False)),
    "collapses": ("mean", pl.col("collapses")),
}
"""Outcome -> how it is put together, and its value a crisis."""
SPECIAL = SETTINGS["signs"]
"""Setting -> the eventful crisis it rests on (``base``), its ``meaning``, and the ``values`` it changes there."""
HARM = SETTINGS["harm"]
"""Setting -> its ``meaning``, the ``values`` it changes in the eventful crisis with two mediators, the ``levers`` that
might harm there and why each does or cannot, and the lower end (``start``) of those that do not begin at their range's."""


def sign_settings() -> dict[str, Scenario]:
    """The scenarios in which parameters are tried: both eventful crises, and those of :data:`SPECIAL`."""
    eventful = eventful_crises()
    return eventful | {
        name: eventful[setting["base"]].replaced(laid_over(setting["values"], ())) for name, setting in SPECIAL.items()
    }


@dataclass(frozen=True)
class Expectation:
    """What theory says of one parameter: ``sign`` is ``+``, ``-``, or ``±`` where either is argued.

    ``base`` is the setting in which it is tried, see :func:`sign_settings`; ``start`` the lower end, where that is not
    the lower end of the range (a null that is no small amount of the thing).
    """

    parameter: str
    base: str
    outcome: str
    sign: str
    source: str
    start: str


def expectations() -> list[Expectation]:
    """The shipped expectations, one for every number of the groups; ValueError where one is missing or unknown."""
    expected = [Expectation(**row) for row in shipped_rows("evidence/expected_signs.csv")]
    named = Counter(item.parameter for item in expected)
    named.subtract(list(numbers()))
    if wrong := sorted(name for name, count in named.items() if count):
        raise ValueError(f"expected_signs.csv: {wrong[0]} is missing, unknown or given twice")
    return expected


def numbers() -> dict[str, list[str]]:
    """Every numeric parameter of the groups by its shared name, with the paths that belong to it."""
    return taken_together(
        lambda path, parameter: parameter.is_number and path.split(".")[0] in GROUPS and not path.endswith("luck_slot")
    )


def sign_tests(base: str, replicates: int, seed: int = 1) -> pl.DataFrame:
    """Effects of the parameters tried in one setting, see :func:`effects_of_ends`."""
    expected = [item for item in expectations() if item.base == base]
    return effects_of_ends(expected, sign_settings()[base], replicates, seed)


def effects_of_ends(
    expected: Sequence[Expectation], scenario: Scenario, replicates: int, seed: int = 1
) -> pl.DataFrame:
    """Effects of parameters from end to end of their ranges, in one scenario, under the same luck, a row a parameter.

    Columns: ``parameter, base, outcome, sign, source, changed`` (share of crises of which any outcome differs), ``effect,
    low, high`` (upper end minus lower end) and ``verdict``.
    """
    paths, known, values = numbers(), parameters(), scenario.values()
    columns: dict[str, np.ndarray] = {}
    for number, item in enumerate(expected):
        for path in paths[item.parameter]:
            column = columns.setdefault(path, np.full(2 * len(expected), coded(known[path], values[path])))
            column[2 * number : 2 * number + 2] = float(item.start or known[path].low), known[path].high
    points = Points.cross(scenario, np.zeros(2 * len(expected), int), columns)
    lanes = lanes_by_point(points, replicates, seed, SIGNS_HORIZON, SIGNS_CITIZENS)
    rows = []
    for item, low, high in zip(expected, lanes[::2], lanes[1::2], strict=True):
        kind, value = OUTCOMES[item.outcome]
        effect, changed = difference_in(value, kind, high, low), changed_share(high, low)
        row = {**vars(item), "changed": changed, "effect": effect.difference, "low": effect.low, "high": effect.high}
        rows.append({**row, "verdict": verdict(item.sign, changed, effect.low, effect.high)})
    return pl.DataFrame(rows).drop("start")


def verdict(sign: str, changed: float, low: float, high: float) -> str:
    """Whether an effect with its interval has the sign expected.

    ``as expected``, ``against``, ``either`` (told from none where both signs are argued), ``no sign`` (not told from
    none) or ``inert`` (no crisis differs).
    """
    if changed == 0:
        return "inert"
    if not (low > 0 or high < 0):
        return "no sign"
    if sign == "±":
        return "either"
    return "as expected" if (low > 0) == (sign == "+") else "against"


def harm(replicates: int, seed: int = 1) -> pl.DataFrame:
    """Effects on heavy days of every lever, upper end minus lower end: columns as in :func:`effects_of_ends`.

    ``verdict`` is ``harms`` or ``helps`` where the interval leaves out 0, else ``neither``. A model in which every lever
    helps by construction proves nothing about mediation, see decision 30.
    """
    base, tables = eventful_crises()["mediated"], []
    for name, setting in HARM.items():
        expected = [
            Expectation(f"mediation.{lever}", name, "days_heavy", "+", why, setting.get("start", {}).get(lever, ""))
            for lever, why in setting["levers"].items()
        ]
        tables.append(effects_of_ends(expected, base.replaced(laid_over(setting["values"], ())), replicates, seed))
    verdict = pl.when(pl.col("low") > 0).then(pl.lit("harms")).when(pl.col("high") < 0).then(pl.lit("helps"))
    return pl.concat(tables).with_columns(verdict=verdict.otherwise(pl.lit("neither")))
