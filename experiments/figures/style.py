"""The style of all figures, their axes and keys, and writing them to files.

Colours are those of :mod:`experiments.figures.palette`. Figures are built without pyplot: there is no global state,
and the same numbers give the same SVG byte for byte.
"""

from __future__ import annotations

import functools
import textwrap
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import yaml
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from experiments.figures.palette import GREY, INK, SIDES, colour
from experiments.text import columns as text_width
from experiments.text import wrapped

MARKERS = ("o", "s", "D", "^", "v", "P", "X")
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
SIDE_LOOKS: dict[str, dict[str, Any]] = {
    side: {"color": hue, "linestyle": line} for (side, hue), line in zip(SIDES.items(), DASHES, strict=False)
}

FONT = "DejaVu Sans"
"""The font of all figures, which comes with matplotlib; letters that it lacks come from others that are installed."""

PACKED = {"compress_level": 3}
"""How PNG files are packed: in half of the usual time, to no more bytes."""

WIDTH = 7.2
"""Width of a figure in inches: two columns of a journal page."""

LETTERS = 11.5
"""Letters of a title or a key that an inch holds."""

house_style = functools.partial(matplotlib.rc_context, fname=Path(__file__).with_name("offramp.mplstyle"))
"""Settings under which all figures are drawn and written, whatever the caller's own are."""

NOTES: dict[str, str] = yaml.safe_load(Path(__file__).with_name("notes.yaml").read_text(encoding="utf-8"))

styled = house_style()
"""Decorator of functions that draw: they do so under these settings."""


@dataclass(frozen=True)
class Drawing:
    """A figure and the words for those who cannot see it."""

    figure: Figure
    alt: str


def save(drawing: Drawing, directory: Path, stem: str, formats: Sequence[str] = ("svg", "png")) -> list[Path]:
    """Write a drawing as `<stem>.svg` and `<stem>.png` and return the paths; the words go into the files, too."""
    directory.mkdir(parents=True, exist_ok=True)
    figure, paths = drawing.figure, [directory / f"{stem}.{kind}" for kind in formats]
    with house_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")  # said once, by `letters_without_a_font`
        for text in figure.findobj(Text):
            if others := _other_fonts(text.get_text())[0]:
                text.set_fontfamily([FONT, *others])
        settle(figure)
        for path in paths:  # `savefig` would draw a second time to work the layout out once more
            dpi, words = figure.dpi, {"Description": drawing.alt}
            if path.suffix == ".svg":
                FigureCanvasSVG(figure).print_svg(path, metadata={"Date": None, "Creator": "Offramp", **words})
            else:
                FigureCanvasAgg(figure).print_png(path, metadata={"Software": "Offramp", **words}, pil_kwargs=PACKED)
            figure.dpi = dpi
    return paths


@functools.cache
def _other_fonts(text: str) -> tuple[list[str], str]:
    """Return installed fonts that have the letters of a text which the figures' own lacks, and letters none has."""
    usual = _letters_of(findfont(FONT))
    missing, families = {letter for letter in text if ord(letter) not in usual and not letter.isspace()}, []
    fonts = [font for font in fontManager.ttflist if not font.name.startswith("Last Resort")] if missing else []
    for font in sorted(fonts, key=lambda font: ("Sans" not in font.name, font.name, str(font.weight), font.fname)):
        if covered := {letter for letter in missing if ord(letter) in _letters_of(font.fname)}:
            families.append(font.name)
            missing -= covered
    return families, "".join(sorted(missing))


@functools.cache
def _letters_of(path: str) -> frozenset[int]:
    return frozenset(FT2Font(path).get_charmap())


def letters_without_a_font(names: Iterable[str]) -> str:
    """Return a sentence on the letters in some names that no installed font has, empty where there are none."""
    lacking = _other_fonts("".join(names))[1]
    return lacking and (
        f"No installed font has {' '.join(lacking)}: boxes in PNG figures; the SVG ones hold the letters as written."
    )


