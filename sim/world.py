"""What agents and mechanisms may read of one another: names, shapes and units.

An agent or a mechanism knows the others through these protocols alone; a type checker holds it to them. Arrays have one
value per lane, shape (lanes,), unless said otherwise; rungs are whole numbers from 0 to 9, shares run from 0 to 1. What
one class keeps to itself does not stand here. ``values`` are the parameters of :mod:`sim.scenario`, an array each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Protocol

import numpy as np

Array = np.ndarray


class Support(IntEnum):
    """How far an ally supports its protege."""

    NONE = 0
    RHETORICAL = 1
    MATERIAL = 2
    DIRECT = 3


class Accord(IntEnum):
    """Who brought an agreement about."""

    NONE = 0
    DIRECT = 1
    MEDIATED = 2
    IMPOSED = 3


class Channel(IntEnum):
    """Through whom governments talk; also the number of the channel's draw in the streams of talks."""

    DIRECT = 0
    MEDIATED = 1


class Beliefs(Protocol):
    """What a government believes of the other."""

    rung: Array
    """Enemy's rung as seen, 0-9, not whole."""
    answer: Array
    """Rungs that the enemy is expected to follow per rung of one's own move, -1 to 1.5."""
    trust: Array
    """Trust that the enemy reciprocates, 0-1."""
    force_error: Array
    """Error about the enemy's force, in logs."""


class Government(Protocol):
    """One side's leadership."""

    side: str
    """"a" or "b"."""
    model: World
    values: Any
    luck_slot: int | Array
    """Which of the two streams of luck belongs to the side."""
    enemy: Government
    public: Public
    beliefs: Beliefs
    rung: Array
    """Policy, 0-9."""
    new_rung: Array
    """Policy decided today and not enacted yet, 0-9."""
    fought: Array
    """Rung fought at last: policy, an answer in kind or a local incident, whichever is highest, 0-9."""
    step: Array
    """Last change of policy, in rungs."""
    culpable: Array
    """1 where the side opened fire first, else 0."""
    commitment: Array
    """Rung that the government stands committed to before its public, 0-9, not whole."""
    rhetoric: Array
    """Heat of the leader's words, 0-1."""
    trust: Array
    """Trust that the enemy reciprocates, 0-1."""
    fatigue: Array
    """Exhaustion, 0-1."""
    readiness: Array
    """Chance of stepping down today if honour were fully covered, 0-1: what a private signal is about."""
    resolve: Array
    """Worth of the stake today, in utility."""
    domestic_weight: Array
    """Weight of approval in utility today."""
    deaths: Array
    """Military deaths so far."""
    civilian_deaths: Array
    """Civilian deaths so far."""
    leader_falls: Array
    """Leaders removed so far."""
    actual_force: Array
    """Force at each rung with the help that allies give now, (lanes, rungs)."""
    hoped_force: Array
    """Force at each rung that the side counts on, (lanes, rungs)."""
    believed_enemy_force: Array
    """Enemy force at each rung as the side believes it to be, (lanes, rungs)."""
    shadow: Array
    """What the side fears of the enemy's allies at each rung, in utility, (lanes, rungs)."""
    attack_price: Array
    """What distant friends of the enemy charge for an attack, in utility."""
    restraint: Array
    """What own allies charge for fighting, in utility."""
    mean_wait: Array
    """Mean wait of a day in the planning window, in days."""
    scales: Any
    """:class:`sim.kernels.options.Scales`."""
    reachable: Array
    """Rungs that are weighed today, bool (lanes, rungs)."""
    stock: Array
    """How far stocks have run down, 0-1."""
    hope: Array
    """What is left of what fighting is hoped to win, 0-1."""
    pressure: Array
    """Weight of what protesters think of an option, beside the public."""
    reconsiders: Array
    """Whether the decision clock struck today, bool."""
    lapses: Array
    """Whether an operation culminated today, bool."""
    decides: Array
    """Whether policy is decided today, for either reason, bool."""
    weighs: Array
    """Whether anything is weighed today, bool."""
    weighs_all: Array
    """Whether all options are weighed today, bool."""
    operations: Array
    """Operations begun so far."""
    renewals: Array
    """Operations renewed after a lapse so far."""

    def value_of_settling(self, support: Array, tried: Array | None = None) -> Array:
        """Gain in utility a day from both sides standing at rung 2 at most, given the public's support, (lanes,)."""


