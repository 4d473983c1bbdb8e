"""Documents say what the code says: generated parts are fresh, and everything named exists."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from experiments.text import shared_path
from sim.scenario import parameters
from tests import update_documents as documents

ROOT = Path(__file__).parents[1]
ODD = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
ELEMENTS = (
    "Purpose and patterns",
    "Entities, state variables and scales",
    "Process overview and scheduling",
    "Design concepts",
    "Initialisation",
    "Input data",
    "Submodels",
)
CONCEPTS = (
    "Basic principles",
    "Emergence",
    "Adaptation",
    "Objectives",
    "Learning",
    "Prediction",
    "Sensing",
    "Interaction",
    "Stochasticity",
    "Collectives",
    "Observation",
)
_PARAMETER_WORDS = {word for path, item in parameters().items() for word in [*path.split("."), *item.options]}


@pytest.mark.parametrize("name", documents.DOCUMENTS)
def test_generated_parts_are_fresh(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert documents.refreshed(text) == text, "run `make docs`"


def test_a_stale_part_is_noticed_and_written_anew(tmp_path: Path) -> None:
    for name in documents.DOCUMENTS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = documents.refreshed((ROOT / name).read_text(encoding="utf-8"))
        (tmp_path / name).write_text(re.sub(r"\| `tovuz_2020`.*", "| changed by hand |", text), encoding="utf-8")
    assert documents.refresh(tmp_path, check=True) == ["README.md"]
    assert documents.refresh(tmp_path) == ["README.md"]
    assert documents.refresh(tmp_path, check=True) == []


def test_every_parameter_stands_once_in_the_model_description() -> None:
    table = ODD.split("## 8. Parameters")[1].split("\n## ")[0]
    for path in {shared_path(path) for path in parameters() if "." in path}:
        escaped = path.replace("|", "\\|")
        assert table.count(f"| `{escaped}` |") == 1, f"{path}: run `make docs`"


def test_the_model_description_has_all_elements_and_concepts_of_the_protocol() -> None:
    for number, title in enumerate(ELEMENTS, start=1):
        assert f"## {number}. {title}\n" in ODD
    for concept in CONCEPTS:
        assert f"**{concept}.**" in ODD


def test_every_name_in_the_model_description_exists() -> None:
    prose = re.sub(r"<!-- generated.*?<!-- end of generated part -->", "", ODD, flags=re.DOTALL)
    prose = prose.split("## 9. Outcomes")[0]
    named = set(re.findall(r"`([a-z_]+)`", prose)) | set(re.findall(r"\\texttt\{([a-z\\_]+)\}", prose))
    sided = {word.removesuffix("_a") for word in _PARAMETER_WORDS}
    known = sided | _PARAMETER_WORDS | {"code", "neutral", "tovuz_2020"}
    unknown = {name.replace("\\", "") for name in named} - known
    assert not unknown


def test_every_function_named_in_the_model_description_exists() -> None:
    named = set(re.findall(r"`(sim(?:\.\w+)+)`", ODD))
    assert named
    for name in named:
        assert _resolves(name), name


def _resolves(name: str) -> bool:
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[cut:]:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False


def _mechanisms() -> list[tuple[str, str, str, str]]:
    table = ODD.split("## 10. Mechanisms")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    return [(row[0], row[1], row[2], row[3]) for row in rows]


@pytest.mark.parametrize("row", _mechanisms(), ids=lambda row: row[0])
def test_every_mechanism_has_its_function_its_test_and_its_source(row: tuple[str, str, str, str]) -> None:
    _, functions, tests, source = row
    named = re.findall(r"`([\w.]+)`", functions)
    assert named and all(_resolves(name) for name in named), functions
    places = re.findall(r"`([\w/.]+\.py)::(\w+)`", tests)
    assert places and all(test in _tests_in(path) for path, test in places), tests
    assert source.strip()


@cache
def _tests_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} -> {target}"


# (what a text says, the document its numbers are from, what that says)
TYPED = (
    (
        "summary.md",
        r"chance of (\d+) % \((\d+) to (\d+) %\)",
        "propositions.md",
        r"chance of (\d+)% .{,50}\[(\d+)%, (\d+)%\]",
    ),
    (
        "summary.md",
        r"day 14 of (\d+) % \((\d+) to (\d+) %\)",
        "propositions.md",
        r"\((\d+)% \[(\d+)%, (\d+)%\] by day 14",
    ),
    ("summary.md", r"day 14 to ([\d.]+) to ([\d.]+) times", "propositions.md", r"\| P33 [^[]+\[([\d.]+), ([\d.]+)\]"),
    ("summary.md", r"calm are ([\d.]+) to ([\d.]+) times", "propositions.md", r"\| P13 [^[]+\[([\d.]+), ([\d.]+)\]"),
    ("summary.md", r"(\d+) of (\d+) rows of the record", "calibration.md", r"(\d+) of (\d+) of the population"),
    ("summary.md", r"90 % held (\d+) %", "propositions.md", r"promise 90 % held (\d+)%"),
    (
        "what-changed.md",
        r"spell like July 2020 .{,20} (\S+) \[(\S+), (\S+)\]",
        "validation.md",
        r"spell like July 2020 \| (\S+) \((\S+) to (\S+)\)",
    ),
    (
        "what-changed.md",
        r"within a year .{,20} (\S+) \[(\S+), (\S+)\]",
        "validation.md",
        r"year from rest \| (\S+) \((\S+) to (\S+)\)",
    ),
    (
        "what-changed.md",
        r"chance of (\S+) \((\S+) to (\S+)\)",
        "propositions.md",
        r"P15 \| causal \| N (\S+) \[(\S+), (\S+)\]",
    ),
    (
        "what-changed.md",
        r"(\d+) of (\d+) rows with an interval",
        "calibration.md",
        r"(\d+) of (\d+) rows with an interval",
    ),
)


@pytest.mark.parametrize(("name", "typed", "source", "said"), TYPED)
def test_typed_numbers_are_those_of_the_documents_they_are_from(name: str, typed: str, source: str, said: str) -> None:
    found = [re.search(pattern, _joined(document)) for document, pattern in ((name, typed), (source, said))]
    assert all(found), f"{name}: {typed}; {source}: {said}"
    for written, number in zip(*(match.groups() for match in found if match), strict=True):
        digits = len(written.partition(".")[2])
        assert float(written) == pytest.approx(float(number), abs=0.501 * 10**-digits), (
            f"{name}: {written}, {source}: {number}"
        )


def test_typed_counts_of_verdicts_are_those_of_the_claims() -> None:
    words = dict(zip(("one", "two", "four", "five", "nine", "twelve"), ("1", "2", "4", "5", "9", "12"), strict=True))
    counts = Counter(re.findall(r"^\| P\d+ \|.*\| ([a-z ]+?)(?: \*)? \|$", _text("propositions.md"), re.MULTILINE))
    ends = {
        "holds in the model": "holds?",
        "fails in the model": "fails?",
        "small though expressible": "are small though expressible",
        "undecided": "undecided",
        "not expressible": "not expressible",
        "record": "of the record",
    }
    for verdict, end in ends.items():
        written = re.search(rf"(\w+) {end}\b", _joined("what-changed.md").rpartition("of the 33 claims")[2])
        assert written and int(words.get(written[1], written[1])) == counts[verdict], verdict


def _text(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _joined(name: str) -> str:
    return " ".join(_text(name).split())


def test_the_readme_has_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme


def test_the_site_holds_every_document_and_needs_no_network() -> None:
    """What `make site` builds opens from a disk; its own check reads the built pages."""
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert site["strict"] and not site["use_directory_urls"] and not site["theme"]["highlightjs"]
    assert "search" not in str(site["plugins"])  # reads its index from a server
    documents = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    shown = set(re.findall(r"[\w/-]+\.md", str(site["nav"])))
    assert {name for name in documents - shown if not name.startswith("decisions/0")} == set()
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert {name for name in documents if name.startswith("decisions/0") and f"({name[10:]})" not in index} == set()
