"""Pages of the site that are not files in docs/, and mathematics as MathML, which browsers show by themselves."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import latex2mathml.converter
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

import experiments
import sim

ROOT = Path(__file__).parents[1]
FROM_THE_ROOT = {"README.md": "index.md", "CONTRIBUTING.md": "CONTRIBUTING.md", "CHANGELOG.md": "CHANGELOG.md"}
PUBLIC = {
    "api/sim.md": ("The model from Python", {**sim._HOME, "Settings": "sim.ensemble"}),
    "api/experiments.md": ("Studies from Python", experiments._HOME),
}
_INTO_DOCS = re.compile(r"\]\(docs/")
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\((?:examples|benchmarks|tests)/[^)]*\)")
_OUTSIDE = re.compile(
    r"""<(?:script|img|iframe|source|embed|object)\b[^>]*(?:src|data)=["']?(?:https?:)?//[^"'>]*"""
    r"""|<link\b[^>]*href=["']?(?:https?:)?//[^"'>]*|url\(["']?(?:https?:)?//[^)]*|@import\s+["'](?:https?:)?//[^"']*"""
)
"""What a page or a style sheet would load from another place; plain links are followed by the reader alone."""
_ROLE = re.compile(r":(?:mod|func|class|data|meth|attr):(<code>)[~.]?")
_WORDS = re.compile(r"\\text(?:tt)?\{[^{}]*\}")
_MATH = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """The files of the site, with those of the root and a page of the public names of each package."""
    pages = {name: _from_root(ROOT / source) for source, name in FROM_THE_ROOT.items()}
    pages |= {name: _public_names(*page) for name, page in PUBLIC.items()}
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A page with links to files of the root turned into links to their pages."""
    for source, name in FROM_THE_ROOT.items():
        markdown = markdown.replace(f"](../{source})", f"]({name})")
    return markdown


def on_page_content(text: str, **_: Any) -> str:
    """A page's HTML with its mathematics as MathML, and without the roles that docstrings put before names."""
    text = _ROLE.sub(r"\1", text)
    return _MATH.sub(lambda match: _mathml(html.unescape(match[3]), "block" if match[2] == "[" else "inline"), text)


def on_post_build(config: Any) -> None:
    """Refuse a site that would load anything from elsewhere: it is to open from a disk, without a network."""
    for page in sorted(Path(config.site_dir).rglob("*")):
        if page.suffix in (".html", ".css") and (outside := _OUTSIDE.search(page.read_text(encoding="utf-8"))):
            raise PluginError(f"{page}: loads {outside[0]}")


def _from_root(source: Path) -> str:
    text = _INTO_DOCS.sub("](", source.read_text(encoding="utf-8"))
    return _ELSEWHERE.sub(r"\1", text)


def _public_names(title: str, homes: dict[str, str]) -> str:
    return f"# {title}\n\n" + "\n".join(f"::: {module}.{name}\n" for name, module in sorted(homes.items()))


def _mathml(formula: str, display: str) -> str:
    plain = _WORDS.sub(lambda match: match[0].replace(r"\_", "_"), formula.strip())
    return latex2mathml.converter.convert(plain, display=display)
