"""Figures: labelled, in words as well, drawn the same way every time, and readable by everyone."""

import re

import matplotlib
import numpy as np
import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from experiments.figures import style
from experiments.figures.curves import bands_of_paths, convergence, cumulative_incidence, fans, tracked, truce_hazard
from experiments.figures.distributions import days_distribution, deaths_distribution, joint_shares, stacked_shares
from experiments.figures.forest import forest, tornado
from experiments.figures.palette import CATEGORY_COLOURS, PALETTE, SEVERITY_COLOURS
from experiments.figures.parts import spread_out
from experiments.figures.response import factor_map, response_curves
from experiments.statistics.arms import Arm
from experiments.statistics.competing import EVENTS, hazard_by_age, incidence, truces
from experiments.statistics.contrasts import by_factors, contrasts, joint_table, one_at_a_time
from experiments.statistics.estimates import running_estimates, shares
from experiments.statistics.metrics import DEFAULT, metric
from experiments.statistics.vocabulary import CATEGORIES
from experiments.text import percentage, plain, signed
from tests.support.synthetic_outcomes import outcomes, paths, trajectories

ARMS = [
    Arm("mediation=none talks=none", outcomes(150)),
    Arm("mediation=russia_2020 talks=none", outcomes(150, 0.5, 1, True)),
    Arm("own luck", outcomes(150, 0.3, 2, luck="own")),
]
METRICS = [metric(name, 120, ARMS[0].lanes.schema) for name in DEFAULT]
CALM, DEATHS = METRICS[0], METRICS[-1]
GRID = pl.concat(
    [
        outcomes(40, 0.5 * i - 0.3 * j, 10 * i + j).with_columns(
            pl.lit(float(i)).alias("step_up"), pl.lit(float(j)).alias("step_down"), pl.lit("ab"[i % 2]).alias("venue")
        )
        for i in range(3)
        for j in range(4)
    ]
)


def hot_and_calm():
    hot = {arm.name: arm.lanes["days_hot"].to_numpy() for arm in ARMS}
    return hot, {arm.name: arm.lanes["days_to_calm"].cast(pl.Float64).to_numpy() for arm in ARMS}


def hazard():
    return hazard_by_age(truces(paths(2)))


def labelled(axes) -> bool:
    """Both axes have words, unless another panel of the same row or column has them."""
    place = axes.get_subplotspec()
    if place is None:
        return bool(axes.get_ylabel())
    down = not place.is_first_col() or axes.get_ylabel() or any(t.get_text() for t in axes.get_yticklabels())
    return bool(down) and bool(not place.is_last_row() or axes.get_xlabel())


DRAWN = {
    "severity": lambda: stacked_shares(
        pl.concat([shares(a, "severity", list(CATEGORIES["severity"])) for a in ARMS]), "severity"
    ),
    "termination": lambda: stacked_shares(
        pl.concat([shares(a, "termination", list(CATEGORIES["termination"])) for a in ARMS]), "termination"
    ),
    "incidence": lambda: cumulative_incidence(pl.concat([incidence(a, event) for event in EVENTS for a in ARMS])),
    "deaths": lambda: deaths_distribution(
        {a.name: (a.lanes["deaths_a"] + a.lanes["deaths_b"]).to_numpy() for a in ARMS}
    ),
    "days": lambda: days_distribution(*hot_and_calm(), 120, 106),
    "fans": lambda: fans(
        {a.name: trajectories().filter(pl.col("point") == 0) for a in ARMS}, {"a": "One", "b": "Other"}
    ),
    "fans_given": lambda: fans({"all": bands_of_paths(paths())}, condition="severity = 'war'"),
    "contrasts": lambda: forest(contrasts(ARMS, ARMS[0], METRICS), [a.name for a in ARMS]),
    "joint": lambda: joint_shares(joint_table(ARMS[1], ARMS[0], METRICS[1])),
    "map": lambda: factor_map(
        by_factors(GRID, ["step_up", "step_down"], DEATHS, 120), "step_up", "step_down", "dead", "deaths"
    ),
    "response": lambda: response_curves(
        {"all": by_factors(GRID, ["step_up"], CALM, 120)}, "step_up", "calm", "probability"
    ),
    "choices": lambda: response_curves({"all": by_factors(GRID, ["venue"], DEATHS, 120)}, "venue", "deaths", "deaths"),
    "tornado": lambda: tornado(one_at_a_time(GRID, ["step_up", "step_down"], CALM, 120), "calm", "probability"),
    "convergence": lambda: convergence(pl.concat([running_estimates(a, CALM) for a in ARMS]), "calm", "probability"),
    "truces": lambda: truce_hazard({"all": hazard()}),
}


@pytest.mark.parametrize("name", DRAWN)
def test_every_axes_is_labelled_and_every_figure_told_in_words(name, tmp_path):
    drawing = DRAWN[name]()
    axes = drawing.figure.axes
    assert axes
    assert all(labelled(a) for a in axes)
    assert len(drawing.alt) > 60
    assert drawing.alt.endswith(".")
    assert "nan" not in drawing.alt
    (svg,) = style.save(drawing, tmp_path, name, ["svg"])
    assert drawing.alt.split(".")[0].split("&")[0][:40] in svg.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["severity", "map"])
