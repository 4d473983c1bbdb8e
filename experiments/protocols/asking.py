"""The model's own citizens as respondents, a draw a sample: what they reply, and which draws reply as experiments find.

A crisis is begun as any other, its governments are put where a vignette says they stand, and its publics, one a lane, say
whether they approve (:meth:`sim.agents.public.Public.initialise_approval`). Pledges, cover and rallies come out of the
model's rules. Six replies are contrasts between what groups of them are told;
``docs/decisions/0033-publics-against-experiments.md`` says of each vignette why it is the experiment's design.

:func:`passing` is what a calibration may reject draws of its prior by, before it simulates a single crisis. The ranges come
from ``conf/evidence/experiments_on_publics.csv``: ``reply`` (one of six), ``item`` (a number of it), ``low`` and ``high``,
``bounds`` (``both``, ends included, or ``above``, the lower end left out: a sign), ``design`` and ``source``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from math import log10
from typing import NamedTuple

import numpy as np

from experiments.design.priors import VARIES, Table, argument_of
from experiments.files import shipped_rows
from sim.agents.government import Government
from sim.agents.public import Public
from sim.crisis import Crisis
from sim.engine import distributions
from sim.engine.lanes import Points
from sim.ensemble import Settings, begin
from sim.ladder import ARTILLERY, DEPLOYED, HOT, OFFENSIVE, QUIET, RUNGS, SETTLED, SIDES
from sim.scenario import Scenario, parameters

SILENT = 0.0
"""Rhetoric of a rival whom the vignette does not quote."""
BISECTIONS = 14
"""Halvings of the interval in which a shift of attitudes is looked for: to 0.0002."""


@dataclass(frozen=True)
class Vignette:
    """What respondents are told.

    The government stands at ``rung`` now, 0-9, and stood at ``pledged`` before, which binds as the model's commitment to
    it does; 0: it never committed itself. The rival stands at ``enemy``, its words as hot as ``taunt``, 0-1. ``deaths`` are
    own ones that everybody knows of. ``settled`` says that the two have agreed to come down together, ``proposed`` that a
    third party proposed it, and the government has what cover its mediators' offer gives.
    """

    rung: int
    pledged: int = 0
    enemy: int = DEPLOYED
    taunt: float = SILENT
    deaths: float = 0.0
    settled: bool = False
    proposed: bool = False


class Respondents:
    """Both publics of a design's points, a lane a point; answers have shape (lanes, 2), side a first.

    Nothing of a public should vary in the points, see :func:`asked_points`; ``seed`` is the luck of the draw of
    ``citizens`` in each public.
    """

    def __init__(self, points: Points, citizens: int = 128, seed: int = 1) -> None:
        lanes = np.arange(len(points))
        self.crisis: Crisis = begin(points, lanes, np.zeros_like(lanes), Settings(seed=seed, citizens=citizens))
        self.crisis.today = self.crisis.luck.day(0)
        self.governments = [self.crisis.governments[side] for side in SIDES]
        self.publics = [self.crisis.publics[side] for side in SIDES]
        for mediator in self.crisis.mediators:
            mediator.attempting = mediator.values.present == 1
        self.crisis.talks.open()
        self.offered_cover = self.crisis.talks.offer_cover
        """Cover of the offer that all mediators make together today, (lanes,)."""

    def close(self) -> None:
        """Let go of the publics."""
        self.crisis.close()

    @property
    def anybody_proposes(self) -> np.ndarray:
        """Whether there is a third party to propose anything, bool (lanes,)."""
        present = [mediator.values.present == 1 for mediator in self.crisis.mediators]
        return np.logical_or.reduce([np.zeros(self.crisis.lanes, bool), *present])

    def approval(self, vignette: Vignette) -> np.ndarray:
        """Share that approves of where the government stands, (lanes, 2)."""
        self._show(vignette)
        for public in self.publics:
            public.initialise_approval()
        return np.stack([public.approval for public in self.publics], axis=1)

    def live_through_a_day(self, vignette: Vignette) -> None:
        """Let both publics live through the day of a vignette: its deaths are that day's, and they may rally."""
        self._show(vignette, today=vignette.deaths)
        for public in self.publics:
            public.update_public()

    def bring_to_support(self, vignette: Vignette, share: float) -> None:
        """Shift the attitudes of each public alike, until a share approves of what the vignette says.

        Attitudes are set as the model sets them at the start, at the anchor and a shift, within -1 and 1; where no shift
        is enough the last one stands. The rung has to be one that the more hawkish like better: 8 or 9.
        """
        low, high = np.full((2, self.crisis.lanes, 2), [[[-1.0]], [[2.0]]])
        for _ in range(BISECTIONS):
            shift = (low + high) / 2
            for number, citizens in enumerate(public.citizens for public in self.publics):
                shifted = citizens.anchor + shift[:, number, None].astype(citizens.anchor.dtype)
                np.clip(shifted, -1, 1, out=citizens.attitude)
            short = self.approval(vignette) < share
            low, high = np.where(short, shift, low), np.where(short, high, shift)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Undo, on leaving, what citizens have lived through inside."""
        before = [(public.citizens.attitude.copy(), public.rally.copy()) for public in self.publics]
        yield
        for public, (attitudes, rally) in zip(self.publics, before, strict=True):
            public.citizens.attitude[...], public.rally[...] = attitudes, rally

    def _show(self, vignette: Vignette, today: float = 0.0) -> None:
        for government, public in zip(self.governments, self.publics, strict=True):
            government.commitment = self._pledge(government, vignette.pledged)
            self._stand(government, vignette.rung, vignette.enemy, vignette.taunt)
            self._tell(public, vignette.deaths, today)
        agreement, nothing = self.crisis.agreement, np.zeros(self.crisis.lanes)
        agreement.cover = self.offered_cover if vignette.proposed else nothing
        agreement.signed_today = np.full(self.crisis.lanes, vignette.settled)

    def _stand(self, government: Government, rung: int, enemy: int, taunt: float) -> None:
        lanes = self.crisis.lanes
        government.rung = government.fought = np.full(lanes, rung)
        government.beliefs.rung = np.full(lanes, float(enemy))
        government.rhetoric = np.full(lanes, taunt)  # both sides are asked the same: each hears the other's words
        government.public.protest = np.zeros(lanes)

    def _pledge(self, government: Government, rung: int) -> np.ndarray:
        """What a government that stands at a rung, and speaks as leaders do there, stands committed to, (lanes,)."""
        if rung == 0:
            return np.zeros(self.crisis.lanes)
        government.commitment = np.zeros(self.crisis.lanes)
        self._stand(government, rung, rung, SILENT)
        government.update_rhetoric()
        government.update_commitment()
        return government.commitment

    def _tell(self, public: Public, deaths: float, today: float) -> None:
        """Tell a public, openly, of own deaths so far and today; the enemy's are claimed to be as many."""
        report, lanes = self.crisis.reports.of(public.side), self.crisis.lanes
        report.told = report.claimed = np.full(lanes, float(deaths))
        report.new_deaths, report.new_admitted = np.full(lanes, today), np.full(lanes, float(today > 0))
        # All is told, and believed; claims are as many: no success.
        report.loss_told = np.full(lanes, log10(1 + deaths))