class Public(Protocol):
    """One side's citizens."""

    side: str
    values: Any
    attitude: Array
    """Mean attitude, -1 (dovish) to 1 (hawkish)."""
    approval: Array
    """Mean approval of the government, 0-1."""
    protest: Array
    """Share in the street, 0-1."""
    burden: Array
    """What losses, hardship and exhaustion take of mean approval of fighting at rung 5, as a share."""
    support: Array
    """Approval, with what protesters think, of each view of an option (:mod:`sim.kernels.views`), (lanes, views)."""
    support_of_offer: Array
    """The same of settling on the mediators' offer."""
    support_of_direct_talks: Array
    """The same of settling directly."""
    audience_cost: Array
    """Approval lost by a commitment that is broken by one step down, -1 to 1; where ``answered_for``."""
    step_down_penalty: Array
    """Approval of holding less approval of one step down, -1 to 1; where ``answered_for``."""
    answered_for: Array
    """Whether the government decided today at rung 3 or above, bool."""

    def grant_fresh_start(self, fresh: Array) -> None:
        """Grant a new leader part of the approval that the old one had lost, where ``fresh`` (lanes,) is true."""


class Ally(Protocol):
    """A state that backs one side; all is zero where it is not present."""

    slot: int
    """0, 1 or 2."""
    present: Array
    """1 where the ally exists, else 0."""
    backs: Mapping[str, Array]
    """Side -> 1 where the ally backs it, else 0."""
    support: Array
    """:class:`Support`."""
    climbed: bool
    """Whether support rose today in any lane."""

    def shadow_on(self, government: Government) -> Array:
        """What a government fears of this ally at each rung, in utility, (lanes, rungs)."""

    def help_for(self, government: Government) -> Array:
        """Force that a government counts on of this ally at each rung, (lanes, rungs)."""

    def add_shadow(self, government: Government, total: Array) -> None:
        """Add what :meth:`shadow_on` returns to ``total`` (lanes, rungs) in place."""

    def add_help(self, government: Government, total: Array) -> None:
        """Add what :meth:`help_for` returns to ``total`` (lanes, rungs) in place."""

    def material_factor(self, government: Government) -> Array:
        """What material support adds to the factor on force, (lanes,)."""

    def direct_force(self, government: Government) -> Array:
        """Force that direct entry adds, (lanes,)."""

    def emboldening(self, government: Government) -> Array:
        """Rise of resolve, as a share, (lanes,)."""

    def restraint(self, government: Government) -> Array:
        """What this ally charges its protege for fighting, in utility, (lanes,)."""

    def attack_price(self, government: Government) -> Array:
        """What this ally charges the enemy of its protege for an attack, in utility, (lanes,)."""

    def relief(self, side: str) -> Array:
        """Share of a side's hardship that this ally relieves, 0-1, (lanes,)."""


class Mediator(Protocol):
    """A third party."""

    slot: int
    """0, 1 or 2."""
    values: Any
    active: Array
    """Whether it is at work, bool."""
    attempting: Array
    """Whether it makes an attempt today, bool."""
    standing: Array
    """What failed attempts have left of its weight, 0-1."""


class Venue(Protocol):
    """Where the sides clash: what follows from the place."""

    fog: Array
    """Factor on the error of perception."""
    fear_factor: Array
    """Factor on the fear of the enemy's ally."""
    civilian_share: Array
    """Civilian deaths per military death."""
    surprise: Array
    """Whether incidents follow a line of contact, bool."""
    coverage: Array
    """Whether treaties that cover the border alone do not apply, bool."""

    def stake(self, side: str) -> Array:
        """Factor on a side's resolve, (lanes,)."""

    def force(self, side: str) -> Array:
        """Force of a side at each rung before any help, (lanes, rungs)."""


class Incidents(Protocol):
    """What troops on the spot do, apart from policy."""

    begun: Mapping[str, Array]
    """Side -> rung of the incident it began today, 0 where none."""
    level: Mapping[str, Array]
    """Side -> rung it fought today in incidents, fire returned included, 0 where none."""


class Combat(Protocol):
    """Losses of both sides."""

    deaths: Array
    """Deaths a day that each rung inflicts on an equal foe, (lanes, rungs)."""
    bloodiness: Array
    """Factor of the whole crisis on deaths, mean 1."""
    today: Mapping[str, Array]
    """Side -> military deaths of the day."""
    civilians_today: Mapping[str, Array]
    """Side -> civilian deaths of the day."""

    def surprise(self, side: str) -> Array:
        """How much worse the day's exchange of losses was for a side than the true balance of forces has it, (lanes,)."""

    def strikes(self, side: str) -> Array:
        """Where an experiment has a salient death strike a side today, bool (lanes,)."""


class Territory(Protocol):
    """Ground that changes hands."""

    gain: Array
    """Net gain of b in shares of what is in dispute, -1 to 1."""

    def lost_by(self, side: str) -> Array:
        """What a side has lost, 0-1, (lanes,)."""

    def gained_today(self, side: str) -> Array:
        """Whether ground moved a side's way today, bool (lanes,)."""