def settle(figure: Figure) -> None:
    """Work the layout out once for all formats; a second pass would move nothing by a quarter of a pixel."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")


def canvas(height: float, width: float = WIDTH, title: str = "", note: str = "", labels: Sequence[str] = ()) -> Figure:
    """Return an empty figure of so many inches, with words on top and at the foot.

    ``labels`` are the entries of the key that `headed` will put on top; the figure gets so much higher.
    """
    figure = Figure(figsize=(width, height + (key_height(labels) if labels else 0)))
    figure.set_layout_engine("constrained", w_pad=0.06, h_pad=0.05, wspace=0.03, hspace=0.03)
    if title:
        figure.suptitle(wrapped(title, int(LETTERS * width)), x=0.008, ha="left", fontsize=10.5, fontweight="bold")
    if note:
        figure.supxlabel(textwrap.fill(note, int(width * 17)), x=0.008, ha="left", fontsize=7.5, color=GREY)
    return figure


def marker(index: int) -> str:
    """Marker of the arm with this number; colour is never the only cue."""
    return MARKERS[index % len(MARKERS)]


def percent_axis(axis, decimals: int = 0) -> None:
    """Show shares on an axis as percentages."""
    axis.set_major_formatter(FuncFormatter(lambda share, _: percent_text(share, decimals)))


def percent_text(share: float, decimals: int = 0) -> str:
    """Return a share as a percentage with at least so many decimals, and as many more as it has: 2.5 % is not 2 %."""
    percent = round(100 * share, 6)
    return f"{percent:.{decimals}f} %" if percent == round(percent, decimals) else f"{percent:.10g} %"


def plain_axis(axis) -> None:
    """Show counts on a logarithmic axis as plain numbers, not as powers."""
    _log_labels(axis, lambda value: f"{value:,.0f}" if value >= 1 else f"{value:g}")


def key(axes: Axes, handles: Sequence, labels: Sequence[str], **settings) -> None:
    """Put a legend above an axes, in as many columns as its words leave room for."""
    widest = max((text_width(line) for label in labels for line in label.splitlines()), default=1)
    columns = max(1, min(len(labels), 76 // (widest + 4)))
    spacing = {"borderpad": 0.2, "handletextpad": 0.4, "columnspacing": 1.2}
    axes.legend(handles, labels, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=columns, **spacing, **settings)


def headed(figure: Figure, title: str, handles: Sequence, labels: Sequence[str], columns: int | None = None) -> None:
    """Put a title and, beneath it, the key of the arms on top of a figure."""
    columns = columns or _key_columns(labels, figure.get_figwidth())
    figure.legend(
        handles,
        [wrapped(label, int(LETTERS * figure.get_figwidth() / columns)) for label in labels],
        loc="outside upper left",
        ncols=columns,
        handlelength=2.2,
        labelcolor=INK,
        title=wrapped(title, int(LETTERS * figure.get_figwidth())),
        alignment="left",
        title_fontproperties={"size": 10.5, "weight": "bold"},
        borderaxespad=0.3,
        columnspacing=1.4,
    )


def _key_columns(labels: Sequence[str], width: float) -> int:
    return max(1, min(len(labels), int(width * 12.5) // (max(map(text_width, labels), default=1) + 6)))


def key_height(labels: Sequence[str], width: float = WIDTH) -> float:
    """Height in inches that the title and the key of `headed` take from a figure."""
    lines = max((wrapped(label, int(LETTERS * width)).count("\n") + 1 for label in labels), default=1)
    return 0.3 + 0.18 * lines * -(-len(labels) // _key_columns(labels, width))


def arm_handles(numbers: Iterable[int], **look: Any) -> list[Line2D]:
    """Return key entries of the arms with these numbers: a line, unless the look has none, and the marker."""
    return [Line2D([], [], color=colour(k), marker=marker(k), markersize=4.5, **look) for k in numbers]


def headed_by_arms(figure: Figure, title: str, arms: Sequence[str]) -> None:
    """Put a title and the key of arms on top of a figure."""
    headed(figure, title, arm_handles(range(len(arms))), arms)


def headed_by_sides(figure: Figure, title: str, names: Mapping[str, str]) -> None:
    """Put a title and the key of the two sides on top of a figure; a side without a name goes by its letter."""
    handles = [Line2D([], [], **look) for look in SIDE_LOOKS.values()]
    headed(figure, title, handles, [names.get(side, side) for side in SIDE_LOOKS], columns=2)


def small_percent(axis) -> None:
    """Show shares on a logarithmic axis as percentages with no more digits than they need."""
    _log_labels(axis, lambda value: f"{value * 100:.10g} %")


def _log_labels(axis, words: Callable[[float], str]) -> None:
    """Label the powers of ten, and twice and five times them where the axis spans less than one."""

    def between(value: float, _: object) -> str:
        low, high = sorted(axis.get_view_interval())
        return words(value) if high < 10 * low and f"{value:e}"[0] in "25" else ""

    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))
    axis.set_minor_formatter(FuncFormatter(between))


def no_spines(axes: Axes, *names: str) -> None:
    """Hide some spines of an axes."""
    for name in names:
        axes.spines[name].set_visible(False)