# -- replies -----------------------------------------------------------------------------------------------------------

FULL_WAR = RUNGS - 1

STAYED_OUT = Vignette(QUIET)
BACKED_DOWN = Vignette(QUIET, pledged=DEPLOYED)
WITHDREW = Vignette(QUIET, pledged=HOT)
WITHDREW_AFTER_BLOOD = Vignette(QUIET, pledged=ARTILLERY)
FOLLOWED_THROUGH = Vignette(ARTILLERY, pledged=ARTILLERY)
CONCEDED = Vignette(SETTLED, pledged=HOT, settled=True)
FIRM, NO_ANSWER = Vignette(HOT, enemy=HOT), Vignette(QUIET, enemy=HOT)
FULL_TAUNT = 1.0
WAR_SUPPORT = 0.65
"""Approval of a war at its beginning; about two thirds, as of the wars in Korea and Vietnam (assumed)."""
WAR_DEAD = (100.0, 1000.0)
CLASH_DEAD = 6.0
"""Deaths of the median deadly clash on record."""


class Answer(NamedTuple):
    """A contrast of groups, (lanes, 2), side a first, and what it is a share of, where it is a share."""

    part: np.ndarray
    whole: np.ndarray | None = None

    def of_samples(self, publics: int) -> np.ndarray:
        """The answer of each sample of so many publics that follow each other, (samples, 2); NaN as share of nothing."""
        part = _mean(self.part, publics)
        if self.whole is None:
            return part
        whole = _mean(self.whole, publics)
        return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def answers(respondents: Respondents) -> dict[str, Answer]:
    """Every item by name, but those about losses in a war (:func:`answers_on_war`)."""
    stayed_out = respondents.approval(STAYED_OUT)
    threat, force, blood = (
        stayed_out - respondents.approval(vignette) for vignette in (BACKED_DOWN, WITHDREW, WITHDREW_AFTER_BLOOD)
    )
    conceded = respondents.approval(CONCEDED)
    covered = respondents.approval(replace(CONCEDED, proposed=True)) - conceded
    return {
        "cost_after_threat": Answer(threat),
        "cost_after_force": Answer(force),
        "cost_after_blood": Answer(blood),
        "force_above_threat": Answer(force - threat),
        "cover": Answer(
            np.where(respondents.anybody_proposes[:, None], covered, np.nan),
            respondents.approval(replace(CONCEDED, pledged=0)) - conceded,
        ),
        "inconsistency_share": Answer(respondents.approval(FOLLOWED_THROUGH) - (stayed_out - threat), threat),
        "taunt": Answer(_firmness(respondents, FULL_TAUNT) - _firmness(respondents, SILENT)),
        "rally": Answer(_after_a_clash(respondents, CLASH_DEAD) - _after_a_clash(respondents, 0.0)),
    }


