"""Going through a page by keyboard alone, with an eye on where the focus is."""

from __future__ import annotations

import re
from typing import Any

MOST_STOPS = 400
"""Presses of Tab after which something counts as out of reach."""

STOP = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const box = node.getBoundingClientRect(), style = getComputedStyle(node);
  const middle = (low, high, most) => (Math.max(low, 0) + Math.min(high, most)) / 2;
  const [x, y] = [middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight)];
  const over = document.elementFromPoint(x, y)?.closest('header, .player');
  window.reached ??= new WeakSet();
  window.reached.add(node);
  return {
    name: node.getAttribute('aria-label') || node.labels?.[0]?.textContent.trim() || node.textContent.trim(),
    shown: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.right > 0 && box.left < innerWidth
      && box.bottom > 0 && box.top < innerHeight && (!over || over.contains(node)),
    what: node.outerHTML.slice(0, 120), kind: node.localName,
  };
}"""
MISSED = """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
  .filter((node) => node.checkVisibility({visibilityProperty: true}) && !window.reached?.has(node))
  .map((node) => node.outerHTML.slice(0, 120))"""


class Keyboard:
    """Keys of a page; where the focus cannot be seen, a press of Tab fails.

    Parameters
    ----------
    page : playwright.sync_api.Page
    """

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text in place of what is in the field that has the focus."""
        self.press("Control+a", "Delete")
        self.page.keyboard.type(text)

    @property
    def focused(self) -> str:
        """Name of what has the focus; nothing where nothing has it."""
        stop = self.page.evaluate(STOP)
        return stop["name"] if stop else ""

    def tab(self, back: bool = False) -> str:
        """Press Tab, or Shift and Tab, and return the name of what has the focus now; "" beyond the last stop."""
        self.press("Shift+Tab" if back else "Tab")
        stop = self.page.evaluate(STOP)
        assert stop is None or stop["shown"], f"the focus cannot be seen: {stop['what']}"
        return stop["name"] if stop else ""

    def tab_to(self, name: str, back: bool = False) -> str:
        """Press Tab until what has such a name, a pattern, has the focus."""
        for _ in range(MOST_STOPS):
            if re.fullmatch(name, reached := self.tab(back), re.DOTALL):
                return reached
        raise AssertionError(f"{name}: not reached with Tab")

    def go_round(self) -> list[str]:
        """Names of all stops from here round to here again; nothing that can be used may be left out."""
        first, stops = self.focused, [self.tab()]
        while stops[-1] != first:
            assert len(stops) < MOST_STOPS, f"no way back to {first}"
            stops.append(self.tab())
        missed = self.page.evaluate(MISSED)
        assert not missed, f"out of reach of Tab: {missed}"
        return stops
