"""Write the generated parts of the documents anew: ``python -m tests.update_documents``, with ``--check`` only look.

They are tables of parameters, rungs, streams, scenarios and mediations. A document marks such a part with two comments;
everything between them is replaced.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import cache, partial
from itertools import groupby
from pathlib import Path

from experiments.cli.list import listing
from experiments.config.compose import composer
from experiments.study.identity import edition_note
from experiments.text import as_markdown, as_typed, shared_path
from sim.engine.streams import DAILY, Stream
from sim.ladder import LADDER
from sim.scenario import Scenario, parameters

ROOT = Path(__file__).parents[1]
RESULTS = ("propositions.md", "objections.md", "validation.md", "protocols.md", "cases/expected.md")
"""Documents that other commands write whole: here they are only told of which model their results are."""
DOCUMENTS = ("docs/odd.md", "README.md", *(f"docs/{name}" for name in RESULTS))

_MARKED = re.compile(r"(<!-- generated: (?P<name>[a-z_]+) -->\n).*?(<!-- end of generated part -->)", re.DOTALL)
_VERDICT = re.compile(r"^\| (?P<claim>P\d+) \| [a-z ]+ \|.*\| (?P<verdict>[a-z ]+?)(?P<star> \*)? \|$", re.MULTILINE)
_MODEL = re.compile(r"\bmodel `?([0-9a-f]{16})\b")
NOT_YET = (
    "Whether de-escalation is possible only through international mechanisms is being judged anew on this model "
    "([the claims](docs/propositions.md))."
)
"""What stands in place of the answer where the document of propositions is an earlier edition's."""
_GROUP_TITLES = {
    "government": "Governments",
    "public": "Publics",
    "alliance": "Allies",
    "dyad": "The pair of states",
    "talks": "Direct talks and the rule of acceptance",
    "mediation": "Mediators",
}


def refreshed(text: str) -> str:
    """A document's text with its generated parts written anew.

    Raises
    ------
    KeyError
        Where a document asks for a part that nobody generates.
    """
    parts = {**PARTS, "edition": lambda: edition_note(_MODEL.findall(text))}
    return _MARKED.sub(lambda match: f"{match[1]}\n{parts[match['name']]()}\n{match[3]}", text)


def refresh(root: Path = ROOT, check: bool = False) -> list[str]:
    """The documents whose generated parts were out of date; written anew, or with ``check`` left as they are."""
    stale = []
    for name in DOCUMENTS:
        text = _read(root / name)
        if (renewed := refreshed(text)) != text:
            stale.append(name)
            if not check:
                (root / name).write_text(renewed, encoding="utf-8")
    return stale


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def parameter_tables() -> str:
    """One table per group of records; parameters that sides, allies or mediators share stand once."""
    rows: dict[str, tuple[str, ...]] = {}
    for path, item in parameters().items():
        if path.split(".")[0] in _GROUP_TITLES:
            name, symbol = f"`{shared_path(path)}`", f"`{item.symbol}`" if item.symbol else ""
            rows.setdefault(name, (name, symbol, as_typed(item.default), item.range_text, item.meaning, item.source))
    head = ("parameter", "symbol", "default", "range and unit", "meaning", "source")
    return "\n".join(
        f"### {_GROUP_TITLES[group]}\n\n{as_markdown(head, some)}"
        for group, some in groupby(rows.values(), key=lambda row: re.split(r"\W", row[0][1:])[0])
    )


def ladder_table() -> str:
    """The ten rungs."""
    head = ("rung", "name", "hostility level", "force $f$", "deaths a day on an equal foe $\\phi$", "no death")
    rows = [
        (str(number), rung.name, str(rung.hostility), *map(as_typed, (rung.force, rung.deaths, rung.bloodless)))
        for number, rung in enumerate(LADDER)
    ]
    return as_markdown(head, rows)


def stream_table() -> str:
    """Every stream of random numbers, what it draws and when."""
    rows = []
    for stream in Stream:
        daily = DAILY.get(stream)
        when = f"a day, {daily.uniforms} for each of {daily.slots}" if daily else "before day 0"
        rows.append((str(int(stream)), stream.name.lower().replace("_", " "), when))
    return as_markdown(("number", "stream", "uniforms drawn"), rows)


@cache  # composing takes a while and always gives the same
def baseline_table() -> str:
    """What the baseline scenario and its own mediation set apart from the model's defaults."""
    with composer() as shipped:
        scenario = shipped.compose([]).scenario
    defaults = Scenario().values()
    rows = [
        (f"`{path}`", as_typed(value), as_typed(defaults[path]))
        for path, value in scenario.values().items()
        if value != defaults[path] and path not in ("name", "title")
    ]
    return as_markdown(("parameter", "baseline", "default"), rows)


def outcome_table() -> str:
    """The columns of a study's outcomes."""
    rows = [(f"`{name}`", meaning) for name, table, _, meaning in listing("outcomes").rows if table == "outcomes"]
    return as_markdown(("column", "meaning"), rows)


def choice_table(kind: str) -> str:
    """The choices of a configuration group."""
    return as_markdown(("name", "what it is"), [(f"`{row[0]}`", row[1]) for row in listing(kind).rows])


def verdict_table() -> str:
    """How many claims got which verdict, and which, as the document of propositions has it."""
    text = _read(ROOT / "docs" / "propositions.md")
    claims: dict[str, list[str]] = {}
    for match in _VERDICT.finditer(text):
        claims.setdefault(match["verdict"], []).append(match["claim"] + "\\*" * bool(match["star"]))
    order = (
        *("holds in the model", "fails in the model", "small though expressible", "conditional", "negligible"),
        *(verdict for verdict in claims if verdict.startswith("depends on")),
        *("undecided", "not expressible", "built in", "record"),
    )
    rows = [(name, str(len(claims[name])), ", ".join(claims[name])) for name in order if name in claims]
    note = edition_note(_MODEL.findall(text))
    quick = "The run behind it was smaller than the rule asks for: provisional. " if "**Provisional" in text else ""
    table = as_markdown(("verdict", "claims", "which"), rows)
    return f"{table}\n{quick}A star: the verdict rests on assumption.\n" + (f"\n{note}\n" if note else "")


def central_claim() -> str:
    """Whether the article's central claim holds, as the document of propositions begins."""
    text = _read(ROOT / "docs" / "propositions.md")
    lines = [line for line in text.splitlines() if line.startswith("*Is de-escalation possible")]
    return f"\n{lines[0] if lines else NOT_YET}\n"


PARTS: dict[str, Callable[[], str]] = {
    "parameters": parameter_tables,
    "ladder": ladder_table,
    "streams": stream_table,
    "baseline": baseline_table,
    "outcomes": outcome_table,
    **{kind: partial(choice_table, kind) for kind in ("scenarios", "mediations", "talks")},
    "verdicts": verdict_table,
    "central": central_claim,
}
"""Name of a generated part -> the function that writes it."""


if __name__ == "__main__":
    check = "--check" in sys.argv
    names = refresh(check=check)
    print(
        "\n".join(f"{name}: {'stale' if check else 'written anew'}" for name in names) or "all documents are up to date"
    )
    sys.exit(1 if names and check else 0)