class Report(Protocol):
    """What one public has been told."""

    told: Array
    """Own deaths as admitted so far."""
    claimed: Array
    """Enemy deaths as claimed so far."""
    new_deaths: Array
    """Own deaths that became known today."""
    new_civilian_deaths: Array
    """Own civilian deaths of the day, alleged ones included."""
    new_admitted: Array
    """Share of the day's dead that the government admits, 0 where there are none."""
    salient: Array
    """1 where a death of the day strikes the public, else 0."""
    credit: Array
    """What is left of the government's credibility, 0-1."""
    loss_told: Array
    """Orders of magnitude of own deaths that everybody believes in."""
    loss_hidden: Array
    """Orders of magnitude that those who distrust the media add."""
    success: Array
    """How much heavier the enemy's losses are claimed to be than one's own, -1 to 1."""


class Reports(Protocol):
    """Both governments' reports of losses."""

    def of(self, side: str) -> Report:
        """What a side's public has been told."""


class Agreement(Protocol):
    """The agreement in force, if any."""

    kind: Array
    """:class:`Accord`."""
    in_force: Array
    """Whether there is an agreement, bool."""
    cover: Array
    """Cover that it lends to both governments, 0-1."""
    verification: Array
    """Share of incidents whose facts it establishes, 0-1."""
    price_of_breaking: Array
    """What it costs a government a day to fight under it, in utility."""
    signed_today: Array
    """Whether one was signed today, bool."""
    mediated_today: Array
    """Whether a mediated one was signed today, bool."""
    collapsed_today: Array
    """Whether one ended today by violation, bool."""
    number: Array
    """Agreements signed so far, imposed ones aside."""
    collapses: Array
    """Agreements that ended by violation so far, imposed ones aside."""
    first_day: Array
    """Day of the first one, -1 where none."""
    first_kind: Array
    """:class:`Accord` of the first one."""

    def sign(self, direct: Array, mediated: Array) -> None:
        """Conclude agreements where talks succeeded, both bool (lanes,), and impose one where a side has lost too much."""


class Talks(Protocol):
    """The table at which governments talk, directly and through mediators."""

    direct: Array
    """Whether the governments talk directly today, bool."""
    mediated: Array
    """Whether mediators make an offer today, bool."""
    facilitation: Array
    """Messages that mediators carry, 0-1."""
    verification: Array
    """Share of incidents whose facts somebody establishes, 0-1."""
    offer_cover: Array
    """Cover for accepting the mediators' offer, 0-1."""
    first_attempt_day: Array
    """Day of the first mediated attempt, -1 where none."""
    offered: Mapping[int, Mapping[str, Mapping[str, Array]]]
    """What today's offers are worth: channel -> side -> term -> utility."""

    def credibility(self, own: Government) -> Array:
        """How much a side believes what mediators say of the other, 0-1, (lanes,)."""

    def terms_of_agreement(self) -> dict[str, Array]:
        """What a mediated agreement signed today carries with it, (lanes,) each."""


class ReturnFire(Protocol):
    """Fire in answer to fire, as a matter of course."""

    level: Mapping[str, Array]
    """Side -> rung of today's answer, 0 where none."""


class Lulls(Protocol):
    """Spells of quiet days of the pair."""

    quiet: Array
    """Whether today lies in a lull, bool."""

    def fought_out(self, rung: Array) -> Array:
        """The rung that policy at ``rung`` (lanes,) is fought at today, (lanes,)."""


class World(Protocol):
    """A crisis as its parts see it."""

    lanes: int
    """Crises simulated together."""
    citizens: int
    """Citizens of each public."""
    dtype: np.dtype
    """Precision of the citizens' arithmetic."""
    day: int
    """Days since the beginning."""
    weighs_daily: bool
    """Whether options are weighed every day, to be told; what happens is the same."""
    values: Any
    """All parameters, an array a parameter."""
    luck: Any
    """:class:`sim.engine.streams.Luck`."""
    today: Any
    """The day's draws, :class:`sim.engine.streams.DailyDraws`."""
    governments: Mapping[str, Government]
    publics: Mapping[str, Public]
    allies: Sequence[Ally]
    mediators: Sequence[Mediator]
    venue: Venue
    incidents: Incidents
    combat: Combat
    territory: Territory
    reports: Reports
    agreement: Agreement
    talks: Talks
    return_fire: ReturnFire
    lulls: Lulls
    highest_fought: Array
    """The higher of the rungs fought yesterday, 0-9."""
    highest_stance: Array
    """The highest rung that either side stood at or fought yesterday, 0-9."""
    highest_fought_today: Array
    """The higher of the rungs last fought, 0-9."""
    peak_so_far: Array
    """The highest rung fought until yesterday, 0-9."""