def answers_on_war(respondents: Respondents) -> dict[str, Answer]:
    """The items about losses: they start from a given support, so that how hawkish a public is hardly counts."""
    return {"losses_at_8": Answer(_fall(respondents, OFFENSIVE)), "losses_at_9": Answer(_fall(respondents, FULL_WAR))}


def _mean(values: np.ndarray, publics: int) -> np.ndarray:
    return values.reshape(-1, publics, 2).mean(axis=1)


def _firmness(respondents: Respondents, taunt: float) -> np.ndarray:
    return respondents.approval(replace(FIRM, taunt=taunt)) - respondents.approval(replace(NO_ANSWER, taunt=taunt))


def _fall(respondents: Respondents, rung: int) -> np.ndarray:
    war = Vignette(rung, pledged=rung, enemy=rung)
    with respondents.kept():
        respondents.bring_to_support(war, WAR_SUPPORT)
        fewer, more = (respondents.approval(replace(war, deaths=dead)) for dead in WAR_DEAD)
    return fewer - more


def _after_a_clash(respondents: Respondents, deaths: float) -> np.ndarray:
    clash = Vignette(HOT, pledged=HOT, enemy=HOT, deaths=deaths)
    with respondents.kept():
        respondents.live_through_a_day(clash)
        return respondents.approval(clash)


# -- draws and their replies -------------------------------------------------------------------------------------------

LANES = 400
"""Draws asked together: enough to spread the cost of a question, few enough to stay in fast memory."""
QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
DIFFERING = ("public.a.hawkishness", "public.b.hawkishness")
OF_PUBLICS = ("public", "government", "mediation", "talks")
"""Records that a public's answers depend on."""
TOLD_APART = {"talks.leak": 0.0, "public.a.media_noise": 0.0, "public.b.media_noise": 0.0}
"""What is luck of a day in a crisis and has no place in an experiment: a leak of secret talks, noise of the media."""


@dataclass(frozen=True)
class Item:
    """One number of a reply, and the range in which experiments find it."""

    reply: str
    item: str
    low: float
    high: float
    bounds: str
    design: str
    source: str

    @property
    def is_sign(self) -> bool:
        """Whether the sign alone is judged."""
        return self.bounds == "above"

    @property
    def range(self) -> str:
        """The range in words."""
        return "above 0" if self.is_sign else f"{self.low:g} to {self.high:g}"

    def inside(self, values: np.ndarray) -> np.ndarray:
        """Whether values lie in the range, in the shape of ``values``; NaN does not."""
        return (values > self.low if self.is_sign else values >= self.low) & (values <= self.high)


@cache
def items() -> tuple[Item, ...]:
    """All items in the file's order."""
    rows = shipped_rows("evidence/experiments_on_publics.csv")
    return tuple(Item(**{**row, "low": float(row["low"]), "high": float(row["high"])}) for row in rows)


