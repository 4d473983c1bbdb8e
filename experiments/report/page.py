"""The page: every part in its place."""

from __future__ import annotations

from importlib.resources import files

from experiments.report.asked import asked, questions
from experiments.report.drawings import figure
from experiments.report.evidence import drawings, numbers, smallest_effects
from experiments.report.headline import INERTIA, bare_arms, headline
from experiments.report.html import Markup, element, section
from experiments.report.inertia import MAP_CAPTION, inertia_drawings
from experiments.report.limits import dictionary, limits
from experiments.report.making import failures, making
from experiments.report.subject import Subject

STATEMENT = (
    "Results are statements about a model under stated assumptions. They are no forecasts, and no account of events."
)
PARTS = {
    "calm": "Calm without a mediator",
    "asked": "What was asked",
    "figures": "What came of it",
    "numbers": "The numbers",
    "effects": "What counts as an effect",
    "making": "How it was made",
    "limits": "What the model cannot tell",
    "dictionary": "What the columns mean",
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Forbids the page to load anything, even where a label held something that looks like markup."""


def page(subject: Subject) -> str:
    """One HTML document that needs nothing beside itself."""
    title = _title(subject)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"Offramp report: {title}"),
        element("style", Markup(_style())),
    )
    body = element("body", element("main", _opening(subject, title), *_sections(subject)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _opening(subject: Subject, title: str) -> Markup:
    contents = element(
        "nav",
        element("ul", *(element("li", element("a", words, href=f"#{anchor}")) for anchor, words in PARTS.items())),
        aria_label="Contents",
    )
    return element(
        "header",
        element("p", "Offramp report", class_="quiet"),
        element("h1", title),
        *(element("p", question, class_="lede") for question in questions(subject)),
        element("p", f"{subject.crises:,} simulated crises. {STATEMENT}", class_="quiet"),
        failures(subject),
        contents,
    )


def _sections(subject: Subject) -> list[Markup]:
    inertia = inertia_drawings(subject)
    shown = [*((drawing, MAP_CAPTION) for drawing in inertia), *drawings(subject, bool(inertia))]
    made = [figure(drawing, caption, number) for number, (drawing, caption) in enumerate(shown, 1)]
    about = [] if inertia or not bare_arms(subject) else [element("p", INERTIA, class_="quiet")]
    parts = {
        "calm": [headline(subject), *made[: len(inertia)], *about],
        "asked": [asked(subject)],
        "figures": made[len(inertia) :],
        "numbers": [numbers(subject)],
        "effects": [smallest_effects()],
        "making": [making(subject)],
        "limits": [limits()],
        "dictionary": [dictionary(subject)],
    }
    return [section(PARTS[anchor], *content, anchor=anchor) for anchor, content in parts.items()]


def _title(subject: Subject) -> str:
    values = [study.manifest["scenarios"][0]["values"] for study in subject.studies]
    designs = [(study.tree.get("design") or {}).get("title") for study in subject.studies]
    titles = list(dict.fromkeys(str(one.get("title") or one["name"]) for one in values))
    if designs[0] and len(set(designs)) == 1:
        return designs[0]
    return titles[0] if len(titles) == 1 else f"{len(subject.studies)} studies of {len(titles)} scenarios"


def _style() -> str:
    return (files("experiments.report") / "page.css").read_text(encoding="utf-8")
