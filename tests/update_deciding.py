"""Write the generated parts and figures of ``docs/deciding.md`` anew: ``python -m tests.update_deciding DIR``.

DIR holds what ``make deciding`` makes: `search_mediation`, `search_population`, `robust_arms`, `discover_relapse`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl

from experiments.decide.directory import read_record, read_search
from experiments.files import write_text
from experiments.text import as_markdown, as_typed, percentage

PAGE = Path("docs/deciding.md")
FIGURES = {
    "deciding_front.png": "search_mediation/figures/front.png",
    "deciding_levers.png": "search_mediation/figures/levers.png",
    "deciding_progress.png": "search_mediation/figures/progress.png",
    "deciding_states.png": "robust_arms/figures/robust_calm_14.png",
    "deciding_information.png": "robust_arms/figures/information_calm_14.png",
    "deciding_trade_off.png": "discover_relapse/discovery/trade_off.png",
    "deciding_box.png": "discover_relapse/discovery/box_1.png",
}
_QUESTIONS = {
    "search_mediation": "What should a mediator in July 2020 offer, when, and with what behind it?",
    "search_population": "What should a mediator offer who does not know which dispute it will be called to?",
    "robust_arms": "Which of the mediations on offer in July 2020 would one regret least?",
    "discover_relapse": "In which disputes does a calm not last, once it has come?",
}


def answers(place: Path) -> str:
    """The four questions with their answers."""
    robust = (place / "robust_arms" / "figures" / "robustness.md").read_text(encoding="utf-8").splitlines()[2]
    boxes = json.loads((place / "discover_relapse" / "discovery" / "boxes.json").read_text(encoding="utf-8"))
    own = {name: read_record(place / name)["answer"] for name in ("search_mediation", "search_population")}
    own |= {"robust_arms": robust, "discover_relapse": boxes["answer"]}
    record = read_record(place / "search_mediation")
    made = f"Made with model {record['model']}" + (f"; {record['note']}." if record["note"] else ".")
    lines = [f"* **{_QUESTIONS[name]}** (`{name}`) {own[name]}" for name in _QUESTIONS]
    return "\n".join([*lines, "", f"*{made}*"])


def front(place: Path) -> str:
    """The kept policies of the search, their costs and outcomes."""
    table = read_search(place / "search_mediation", "front")
    levers = table.columns[2 : table.columns.index("cost")]
    head = ["policy", *(name.removeprefix("mediation.") for name in levers), "cost", "lasting calm", "group"]
    rows = [
        [
            row["name"],
            *(as_typed(row[name]) for name in levers),
            f"{row['cost']:.2f}",
            f"{percentage(row['lasting_calm'], row['lasting_calm_low'], row['lasting_calm_high'], 0)} %",
            str(row["group"]),
        ]
        for row in table.filter(pl.col("on_front")).iter_rows(named=True)
    ]
    return as_markdown(head, rows).strip()


PARTS: dict[str, Callable[[Path], str]] = {"answers": answers, "front": front}


def renew(place: Path, page: Path = PAGE) -> None:
    """Write the generated parts of the page anew and copy its figures beside it."""
    text = page.read_text(encoding="utf-8")
    for name, part in PARTS.items():
        begin, rest = text.split(f"<!-- generated: {name} -->\n", 1)
        end = rest[rest.index("<!-- end of generated part -->") :]
        text = f"{begin}<!-- generated: {name} -->\n\n{part(place)}\n\n{end}"
    for name, source in FIGURES.items():
        if (place / source).is_file():  # there may be no box
            shutil.copyfile(place / source, page.parent / "figures" / name)
    write_text(page, text)


if __name__ == "__main__":
    renew(Path(sys.argv[1]))
