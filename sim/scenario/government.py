"""What can be set about one government: its aims, its costs, its leader and how it learns."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parameter import Record, choice, number, text, whole

PILOT = "coarse search on an earlier edition of the model, not an estimate"


@dataclass(frozen=True)
class GovernmentRecord(Record):
    """One government. Utilities are in units of about ten points of approval."""

    label: str = text("a side", "name shown to readers")
    luck_slot: int = whole(0, 0, 1, "which of the two streams of luck this side draws from")

    resolve: float = number(2.5, 0.2, 12, "median value of the stake in dispute", PILOT, unit="utility", symbol="v")
    resolve_sd: float = number(
        0.85,
        0,
        2,
        "log standard deviation of resolve, unknown to the other side",
        PILOT,
        unit="log",
        symbol="v_sd",
        neutral=0,
    )
    contest_steepness: float = number(
        2, 1, 4, "decisiveness of force in the contest", "after Hirshleifer 1989, Public Choice 63", symbol="m"
    )
    contest_form: str = choice(
        "difference",
        ("difference", "ratio"),
        "contest success function",
        "difference after Hirshleifer 1989; ratio after Tullock 1980",
    )
    contest_scope: float = number(
        0,
        0,
        1,
        "how far only what the force in play can win is at stake (exponent of the larger force)",
        symbol="beta",
        neutral=0,
    )
    hope_rate: float = number(
        0,
        0,
        1,
        "fading of what is hoped of fighting, per day of operation without ground gained",
        "learning by fighting, after Filson and Werner 2002 and Slantchev 2003; value assumed",
        unit="per day",
        symbol="1/tau_h",
        neutral=0,
    )
    hope_recovery: float = number(
        0.0333, 0, 1, "share of those days that is forgotten a day without an operation", unit="per day", symbol="d_h"
    )
    casualty_cost: float = number(
        0.55,
        0,
        2,
        "cost of a tenfold rise in expected own deaths a day",
        "form after Mueller 1973; value " + PILOT,
        unit="utility",
        symbol="c_C",
        neutral=0,
    )
    material_cost: float = number(
        3.3, 0, 6, "material cost of full force a day", PILOT, unit="utility", symbol="k_F", neutral=0
    )
    stock_cost: float = number(
        0, 0, 5, "rise of the material cost when stocks have run down", unit="share", symbol="chi", neutral=0
    )
    stock_gain: float = number(
        0.14, 0, 0.2, "running down of stocks per day of fire at full force", unit="per day", symbol="s_up"
    )
    stock_recovery: float = number(
        0.01, 0, 0.2, "refilling of stocks per day without fire", unit="per day", symbol="s_down"
    )
    assault_surcharge: float = number(
        0.25, 0, 1, "extra material cost of ground assault (rung 7 and above)", symbol="iota", neutral=0
    )
    readiness_cost: float = number(
        0.76, 0, 3, "cost of staying at readiness above rung 1", PILOT, unit="utility", symbol="k_r", neutral=0
    )
    reciprocity: float = number(
        0.27,
        0,
        3,
        "weight of answering in kind",
        "form after Goldstein and Pevehouse 1997, APSR 91; value " + PILOT,
        unit="utility",
        symbol="rho",
        neutral=0,
    )
    conciliation: float = number(
        0.5, 0, 2, "how far below the enemy's rung full trust lets one stay", unit="rungs", symbol="c0", neutral=0
    )
    domestic_weight: float = number(
        5.1,
        0,
        10,
        "weight of approval",
        PILOT,
        unit="utility per unit approval",
        symbol="omega0",
        neutral=0,
    )
    protest_pressure: float = number(
        1,
        0,
        3,
        "weight of what protesters think of an option, beside the public, when protest reaches its reference",
        symbol="kappa_P",
        neutral=0,
    )
    protest_reference: float = number(
        0.01,
        0.001,
        0.1,
        "protest at which pressure counts in full",
        "order of the Baku march of 14-15 July 2020, .004-.007 of adults",
        unit="share",
        symbol="P_ref",
    )
    protest_ceiling: float = number(
        0.05,
        0.01,
        1,
        "protest beyond which a larger crowd weighs no more, on policy or on the leader's seat",
        "order of the largest campaigns after Chenoweth and Stephan 2011; value assumed",
        unit="share",
        neutral=1,
    )
    insecurity: float = number(
        0.5,
        -1,
        2,
        "rise of the domestic weight per unit of approval lacking; both signs argued",
        "after Goemans 2008, JCR 52; value assumed",
        symbol="kappa_ins",
        neutral=0,
    )
    approval_needed: float = number(0.5, 0, 1, "approval below which the leader is insecure", unit="share", symbol="A*")
    step_up: float = number(
        0.7,
        0,
        3,
        "cost of climbing one rung (symmetric with step_down unless tested)",
        PILOT,
        unit="utility",
        symbol="d_up",
        neutral=0,
    )
    step_down: float = number(
        0.7, 0, 3, "cost of coming down one rung", PILOT, unit="utility", symbol="d_down", neutral=0
    )
    rationality: float = number(
        3.6,
        0.1,
        50,
        "precision of the quantal response; large values approach best response",
        "form after McKelvey and Palfrey 1995, GEB 10; value " + PILOT,
        symbol="lambda",
    )
    action_set: str = choice(
        "two_steps", ("one_step", "two_steps", "any"), "how far one decision can move", "structural variant"
    )
    anticipation: float = number(
        0.5, 0, 1, "share of the learned enemy answer that is taken into account", symbol="ant", neutral=0
    )
    fog: float = number(
        0.8, 0, 2, "error in perceiving the enemy's rung", PILOT, unit="rungs", symbol="sigma_f", neutral=0
    )
    clock_crisis: float = number(
        0.2,
        0,
        1,
        "chance a day of reconsidering policy in a crisis (variant: 1)",
        unit="per day",
        symbol="alpha_hot",
        neutral=1,
    )
    clock_calm: float = number(
        0.02, 0, 1, "chance a day of reconsidering policy when calm", unit="per day", symbol="alpha_calm"
    )
    answer_in_kind: float = number(
        0,
        0,
        1,
        "chance a day of answering the other side's first fire by a day of fire, as a matter of course, once, within "
        "answer_days",
        unit="per day",
        symbol="alpha_ans",
        neutral=0,
    )
    planning_days: float = number(
        14, 1, 60, "days of look-ahead in judging a settlement or a drift of force", unit="days", symbol="h_d"
    )
    discount: float = number(0.95, 0.5, 1, "discount a day inside the planning window", unit="per day", symbol="disc")
    force_drift: float = number(
        0,
        -0.05,
        0.05,
        "anticipated drift of own relative force",
        "form after Powell 2006, IO 60",
        unit="per day",
        symbol="drift",
        neutral=0,
    )
    force_prior_error: float = number(
        0.25, 0, 1, "initial error about the enemy's force", unit="log", symbol="s_b", neutral=0
    )
    force_learning_noise: float = number(
        2.5, 0.1, 10, "noise of one day's exchange of losses as news about force", unit="log", symbol="r_b"
    )
    answer_prior: float = number(
        0.25, -1, 1, "expected enemy answer to one's own step before any experience", unit="rungs per rung", symbol="r0"
    )
    answer_learning: float = number(
        0.1, 0, 1, "speed of learning how the enemy answers", unit="per answered step", symbol="eta_r_hat", neutral=0
    )
    answer_days: int = whole(7, 1, 30, "days within which a step, or first fire, counts as answered", unit="days")

    trust_start: float = number(
        0.09, 0, 1, "trust that the enemy reciprocates, at the start", PILOT, unit="share", symbol="T0"
    )
    trust_learning: float = number(
        0.1, 0, 0.5, "speed of trust's response to the enemy's steps", unit="per step", symbol="eta", neutral=0
    )
    private_precision: float = number(
        0.02,
        0,
        0.2,
        "weight of the private signal of the enemy's readiness",
        "after Kurizaki 2007, APSR 101; value assumed",
        unit="per day",
        symbol="tau_p",
        neutral=0,
    )
    private_noise: float = number(0.2, 0, 1, "noise of the private signal", unit="share", symbol="s_T")
    rhetoric_erosion: float = number(
        0.02, 0, 0.2, "loss of trust to the enemy's rhetoric while it fights", unit="per day", symbol="eta_r", neutral=0
    )

    commitment_start: float = number(
        0,
        0,
        9,
        "commitment at the start (the start rung binds by posture_commitment in any case)",
        unit="rungs",
        symbol="kappa_0",
    )
    posture_commitment: float = number(
        1, 0, 1, "share of the rung stood at that binds as a pledge", unit="share", symbol="w_p", neutral=0
    )
    commitment_decay: float = number(0.02, 0, 0.5, "fading of commitment", unit="per day", symbol="delta_kappa")
    rhetoric_commitment: float = number(
        0.5, 0, 1, "share of full commitment that full rhetoric creates", symbol="w", neutral=0
    )
    rhetoric_discipline: float = number(
        0, 0, 1, "share of rhetoric that a disciplined leadership holds back", symbol="disc_r", neutral=0
    )
    rhetoric_attitude: float = number(1, 0, 5, "rise of rhetoric with the public's mean attitude", symbol="g_x")
    rhetoric_protest: float = number(10, 0, 100, "rise of rhetoric with protest", unit="per share", symbol="g_P")
    rhetoric_rung: float = number(2, 0, 5, "rise of rhetoric with the government's own rung", symbol="g_e")
    rhetoric_base: float = number(-1.5, -5, 3, "rhetoric at rest (logit)", unit="logit", symbol="g_0")

    fatigue_gain: float = number(0.02, 0, 0.2, "exhaustion per day of full force", unit="per day", symbol="f_up")
    fatigue_recovery: float = number(0.01, 0, 0.2, "recovery per day of rest", unit="per day", symbol="f_down")

    fall_hazard: float = number(
        3e-4, 0, 0.02, "hazard of the leader's fall at middling approval", PILOT, unit="per day", symbol="h0", neutral=0
    )
    vulnerability: float = number(
        1,
        0.05,
        1,
        "exposure of the leader to punishment",
        "after Croco and Weeks 2016, World Politics 68; value assumed",
        symbol="vuln",
    )
    fall_by_approval: float = number(10, 0, 20, "log hazard per unit of approval lacking", PILOT, symbol="eta_A")
    fall_by_protest: float = number(8, 0, 40, "log hazard per unit of protest", PILOT, symbol="eta_P")
    fall_by_loss: float = number(1, 0, 5, "log hazard per unit of territory lost", symbol="eta_D")
    successor_commitment: float = number(0.4, 0, 1, "share of commitment a successor inherits", symbol="keep")
