"""P15: is calm possible without mediators? N in both arms, over inertia, against talks, pressure and attempt rates."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from experiments.claims.arms import Arm, Bench, Changes
from experiments.claims.depth import drawing
from experiments.claims.depth.common import chosen, listed, middling, placebo, sides, unmediated
from experiments.claims.depth.telling import Known, Told, known, resampled, table, values
from experiments.claims.measures import CALM, CALM_BY, CALM_HORIZON, TACIT_CALM

NO_FEAR = {"alliance.shadow_weight": 0}
INERTIA = (0.1, 0.3, 0.7, 1.5, 3.0)
EFFORTS = (0.03, 0.1, 0.25, 0.5)
HOTLINE_RATES = (0.1, 0.3, 1.0)
PRESSURES = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)
COVERS = (0.0, 0.5, 1.0)
RARE, UNLIKELY = 0.10, 0.25
WINDOWS = (0.0, 0.5, 1.0)
MEDIATIONS = {"no mediator": None, "placebo": "mediation=placebo", "its own mediators": "mediation=russia_2020"}
TALKS = {"no direct talks": None, "hotline": "talks=hotline"}
CHARGES = {"no charge for weakness": 0.0, "charge for weakness": 2.0}
WEIGHTS = (2.5, 5.0, 8.0)


def _hot(changes: dict) -> Arm:
    return unmediated(changes, horizon=CALM_HORIZON)


@cache
def necessity_arms() -> dict[str, Arm]:
    """The arms in which no mediator acts, and for comparison those in which one does."""
    hotline, own = chosen("talks=hotline"), chosen("mediation=russia_2020")
    return {
        "article arm: no mediator, no direct talks, no fear of allies": _hot(NO_FEAR),
        "no mediator, no direct talks": _hot({}),
        "policy arm: no mediator": _hot(hotline),
        "its own mediators": _hot({**hotline, **own}),
    }


@cache
def inertia_arms() -> dict[tuple[str, float, float], Arm]:
    """Both arms over the costs of a step up and of a step down."""
    arms: dict[str, Changes] = {"article arm": NO_FEAR, "policy arm": chosen("talks=hotline")}
    return {
        (name, up, down): _hot(
            {**changes, **sides(up, "government.?.step_up"), **sides(down, "government.?.step_down")}
        )
        for (name, changes), up, down in product(arms.items(), INERTIA, INERTIA)
    }


@cache
def factorial_arms() -> dict[tuple[str, str, str, float], Arm]:
    """Mediation x direct talks x the charge for a unilateral step x the weight of approval."""
    made = {}
    for (mediation, how), (talks, line), (charge, weakness), weight in product(
        MEDIATIONS.items(), TALKS.items(), CHARGES.items(), WEIGHTS
    ):
        changes = {
            **(chosen(how) if how else {}),
            **(chosen(line) if line else {}),
            **sides(weakness, "public.?.weakness"),
            **sides(0.5 if weakness else 0.0, "public.?.framing"),
            **sides(weight, "government.?.domestic_weight"),
        }
        made[mediation, talks, charge, weight] = _hot(changes)
    return made


@cache
def rate_arms() -> dict[tuple[str, float], Arm]:
    """Channels by how often they try: direct talks attempt at their rate times trust, a mediator at its effort."""
    mediated = {("mediator", effort): _hot(middling(effort)) for effort in EFFORTS} | {
        ("bare channel, as secret as a hotline", effort): _hot(placebo(effort, secrecy=0.5)) for effort in EFFORTS
    }
    direct = {("hotline", rate): _hot({**chosen("talks=hotline"), "talks.rate": rate}) for rate in HOTLINE_RATES}
    return mediated | direct


@cache
def attempt_arms() -> dict[float, Arm]:
    """How often direct talks are attempted."""
    return {
        rate: unmediated({**chosen("talks=hotline"), "talks.rate": rate}, horizon=CALM_HORIZON, watch="direct_attempts")
        for rate in HOTLINE_RATES
    }


@cache
def window_arms() -> dict[tuple[str, float], Arm]:
    """Arms over how far the cost of an agreed descent is spread; that of a unilateral one falls due at once."""
    kinds: dict[str, Changes] = {
        "nobody": NO_FEAR,
        "hotline": {**NO_FEAR, **chosen("talks=hotline")},
        "bare channel, as secret as a hotline": {**NO_FEAR, **placebo(secrecy=0.5)},
        "middling mediator": {**NO_FEAR, **middling()},
    }
    return {
        (name, window): _hot({**changes, "talks.descent_window": window})
        for (name, changes), window in product(kinds.items(), WINDOWS)
    }


@cache
def boundary_arms() -> dict[tuple[str, float], Arm]:
    """Calm over the weight of approval: without anybody, and with a mediator who lends more or less cover."""
    kinds = {"nobody": NO_FEAR} | {f"cover {cover:g}": {**NO_FEAR, **middling(cover=cover)} for cover in COVERS}
    return {
        (name, weight): _hot({**changes, **sides(weight, "government.?.domestic_weight")})
        for (name, changes), weight in product(kinds.items(), PRESSURES)
    }


def arms() -> list[Arm]:
    """Everything this needs."""
    return listed(
        [
            necessity_arms(),
            inertia_arms(),
            factorial_arms(),
            rate_arms(),
            attempt_arms(),
            window_arms(),
            boundary_arms(),
        ]
    )


def tell(bench: Bench) -> Told:
    """N and all that it is set beside."""
    parts = [_necessity(bench), _inertia(bench), _factorial(bench), _rates(bench), _window(bench), _boundary(bench)]
    return Told(
        parts[0].headline,
        "\n\n".join(part.text for part in parts),
        {stem: one for part in parts for stem, one in part.drawings.items()},
        {stem: rows for part in parts for stem, rows in part.tables.items()},
    )


def _necessity(bench: Bench) -> Told:
    found = {name: known(values(bench, one, CALM)) for name, one in necessity_arms().items()}
    tacit = {name: known(values(bench, one, TACIT_CALM)) for name, one in necessity_arms().items()}
    n = next(iter(found.values()))
    text = "\n".join(
        [
            "### How often calm comes without mediators",
            "",
            f"N is the chance that a calm of fourteen days begins by day {CALM_BY}.",
            "",
            table(
                ["arm", "N", "of these without any agreement"],
                [(name, one.whole, tacit[name]) for name, one in found.items()],
            ),
        ]
    )
    rows = [{"arm": name, **one.columns()} for name, one in found.items()]
    figure = drawing.intervals(found, f"calm begun by day {CALM_BY}", "Calm with and without mediators")
    return Told(f"N = {n.whole} in the article arm", text, {"n": figure}, {"n": rows})


def _inertia(bench: Bench) -> Told:
    found = {key: known(values(bench, one, CALM)) for key, one in inertia_arms().items()}
    grids = {
        name: np.array([[found[name, up, down].mean for up in INERTIA] for down in INERTIA])
        for name in ("article arm", "policy arm")
    }
    ends = [f"{name} from {grid.min():.2f} to {grid.max():.2f}" for name, grid in grids.items()]
    same = [(f"{cost:g}", *(found[name, cost, cost] for name in grids)) for cost in INERTIA]
    text = "\n".join(
        [
            "### Over the inertia map",
            "",
            f"The same over the cost of a step up and of a step down, each from {INERTIA[0]:g} to {INERTIA[-1]:g}: "
            f"{'; '.join(ends)}. Where both cost the same:",
            "",
            table(["cost of a step", *grids], same),
        ]
    )
    rows = [{"arm": name, "step_up": up, "step_down": down, **one.columns()} for (name, up, down), one in found.items()]
    figure = drawing.maps(
        grids,
        ("cost of a step up", INERTIA),
        ("cost of a step down", INERTIA),
        f"Calm begun by day {CALM_BY}, over the costs of stepping",
    )
    return Told("", text, {"inertia": figure}, {"inertia": rows})


def _factorial(bench: Bench) -> Told:
    cells = {key: values(bench, one, CALM) for key, one in factorial_arms().items()}
    weights, charges = list(WEIGHTS), list(CHARGES)

    def mean(**fixed: object) -> np.ndarray:
        names = ("mediation", "talks", "charge", "weight")
        return np.mean(
            [v for key, v in cells.items() if all(key[names.index(name)] == level for name, level in fixed.items())],
            axis=0,
        )

    def effect(**fixed: object) -> np.ndarray:
        return mean(mediation="its own mediators", **fixed) - mean(mediation="no mediator", **fixed)

    light, heavy = {"weight": weights[0]}, {"weight": weights[-1]}
    effects = {
        "mediators": effect(),
        "a placebo": mean(mediation="placebo") - mean(mediation="no mediator"),
        "a hotline": mean(talks="hotline") - mean(talks="no direct talks"),
        "a hotline where there is no mediator": mean(mediation="no mediator", talks="hotline")
        - mean(mediation="no mediator", talks="no direct talks"),
        "no charge for weakness": mean(charge=charges[0]) - mean(charge=charges[1]),
        "light instead of heavy domestic weight": mean(**light) - mean(**heavy),
        "mediators, more where weakness is charged": effect(charge=charges[1]) - effect(charge=charges[0]),
        "mediators, more where domestic weight is heavy": effect(**heavy) - effect(**light),
        "mediators, more where there is a hotline": effect(talks="hotline") - effect(talks="no direct talks"),
    }
    found = {name: known(one) for name, one in effects.items()}
    text = "\n".join(
        [
            "### Mediation, direct talks, the charge for weakness and domestic weight",
            "",
            f"All {len(cells)} combinations; effects on calm begun by day {CALM_BY}, the other factors averaged. The "
            "article expects mediators to matter more where weakness is charged and where domestic weight is heavy.",
            "",
            table(["effect", "difference in the chance of calm"], [(name, one.whole) for name, one in found.items()]),
        ]
    )
    rows = [
        {"mediation": key[0], "talks": key[1], "charge": key[2], "domestic_weight": key[3], **known(v).columns()}
        for key, v in cells.items()
    ]
    figure = drawing.intervals(found, "difference in the chance of calm", "What brings calm, and what makes it matter")
    return Told("", text, {"factorial": figure}, {"factorial": rows})


def _rates(bench: Bench) -> Told:
    found = {key: known(values(bench, one, CALM)) for key, one in rate_arms().items()}
    tried = {rate: known(values(bench, one)) for rate, one in attempt_arms().items()}
    lines: dict[str, dict[float, Known]] = {}
    for (name, rate), one in found.items():
        at = tried[rate].mean if name == "hotline" else rate
        lines.setdefault(name, {})[at] = one
    rows = [
        (name, f"{rate:g}" if name != "hotline" else f"{rate:g} x trust", f"{at:.3f}", found[name, rate])
        for name, line in lines.items()
        for (rate, at) in zip([r for n, r in found if n == name], line, strict=True)
    ]
    text = "\n".join(
        [
            "### At equal rates of attempts",
            "",
            "A hotline is used more as trust grows, a mediator at its own pace. What each brings against how often it "
            "tries; the bare channel is what two governments could do by themselves if they tried as often as a mediator "
            "does.",
            "",
            table(["channel", "setting", "attempts a day while at the table", f"calm by day {CALM_BY}"], rows),
        ]
    )
    figure = drawing.curves(lines, "attempts a day", f"calm begun by day {CALM_BY}", "Channels at equal rates")
    return Told(
        "",
        text,
        {"rates": figure},
        {"rates": [{"channel": n, "rate": r, **one.columns()} for (n, r), one in found.items()]},
    )


def _window(bench: Bench) -> Told:
    found = {key: known(values(bench, one, CALM)) for key, one in window_arms().items()}
    names = list(dict.fromkeys(name for name, _ in found))
    text = "\n".join(
        [
            "### What an agreed step costs",
            "",
            "A government that comes down alone pays for the step on that day. One that comes down by agreement weighs it "
            "over its planning window; how far the cost of the step is spread over that window is assumed (1: wholly; 0: "
            "it falls due at once, as for a step of one's own). Whatever is signed, by direct talks or with a mediator, "
            "gains from the spreading alike; nobody's calm without an agreement does.",
            "",
            table(
                ["spread", *names], [(f"{window:g}", *(found[name, window] for name in names)) for window in WINDOWS]
            ),
        ]
    )
    rows = [{"arm": name, "descent_window": window, **one.columns()} for (name, window), one in found.items()]
    return Told("", text, {}, {"window": rows})


def _boundary(bench: Bench) -> Told:
    cells = {key: values(bench, one, CALM) for key, one in boundary_arms().items()}
    names = list(dict.fromkeys(name for name, _ in cells))
    found = {key: known(one) for key, one in cells.items()}
    rows = []
    for name in names:
        line = np.array([[cells[name, w].mean(), *resampled(cells[name, w])] for w in PRESSURES])
        rows.append((name, *(_crossing(line, level) for level in (UNLIKELY, RARE))))
    lines = {name: {w: found[name, w] for w in PRESSURES} for name in names}
    text = "\n".join(
        [
            "### The boundary in domestic weight and cover",
            "",
            f"Weight of approval at which the chance of calm by day {CALM_BY} falls below {UNLIKELY:g} and below {RARE:g}, "
            f"between {PRESSURES[0]:g} and {PRESSURES[-1]:g}, without anybody and with a mediator who lends more or "
            "less cover.",
            "",
            table(["", f"below {UNLIKELY:g}", f"below {RARE:g}"], rows),
        ]
    )
    figure = drawing.curves(
        lines, "weight of approval", f"calm begun by day {CALM_BY}", "Calm under domestic pressure, by cover"
    )
    table_rows = [{"arm": name, "domestic_weight": w, **one.columns()} for (name, w), one in found.items()]
    return Told("", text, {"boundary": figure}, {"boundary": table_rows})


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
    below = np.flatnonzero(column < level)
    if not below.size:
        return np.inf
    first = int(below[0])
    if first == 0:
        return -np.inf
    share = (column[first - 1] - level) / (column[first - 1] - column[first])
    return float(PRESSURES[first - 1] + share * (PRESSURES[first] - PRESSURES[first - 1]))
