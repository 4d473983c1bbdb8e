"""What can be set about the pair of states: venue, opening, incidents, combat, reporting and territory."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parameter import Record, choice, number, part, whole

PILOT = "coarse search on an earlier edition of the model, not an estimate"
VENUES = ("border", "line_of_contact")
PLACES = ("venue", *VENUES)


@dataclass(frozen=True)
class IncidentsRecord(Record):
    """Local incidents: a self-exciting process apart from policy."""

    rate: float = number(
        0.06,
        0,
        2,
        "incidents a day and side without memory, in contact",
        PILOT,
        unit="per day",
        symbol="lambda0",
        neutral=0,
    )
    contagion: float = number(
        0.47,
        0,
        0.95,
        "incidents that one incident provokes",
        "form after Hawkes 1971; value " + PILOT,
        symbol="n",
        neutral=0,
    )
    memory: float = number(8, 1, 60, "days for which an incident provokes others", PILOT, unit="days", symbol="tau")
    border_scale: float = number(1, 0.1, 5, "frequency on a state border")
    line_scale: float = number(1.5, 0.5, 3, "frequency on a line of contact", PILOT)
    out_of_contact: float = number(0.1, 0, 1, "least frequency on a border, out of contact, relative to full contact")
    contact_centre: float = number(
        2.6, 0, 6, "higher rung of the pair at which contact on a border is halfway to full", unit="rung", symbol="c_x"
    )
    contact_width: float = number(
        1, 0.1, 4, "rungs over which contact on a border rises (logistic scale)", unit="rungs", symbol="w_x"
    )
    autonomous_risk: float = number(
        0.1,
        0,
        1,
        "incidents added by full force in play",
        "form after Schelling 1966; value " + PILOT,
        unit="per day",
        symbol="rho_e",
        neutral=0,
    )
    violent_share: float = number(0.5, 0, 1, "share of incidents with shooting (rung 4 and above)", PILOT, unit="share")
    artillery_share: float = number(0.1, 0, 1, "share of violent incidents at rung 5", PILOT, unit="share")
    return_fire: float = number(0.21, 0, 1, "chance that the other side fires back at once", PILOT, unit="share")


@dataclass(frozen=True)
class CombatRecord(Record):
    """Force and losses."""

    force_border_a: float = number(
        1.2, 0.5, 2.5, "local force of a on the state border", "prior from exchange ratios; assumed"
    )
    force_border_b: float = number(
        1.0, 0.5, 2.5, "local force of b on the state border", "prior from exchange ratios; assumed"
    )
    force_line_a: float = number(
        1.0, 0.5, 2.5, "force of a on a line of contact", "prior from exchange ratios; assumed"
    )
    force_line_b: float = number(
        1.25, 0.5, 2.5, "force of b on a line of contact", "prior from exchange ratios; assumed"
    )
    general_war_rung: int = whole(
        8, 5, 10, "from this rung on, the line-of-contact balance holds everywhere", unit="rung"
    )
    drones_a: float = number(1, 1, 2, "factor of a's force at rung 6", neutral=1)
    drones_b: float = number(1.3, 1, 2, "factor of b's force at rung 6", neutral=1)
    lethality: float = number(1, 0.05, 5, "scale of deaths at all rungs", symbol="phi")
    lethality_low: float = number(1, 0.05, 5, "scale of deaths at rungs 3 and 4", symbol="phi_4")
    lethality_middle: float = number(1, 0.05, 5, "scale of deaths at rungs 5 to 7", symbol="phi_57")
    lethality_high: float = number(1, 0.05, 10, "scale of deaths at rungs 8 and 9", symbol="phi_89")
    loss_exponent: float = number(
        1, 0, 2, "exponent of the force ratio in losses", "Lanchester's law; value assumed", symbol="zeta", neutral=0
    )
    attacker_penalty: float = number(0.1, 0, 0.5, "extra losses per rung above the enemy", symbol="d_off", neutral=0)
    low_profile: float = number(
        0.6,
        0,
        1,
        "share of a side's losses that does not depend on how far it exposes itself; the rest falls with its own rung "
        "relative to the enemy's",
        unit="share",
        symbol="lp",
        neutral=1,
    )
    hurdle: float = number(
        1,
        0,
        1,
        "scale of the chance that a day of fighting kills nobody",
        "shares after Militarized Interstate Events 1.0",
        neutral=0,
    )
    spread_low: float = number(1.2, 0, 3, "log spread of a deadly day at rungs up to 4", symbol="sigma_4")
    spread_middle: float = number(0.9, 0, 2.5, "log spread at rungs 5 to 7", symbol="sigma_57")
    spread_high: float = number(
        0.45,
        0,
        1.5,
        "log spread at rungs 8 and 9",
        "daily losses of autumn 2020, negative binomial k = 4.7",
        symbol="sigma_89",
    )
    persistence: float = number(
        0.4,
        0,
        0.95,
        "day-to-day autocorrelation of severity",
        "daily losses of autumn 2020, lag-1 r = .40",
        symbol="r",
        neutral=0,
    )
    spell_sd: float = number(0.5, 0, 2.5, "log spread of bloodiness between crises", unit="log", neutral=0)
    spell_cap: float = number(8, 1, 100, "largest bloodiness of a crisis relative to the mean")
    lull_share: float = number(
        0,
        0,
        0.9,
        "share of days that lie in lulls, when nobody acts on a posture below rung 8",
        unit="share",
        neutral=0,
    )
    lull_days: float = number(14, 1, 120, "mean length of a lull", unit="days")
    day_cap: float = number(5000, 100, 50000, "most deaths of a side in a day", unit="deaths")
    civilian_share_border: float = number(0.05, 0, 1, "civilian per military death, state border", neutral=0)
    civilian_share_line: float = number(0.08, 0, 1, "civilian per military death, line of contact", neutral=0)
    salient_share: float = number(
        0.06,
        0,
        0.2,
        "chance that a death is a salient one",
        "2 senior officers of 12 dead bound it by .17",
        symbol="p_s",
        neutral=0,
    )
    salient_day: int = whole(
        -1, -1, 450, "day on which a salient death is forced (-1: never)", "experiment", unit="day", neutral=-1
    )
    salient_side: str = choice("both", ("a", "b", "both"), "whom the forced salient death strikes", "experiment")


@dataclass(frozen=True)
class OperationsRecord(Record):
    """Operations: spells of policy at or above a rung, which may culminate (Clausewitz's culminating point)."""

    from_rung: int = whole(5, 4, 9, "lowest policy rung of an operation (variant: 4)", unit="rung", symbol="r0")
    lapse_rate_middle: float = number(
        0,
        0,
        1,
        "chance a day that an operation below rung 8 culminates and policy is decided afresh from rung 3",
        "most militarised events last days, Militarized Interstate Events 1.0; value assumed",
        unit="per day",
        symbol="1/tau_57",
        neutral=0,
    )
    lapse_rate_8: float = number(
        0, 0, 1, "the same for an offensive at rung 8", unit="per day", symbol="1/tau_8", neutral=0
    )
    lapse_rate_9: float = number(
        0, 0, 1, "the same for full war at rung 9", unit="per day", symbol="1/tau_9", neutral=0
    )
    renewal: float = number(
        1,
        0,
        1,
        "share of the cost of climbing that it takes to go on with an operation that has culminated",
        unit="share",
        symbol="rho_o",
    )


@dataclass(frozen=True)
class ReportingRecord(Record):
    """What each government says of losses."""

    disclosure_a: float = number(0.95, 0.3, 1, "share of own deaths a reports", unit="share", symbol="u_a", neutral=1)
    disclosure_b: float = number(0.95, 0.3, 1, "share of own deaths b reports", unit="share", symbol="u_b", neutral=1)
    inflation_a: float = number(
        2, 1, 25, "factor by which a claims enemy deaths", "after claims of July 2020", symbol="o_a", neutral=1
    )
    inflation_b: float = number(
        8, 1, 25, "factor by which b claims enemy deaths", "after claims of July 2020", symbol="o_b", neutral=1
    )
    leak: float = number(0.05, 0, 0.3, "share of hidden deaths that comes out", unit="per day", symbol="ell")
    hiding_penalty: float = number(1, 0, 5, "loss of credit when hidden deaths come out", neutral=0)
    civilian_claims: float = number(
        0, 0, 5, "civilian deaths claimed a day of shelling without any", unit="deaths per day", neutral=0
    )


@dataclass(frozen=True)
class TerritoryRecord(Record):
    """How ground changes hands and when that settles a war."""

    rate: float = number(
        0.0275,
        0,
        0.2,
        "movement a day per unit of force difference at rungs 7 and above",
        "scaled to autumn 2020",
        unit="share per day",
        neutral=0,
    )
    breadth: float = number(
        2,
        0,
        4,
        "how fast the share of the front under attack grows with force used (0 = all of it at any assault)",
        neutral=0,
    )
    by_bloodiness: float = number(
        1, 0, 2, "how far ground follows the bloodiness of the crisis, where that is below its mean", neutral=0
    )
    settlement: float = number(0.3, 0.05, 1, "loss at which a settlement is imposed", unit="share")
    capital: float = number(0.2, 0.02, 1, "loss at which the capital is threatened", unit="share")
    capital_threat: float = number(0.3, 0, 1, "threat added when it is", neutral=0)
    coverage_threat: float = number(0.5, 0, 1, "threat from full force at a covered venue", neutral=0)
    imposed_enforcement: float = number(0.8, 0, 1, "guarantee of a settlement that was imposed", unit="share")


@dataclass(frozen=True)
class DyadRecord(Record):
    """The pair of states and where they clash."""

    venue: str = choice("border", VENUES, "where the sides clash", "scenario")
    stakes_at: str = choice("venue", PLACES, "venue that sets the stakes", "experiment", neutral="venue")
    coverage_at: str = choice(
        "venue", PLACES, "venue that decides whether a treaty applies", "experiment", neutral="venue"
    )
    fear_at: str = choice(
        "venue", PLACES, "venue that sets the adversary's fear of the ally", "experiment", neutral="venue"
    )
    terrain_at: str = choice("venue", PLACES, "venue that sets local force", "experiment", neutral="venue")
    civilians_at: str = choice("venue", PLACES, "venue that sets civilian exposure", "experiment", neutral="venue")
    surprise_at: str = choice(
        "venue", PLACES, "venue that sets fog and the frequency of incidents", "experiment", neutral="venue"
    )
    stake_border_a: float = number(
        1, 0.3, 2, "stake of a on the state border, relative to the line of contact", neutral=1
    )
    stake_border_b: float = number(
        0.8, 0.3, 2, "stake of b on the state border, relative to the line of contact", PILOT, neutral=1
    )
    fear_line: float = number(
        0.5, 0, 2, "fear of the enemy's ally on a line of contact, relative to a state border", neutral=1
    )
    fog_line: float = number(1.2, 0.5, 2, "fog on a line of contact, relative to a state border", neutral=1)
    start_rung_a: int = whole(5, 0, 9, "policy rung of a on day 0", unit="rung")
    start_rung_b: int = whole(5, 0, 9, "policy rung of b on day 0", unit="rung")
    trigger_rung: int = whole(0, 0, 9, "level of an opening incident on day 0 (0: none)", unit="rung", neutral=0)
    trigger_side: str = choice("both", ("a", "b", "both"), "who fires in the opening incident")
    trigger_endorsed: int = whole(1, 0, 1, "1 where the opening incident is policy")
    incidents: IncidentsRecord = part(IncidentsRecord)
    combat: CombatRecord = part(CombatRecord)
    operations: OperationsRecord = part(OperationsRecord)
    reporting: ReportingRecord = part(ReportingRecord)
    territory: TerritoryRecord = part(TerritoryRecord)
