"""P15: is calm possible without mediators? N in both arms, over inertia, against talks, pressure and attempt rates."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from experiments.claims.arms import Arm, Changes
from experiments.claims.claim import setting
from experiments.claims.depth import drawing
from experiments.claims.depth.baseline import NO_FEAR, chosen, middling, placebo, unmediated
from experiments.claims.depth.estimates import IntervalEstimate, cells_of, estimate, estimates, resampled
from experiments.claims.depth.section import Section, tabulated, titled
from experiments.claims.measures import CALM_BY, CALM_HORIZON
from experiments.claims.store import ArmStore

INERTIA = (0.1, 0.3, 0.7, 1.5, 3.0)
EFFORTS = (0.03, 0.1, 0.25, 0.5)
HOTLINE_RATES = (0.1, 0.3, 1.0)
PRESSURES = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)
COVERS = (0.0, 0.5, 1.0)
RARE, UNLIKELY = 0.10, 0.25
WINDOWS = (0.0, 0.5, 1.0)
FACTORS: dict[str, dict[object, str | Changes]] = {
    "mediation": {
        "no mediator": {},
        "placebo": "mediation=placebo",
        "its own mediators": "mediation=russia_2020",
    },
    "talks": {"no direct talks": {}, "hotline": "talks=hotline"},
    "charge": {
        "no charge for weakness": {**setting(0.0, "public.?.weakness"), **setting(0.0, "public.?.framing")},
        "charge for weakness": {**setting(2.0, "public.?.weakness"), **setting(0.5, "public.?.framing")},
    },
    "domestic_weight": {weight: setting(weight, "government.?.domestic_weight") for weight in (2.5, 5.0, 8.0)},
}
"""Factor -> level -> a choice of a group, or changes."""
BARE_CHANNEL = "bare channel, as secret as a hotline"
CALM = f"calm begun by day {CALM_BY}"


def _arm(changes: Changes, watch: str = "") -> Arm:
    return unmediated(changes, horizon=CALM_HORIZON, watch=watch)


@cache
def necessity_arms() -> dict[str, Arm]:
    """The arms in which no mediator acts, and for comparison those in which one does."""
    return {
        "article arm: no mediator, no direct talks, no fear of allies": _arm(NO_FEAR),
        "no mediator, no direct talks": _arm({}),
        "policy arm: no mediator": _arm(chosen("talks=hotline")),
        "its own mediators": _arm(chosen("talks=hotline", "mediation=russia_2020")),
    }


@cache
def inertia_arms() -> dict[tuple[str, float, float], Arm]:
    """Arm, cost of a step up, cost of a step down."""
    kinds: dict[str, Changes] = {"article arm": NO_FEAR, "policy arm": chosen("talks=hotline")}
    return {
        (name, up, down): _arm(
            {**kinds[name], **setting(up, "government.?.step_up"), **setting(down, "government.?.step_down")}
        )
        for name, up, down in product(kinds, INERTIA, INERTIA)
    }


@cache
def factorial_arms() -> dict[tuple, Arm]:
    """Every combination of the levels of all factors."""

    def changes(levels: tuple) -> dict[str, float | str]:
        laid: dict[str, float | str] = {}
        for factor, level in zip(FACTORS.values(), levels, strict=True):
            what = factor[level]
            laid |= chosen(what) if isinstance(what, str) else what
        return laid

    return {levels: _arm(changes(levels)) for levels in product(*FACTORS.values())}


@cache
def rate_arms() -> dict[tuple[str, float], Arm]:
    """Channel, how often it tries: direct talks attempt at their rate times trust, a mediator at its effort."""
    mediated = {("mediator", effort): _arm(middling(effort)) for effort in EFFORTS}
    bare = {(BARE_CHANNEL, effort): _arm(placebo(effort, secrecy=0.5)) for effort in EFFORTS}
    return mediated | bare | {("hotline", rate): _arm(_hotline(rate)) for rate in HOTLINE_RATES}


@cache
def attempt_arms() -> dict[float, Arm]:
    """How often direct talks are attempted."""
    return {rate: _arm(_hotline(rate), "direct_attempts") for rate in HOTLINE_RATES}


def _hotline(rate: float) -> dict[str, float | str]:
    return {**chosen("talks=hotline"), "talks.rate": rate}


@cache
def window_arms() -> dict[tuple[str, float], Arm]:
    """Channel, how far the cost of an agreed descent is spread; that of a unilateral one falls due at once."""
    kinds: dict[str, Changes] = {
        "nobody": {},
        "hotline": chosen("talks=hotline"),
        BARE_CHANNEL: placebo(secrecy=0.5),
        "middling mediator": middling(),
    }
    return {
        (name, window): _arm({**NO_FEAR, **kinds[name], "talks.descent_window": window})
        for name, window in product(kinds, WINDOWS)
    }


@cache
def boundary_arms() -> dict[tuple[str, float], Arm]:
    """Nobody, or a mediator who lends more or less cover; the weight of approval."""
    kinds: dict[str, Changes] = {"nobody": {}, **{f"cover {cover:g}": middling(cover=cover) for cover in COVERS}}
    return {
        (name, weight): _arm({**NO_FEAR, **kinds[name], **setting(weight, "government.?.domestic_weight")})
        for name, weight in product(kinds, PRESSURES)
    }


def arms() -> list[Arm]:
    """Everything this needs."""
    groups = (
        *(necessity_arms(), inertia_arms(), factorial_arms(), rate_arms(), attempt_arms(), window_arms()),
        boundary_arms(),
    )
    return [arm for group in groups for arm in group.values()]


def necessity(store: ArmStore) -> Section:
    """How often calm comes without mediators."""
    means, tacit = (estimates(store, necessity_arms(), name) for name in ("calm", "tacit_calm"))
    return Section(
        f"N = {next(iter(means.values())).with_draws} in the article arm",
        titled(
            "How often calm comes without mediators",
            f"N is the chance that a calm of fourteen days begins by day {CALM_BY}.",
            ["arm", "N", "of these without any agreement"],
            [(name, each.with_draws, tacit[name]) for name, each in means.items()],
        ),
        {"n": drawing.intervals(means, CALM, "Calm with and without mediators")},
        {"n": tabulated("arm", means)},
    )


def inertia(store: ArmStore) -> Section:
    """The same over the costs of stepping."""
    means = estimates(store, inertia_arms(), "calm")
    grids = {
        name: np.array([[means[name, up, down].mean for up in INERTIA] for down in INERTIA])
        for name in dict.fromkeys(key[0] for key in means)
    }
    ends = "; ".join(f"{name} from {grid.min():.2f} to {grid.max():.2f}" for name, grid in grids.items())
    return Section(
        "",
        titled(
            "Over the inertia map",
            "The same over the cost of a step up and of a step down, each from "
            f"{INERTIA[0]:g} to {INERTIA[-1]:g}: {ends}. Where both cost the same:",
            ["cost of a step", *grids],
            [(f"{cost:g}", *(means[name, cost, cost] for name in grids)) for cost in INERTIA],
        ),
        {
            "inertia": drawing.maps(
                grids,
                ("cost of a step up", INERTIA),
                ("cost of a step down", INERTIA),
                f"Calm begun by day {CALM_BY}, over the costs of stepping",
            )
        },
        {"inertia": tabulated(("arm", "step_up", "step_down"), means)},
    )


def factorial(store: ArmStore) -> Section:
    """Effects of mediation, talks, the charge for weakness and domestic weight, and what makes mediation matter."""
    cells = cells_of(store, factorial_arms(), "calm")
    names, levels = list(FACTORS), {name: list(factor) for name, factor in FACTORS.items()}

    def mean(**fixed: object) -> np.ndarray:
        return np.mean(
            [v for key, v in cells.items() if all(key[names.index(name)] == level for name, level in fixed.items())],
            axis=0,
        )

    def change(factor: str, low: object, high: object, **fixed: object) -> np.ndarray:
        return mean(**{factor: high}, **fixed) - mean(**{factor: low}, **fixed)

    def mediators(**fixed: object) -> np.ndarray:
        return change("mediation", "no mediator", "its own mediators", **fixed)

    free, charged = levels["charge"]
    light, _, heavy = levels["domestic_weight"]
    no_talks, hotline = levels["talks"]
    effects = {
        "mediators": mediators(),
        "a placebo": change("mediation", "no mediator", "placebo"),
        "a hotline": change("talks", no_talks, hotline),
        "a hotline where there is no mediator": change("talks", no_talks, hotline, mediation="no mediator"),
        "no charge for weakness": change("charge", charged, free),
        "light instead of heavy domestic weight": change("domestic_weight", heavy, light),
        "mediators, more where weakness is charged": mediators(charge=charged) - mediators(charge=free),
        "mediators, more where domestic weight is heavy": mediators(domestic_weight=heavy)
        - mediators(domestic_weight=light),
        "mediators, more where there is a hotline": mediators(talks=hotline) - mediators(talks=no_talks),
    }
    shown = {name: estimate(effect) for name, effect in effects.items()}
    label = "difference in the chance of calm"
    return Section(
        "",
        titled(
            "Mediation, direct talks, the charge for weakness and domestic weight",
            f"All {len(cells)} combinations; effects on calm begun by day {CALM_BY}, the other factors averaged. The "
            "article expects mediators to matter more where weakness is charged and where domestic weight is heavy.",
            ["effect", label],
            [(name, each.with_draws) for name, each in shown.items()],
        ),
        {"factorial": drawing.intervals(shown, label, "What brings calm, and what makes it matter")},
        {"factorial": tabulated(names, {key: estimate(values) for key, values in cells.items()})},
    )


def rates(store: ArmStore) -> Section:
    """What channels bring at equal rates of attempts."""
    means = estimates(store, rate_arms(), "calm")
    tried = estimates(store, attempt_arms())
    attempts = {(name, rate): tried[rate].mean if name == "hotline" else rate for name, rate in means}
    lines: dict[str, dict[float, IntervalEstimate]] = {name: {} for name, _ in means}
    for key, each in means.items():
        lines[key[0]][attempts[key]] = each
    return Section(
        "",
        titled(
            "At equal rates of attempts",
            "A hotline is used more as trust grows, a mediator at its own pace. The bare channel is what two governments "
            "could do by themselves if they tried as often as a mediator does.",
            ["channel", "setting", "attempts a day while at the table", f"calm by day {CALM_BY}"],
            [
                (name, f"{rate:g} x trust" if name == "hotline" else f"{rate:g}", f"{attempts[name, rate]:.3f}", each)
                for (name, rate), each in means.items()
            ],
        ),
        {"rates": drawing.curves(lines, "attempts a day", CALM, "Channels at equal rates")},
        {"rates": tabulated(("channel", "rate"), means)},
    )


def window(store: ArmStore) -> Section:
    """What an agreed step costs."""
    means = estimates(store, window_arms(), "calm")
    names = list(dict.fromkeys(name for name, _ in means))
    return Section(
        "",
        titled(
            "What an agreed step costs",
            "A government that comes down alone pays for the step on that day; one that comes down by agreement weighs it "
            "over its planning window. How far the cost is spread over that window is assumed (1: wholly; 0: it falls due "
            "at once). Whatever is signed, by direct talks or with a mediator, gains from the spreading alike.",
            ["spread", *names],
            [(f"{spread:g}", *(means[name, spread] for name in names)) for spread in WINDOWS],
        ),
        {},
        {"window": tabulated(("arm", "descent_window"), means)},
    )


def boundary(store: ArmStore) -> Section:
    """Where calm becomes unlikely, in domestic weight and cover."""
    cells = cells_of(store, boundary_arms(), "calm")
    means = {key: estimate(values) for key, values in cells.items()}
    names = list(dict.fromkeys(name for name, _ in cells))
    rows = []
    for name in names:
        line = np.array([[cells[name, w].mean(), *resampled(cells[name, w])] for w in PRESSURES])
        rows.append((name, *(_crossing(line, level) for level in (UNLIKELY, RARE))))
    lines = {name: {weight: means[name, weight] for weight in PRESSURES} for name in names}
    return Section(
        "",
        titled(
            "The boundary in domestic weight and cover",
            f"Weight of approval at which the chance of calm by day {CALM_BY} falls below {UNLIKELY:g} and below {RARE:g}, "
            f"between {PRESSURES[0]:g} and {PRESSURES[-1]:g}, without anybody and with a mediator who lends cover.",
            ["", f"below {UNLIKELY:g}", f"below {RARE:g}"],
            rows,
        ),
        {"boundary": drawing.curves(lines, "weight of approval", CALM, "Calm under domestic pressure, by cover")},
        {"boundary": tabulated(("arm", "domestic_weight"), means)},
    )


PARTS = (necessity, inertia, factorial, rates, window, boundary)


def _crossing(line: np.ndarray, level: float) -> str:
    """Where a falling line (pressures, 1 + resamples) crosses a level, with its interval, in words."""
    at = np.array([_first_below(column, level) for column in np.minimum.accumulate(line, axis=0).T])
    if at[0] == -np.inf:
        return f"everywhere ({line[0, 0]:.2f} at {PRESSURES[0]:g})"
    if at[0] == np.inf:
        return f"nowhere ({line[-1, 0]:.2f} at {PRESSURES[-1]:g})"
    low, high = np.quantile(np.clip(at[1:], PRESSURES[0], PRESSURES[-1]), [0.025, 0.975], method="nearest")
    return f"{at[0]:.1f} [{low:.1f}, {high:.1f}]"


def _first_below(column: np.ndarray, level: float) -> float:
    """The pressure at which a falling column first is below a level, between two points along a straight line."""
    below = np.flatnonzero(column < level)
    if not below.size:
        return np.inf
    first = int(below[0])
    if first == 0:
        return -np.inf
    share = (column[first - 1] - level) / (column[first - 1] - column[first])
    return float(PRESSURES[first - 1] + share * (PRESSURES[first] - PRESSURES[first - 1]))