@dataclass(frozen=True)
class Passing:
    """Which draws reply as experiments find.

    ``values`` are (draws, 2) by item, side a first; ``inside`` says, (draws,) by reply, whether all its items are in range
    on both sides.
    """

    values: dict[str, np.ndarray]
    inside: dict[str, np.ndarray]

    @property
    def joint(self) -> np.ndarray:
        """Whether all six replies are inside, bool (draws,)."""
        return self.all_of(*self.inside)

    def all_of(self, *names: str) -> np.ndarray:
        """Whether some of the replies are inside, bool (draws,)."""
        return np.logical_and.reduce([self.inside[name] for name in names])

    @property
    def shares(self) -> dict[str, float]:
        """Share of draws inside, reply by reply, and ``all`` together."""
        return {name: float(inside.mean()) for name, inside in {**self.inside, "all": self.joint}.items()}


def passing(base: Scenario, table: Table, rows: np.ndarray, citizens: int = 64) -> Passing:
    """Which draws of a prior, rows (draws, numbers of the table), have publics that reply as experiments find.

    Numbers of the table that no public's answers depend on are allowed, and change nothing.
    """
    return ask(base, settings_of_rows(table, np.asarray(rows, float)), len(rows), citizens)


def settings_of_rows(table: Table, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Path -> values (draws,) that rows of numbers, (draws, numbers of the table), set."""
    columns = zip(table, rows.T, strict=True)
    return {path: values for item, values in columns if item.shape == "value" for path in item.paths}


def ask(base: Scenario, settings: Mapping[str, np.ndarray], count: int, citizens: int = 128, seed: int = 1) -> Passing:
    """The replies of ``count`` samples of a scenario's publics, with values (count,) by path laid over it."""
    parts = []
    for first in range(0, count, LANES):
        some = {path: np.asarray(values)[first : first + LANES] for path, values in settings.items()}
        points, publics = asked_points(base, some, min(LANES, count - first))
        middle = points.take(np.arange(publics // 2, len(points), publics))
        parts.append(_of_samples(answers, points, publics, citizens, seed))
        parts[-1] |= _of_samples(answers_on_war, middle, 1, citizens, seed)
    return judged({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def asked_points(base: Scenario, settings: Mapping[str, np.ndarray], count: int) -> tuple[Points, int]:
    """The publics to ask, and how many of them there are a draw; those of one draw follow each other.

    What a scenario lets vary stands at its median, given the draw, but hawkishness, in which publics differ most: samples
    are taken at :data:`QUANTILES` of it. ``settings`` are values (count,) by path, or by ``varies.`` and the path of an
    argument; paths that no public's answers depend on are left out. ParameterError where a value is out of its range.
    """
    drawn = [path for path in base.varies if _matters(path) and path not in settings]
    publics = len(QUANTILES) if any(path in DIFFERING for path in drawn) else 1
    lanes = {path: np.repeat(values, publics) for path, values in settings.items() if _matters(path)}
    columns = {path: values for path, values in lanes.items() if not path.startswith(VARIES)}
    for path in drawn:
        quantile = np.tile(QUANTILES, count) if path in DIFFERING else np.full(count * publics, 0.5)
        # A list of weights stays as it is; other arguments are replaced by arrays over draws.
        named = {argument_of(name): values for name, values in lanes.items() if name.startswith(f"{VARIES}{path}.")}
        arguments = {argument: values for (_, argument, place), values in named.items() if place is None}
        columns[path] = distributions.draw(parameters()[path], {**base.varies[path], **arguments}, quantile)
    columns |= {path: np.full(count * publics, value) for path, value in TOLD_APART.items()}
    return Points.cross(base, np.zeros(count * publics, np.int64), columns), publics


def _matters(path: str) -> bool:
    return path.removeprefix(VARIES).split(".")[0] in OF_PUBLICS


def _of_samples(
    question: Callable[[Respondents], dict[str, Answer]], points: Points, publics: int, citizens: int, seed: int
) -> dict[str, np.ndarray]:
    with closing(Respondents(points, citizens, seed)) as respondents:
        return {name: answer.of_samples(publics) for name, answer in question(respondents).items()}


def judged(values: dict[str, np.ndarray]) -> Passing:
    """Values by item, (draws, 2) each, held against the ranges."""
    inside: dict[str, np.ndarray] = {}
    for item in items():
        within = item.inside(values[item.item]).all(axis=1)
        inside[item.reply] = np.logical_and(inside.get(item.reply, True), within)
    return Passing(values, inside)