def test_the_same_numbers_give_the_same_file(name, tmp_path):
    first, second = (style.save(DRAWN[name](), tmp_path / str(k), name, ["svg"])[0].read_bytes() for k in range(2))
    assert first == second


@pytest.mark.parametrize("name", ["severity", "contrasts"])
def test_nothing_is_cut_off(name, tmp_path):
    figure = DRAWN[name]().figure
    _, png = style.save(style.Drawing(figure, "."), tmp_path, name)
    assert png.stat().st_size > 5_000
    width, height = figure.get_size_inches() * figure.dpi
    renderer = FigureCanvasAgg(figure).get_renderer()
    for axes in figure.axes:
        for text in axes.texts:
            box = text.get_window_extent(renderer)
            assert 0 <= box.x0 <= box.x1 <= width + 1
            assert 0 <= box.y0 <= box.y1 <= height + 1


def test_the_readers_own_settings_are_left_alone_and_left_out(tmp_path):
    with matplotlib.rc_context({"font.size": 31, "axes.facecolor": "black"}):
        drawing = DRAWN["deaths"]()
        assert matplotlib.rcParams["font.size"] == 31
    assert drawing.figure.axes[0].xaxis.label.get_size() < 10


def test_numbers_stand_beside_the_marks():
    table = pl.concat([shares(a, "severity", list(CATEGORIES["severity"])) for a in ARMS])
    written = " ".join(text.get_text() for text in stacked_shares(table, "severity").figure.axes[1].texts)
    row = table.row(1, named=True)
    assert percentage(row["value"], row["low"], row["high"]) in written


def test_the_band_of_the_smallest_effect_is_drawn_at_its_size():
    axes = DRAWN["contrasts"]().figure.axes[0]
    spans = {round(float(np.ptp(band.get_paths()[0].vertices[:, 0])), 6) for band in axes.collections}
    assert spans == {10.0}


def test_untracked_quantities_are_left_out_and_nothing_at_all_is_no_figure():
    rungs = trajectories().filter(pl.col("quantity").str.starts_with("rung"))
    assert len(fans({"all": rungs}).figure.axes) == 1
    assert not tracked({"all": pl.DataFrame()})


def test_bands_of_paths_count_crises():
    table = bands_of_paths(paths(replicates=2))
    assert (table["lanes"] == 2).all()
    assert (table["q05"] <= table["q95"]).all()


def test_categories_and_arms_stay_apart_for_every_reader():
    grave = [np.dot(to_rgb(hue), (0.299, 0.587, 0.114)) for hue in SEVERITY_COLOURS.values()]
    assert (np.diff(grave) < -0.05).all()
    assert len(set(PALETTE)) == len(PALETTE) == len(style.MARKERS)
    assert all(set(colours) == set(CATEGORIES[column]) for column, colours in CATEGORY_COLOURS.items())


def test_labels_are_moved_apart_in_order():
    moved = spread_out([0.5, 0.5, 0.9, 0.51], 0.1)
    assert np.argsort(moved, kind="stable").tolist() == [0, 1, 3, 2]
    assert (np.diff(np.sort(moved)) >= 0.0999).all()


def test_signs_and_noughts_are_written_as_readers_expect():
    assert [signed(value) for value in (1.24, -1.24, 0.0, -0.01)] == ["+1.2", "\N{MINUS SIGN}1.2", "0.0", "0.0"]
    assert [plain(value) for value in (-2.0, -0.04)] == ["\N{MINUS SIGN}2.0", "0.0"]
    assert re.fullmatch(r"12\.0 \[10\.0, 14\.5\]", percentage(0.12, 0.1, 0.145))


def test_a_map_whose_cells_differ_by_noise_alone_has_no_contours():
    levels = [(float(i), float(j)) for i in range(3) for j in range(3)]
    rows = [{"x": x, "y": y, "value": 0.03 + 0.001 * x, "low": 0.01, "high": 0.06} for x, y in levels]
    drawing = factor_map(pl.DataFrame(rows), "x", "y", "calm", "probability")
    foot = " ".join(drawing.figure.get_supxlabel().split())
    assert "within the noise of one: no contours" in foot
    bar = [label.get_text() for label in drawing.figure.axes[1].get_yticklabels()]
    assert len(bar) == len(set(bar))
    assert "y 2: 3.0, 3.1, 3.2." in drawing.alt
    far = factor_map(pl.DataFrame(rows).with_columns(pl.col("x").alias("value") / 4), "x", "y", "calm", "probability")
    assert "contours at 10, 20, 30, 40 %" in " ".join(far.figure.get_supxlabel().split())
    assert far.figure.axes[0].collections[0].norm.vmax == pytest.approx(0.5)


def test_few_crises_have_no_middle_half():
    few = fans({"all": bands_of_paths(paths(replicates=1))})
    many = fans({"all": bands_of_paths(paths())})
    assert [len(drawing.figure.axes[0].collections) for drawing in (few, many)] == [0, 2]
    assert "median and extremes alone" in " ".join(few.figure.get_supxlabel().split())
    assert few.figure.axes[0].get_title(loc="left").endswith("1 crisis")
