"""What can be set about one public: attitudes, media, approval and the street."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parameter import Record, number, whole

PILOT = "coarse search on an earlier edition of the model, not an estimate"


@dataclass(frozen=True)
class PublicRecord(Record):
    """One public of citizens in five segments (capital, border, displaced and veterans, exposed, rest)."""

    capital_share: float = number(0.2, 0.02, 0.4, "share of citizens in the capital", unit="share")
    border_share: float = number(0.2, 0.02, 0.4, "share of citizens near the front", unit="share")
    displaced_share: float = number(0.2, 0.02, 0.4, "share of displaced people and veterans", unit="share")
    exposed_share: float = number(0.2, 0.02, 0.4, "share of economically exposed citizens", unit="share")
    capital_protest: float = number(
        0.05, 0, 0.3, "how much lower the threshold of protest is in the capital", neutral=0
    )
    border_alarm: float = number(1, 0, 5, "extra weight of civilian deaths for citizens near the front", neutral=0)
    displaced_hawkishness: float = number(
        0.1, -0.5, 0.5, "extra hawkishness of displaced people and veterans", neutral=0
    )
    exposed_hardship: float = number(0.5, 0, 2, "extra hardship of the economically exposed", unit="share", neutral=0)

    hawkishness: float = number(
        0.07,
        -0.4,
        0.6,
        "mean anchor of attitudes, -1 dove to 1 hawk",
        "prior informed by surveys; value assumed",
        symbol="h",
    )
    hawkishness_sd: float = number(0.35, 0, 0.8, "spread of anchors between citizens", symbol="h_sd")
    attitude_shift: float = number(0, -1, 1, "start of attitudes relative to the anchors", symbol="x_0", neutral=0)
    honour: float = number(0.5, 0.05, 0.95, "median concern with national honour", symbol="honour")
    media_trust: float = number(0.5, 0.05, 0.95, "median trust in the government's media", symbol="trust")
    susceptibility: float = number(0.5, 0.05, 0.95, "median susceptibility to one's own segment", symbol="susc")
    exposure: float = number(0.5, 0.05, 0.95, "median exposure to hardship", symbol="y")
    trait_spread: float = number(1.0, 0, 2, "spread of honour, trust, susceptibility and exposure", unit="logit")
    casualty_sensitivity_sd: float = number(
        0.5, 0, 1.5, "log spread of sensitivity to casualties", unit="log", symbol="gamma_sd"
    )

    anchor_pull: float = number(
        0.064,
        0,
        0.2,
        "return of attitudes to the anchor",
        "form after Friedkin and Johnsen 1990; value " + PILOT,
        unit="per day",
        symbol="alpha_h",
        neutral=0,
    )
    conformity: float = number(
        0.05,
        0,
        0.2,
        "pull of the segment's mean attitude",
        "after DeGroot 1974; value assumed",
        unit="per day",
        symbol="alpha_n",
        neutral=0,
    )
    bounded_confidence: float = number(
        0,
        0,
        2,
        "width of the confidence kernel; 0 lets everybody count",
        "after Deffuant et al. 2000 and Hegselmann and Krause 2002",
        symbol="eps_c",
        neutral=0,
    )
    media_pull: float = number(
        0.033,
        0,
        0.1,
        "pull of the government's message",
        "form after DellaVigna and Gentzkow 2010; value " + PILOT,
        unit="per day",
        symbol="alpha_m",
        neutral=0,
    )
    media_alignment: float = number(
        0, 0, 1, "how far messages work only on those predisposed", "after Adena et al. 2015, QJE 130", neutral=0
    )
    propaganda: float = number(0.5, 0, 1.2, "intensity of war propaganda", symbol="prop", neutral=0)
    media_noise: float = number(0.1, 0, 0.5, "day-to-day noise of the message", symbol="s_M", neutral=0)
    anger_pull: float = number(
        0.087, 0, 0.3, "hardening of attitudes by anger", PILOT, unit="per day", symbol="alpha_a", neutral=0
    )
    weariness: float = number(
        0.012,
        0,
        0.1,
        "softening by a tenfold rise of perceived own deaths",
        "form after Mueller 1973; value " + PILOT,
        unit="per day",
        symbol="alpha_w",
        neutral=0,
    )

    blame_prior: float = number(0.7, 0.01, 0.99, "share that blames the enemy before any message", symbol="q0")
    blame_propaganda: float = number(1, 0, 3, "rise of blame with propaganda", unit="logit", symbol="pi", neutral=0)
    blame_verification: float = number(
        1, 0, 5, "fall of blame with verified facts", unit="logit", symbol="nu", neutral=0
    )
    anger_scale: float = number(10, 1, 100, "own deaths a day that bring anger to 63 %", unit="deaths", symbol="C0")
    civilian_weight: float = number(2, 0, 10, "weight of a civilian death in anger", symbol="w_civ", neutral=0)
    salience: float = number(6, 0, 20, "extra weight of a day with a salient death", symbol="sal", neutral=0)

    base_approval: float = number(0.75, -2, 3, "approval of a policy that suits a citizen", unit="logit/3", symbol="b0")
    mismatch: float = number(
        4, 0, 10, "loss for policy away from the preferred rung", unit="logit/3", symbol="b_D", neutral=0
    )
    rally_weight: float = number(
        0.35,
        0,
        1,
        "gain from a rally, about 5-7 points",
        "small after Baker and Oneal 2001, JCR 45",
        unit="logit/3",
        symbol="b_R",
        neutral=0,
    )
    rally_decay: float = number(
        0.95,
        0.5,
        0.999,
        "rally that is left after a day",
        "half-life of weeks after Mueller 1970; value assumed",
        symbol="rho_R",
    )
    rally_gain: float = number(0.25, 0, 1, "rally created by a day with deaths", symbol="r_0", neutral=0)
    rally_rhetoric: float = number(0.02, 0, 0.2, "rally created by a day of full rhetoric in a fight", neutral=0)
    hardship: float = number(0.55, 0, 1, "economic hardship", symbol="H0", neutral=0)
    hardship_weight: float = number(
        0.045,
        0,
        0.1,
        "approval that full hardship takes from fighting at rung 5, and in proportion from other force",
        unit="share",
        symbol="b_E",
        neutral=0,
    )
    casualty_weight: float = number(
        0.045,
        0,
        0.1,
        "approval that a tenfold rise of perceived own deaths takes from fighting at rung 5, likewise",
        "at rungs 8 and 9 about 15 points a factor ten, after Mueller 1973; value assumed",
        unit="share",
        symbol="b_C",
        neutral=0,
    )
    fatigue_weight: float = number(
        0.045,
        0,
        0.1,
        "approval that full exhaustion takes from fighting at rung 5, likewise",
        unit="share",
        symbol="b_F",
        neutral=0,
    )
    burden_cap: float = number(
        2, 0.5, 5, "most that losses, hardship and exhaustion take from approval", unit="logit", symbol="b_max"
    )
    success_relief: float = number(
        0.5,
        0,
        1,
        "share of that loss which perceived success forgives",
        "after Gelpi, Feaver and Reifler 2005",
        symbol="psi",
        neutral=0,
    )
    inconsistency: float = number(
        3.1,
        0,
        6,
        "penalty for stepping below one's commitment",
        "after Fearon 1994; Kertzer and Brutger 2016; value " + PILOT,
        unit="logit/3",
        symbol="beta_kappa",
        neutral=0,
    )
    weakness: float = number(
        1, 0, 6, "penalty for stepping below the enemy", unit="logit/3", symbol="beta_u", neutral=0
    )
    framing: float = number(
        0.5, 0, 2, "how much enemy rhetoric adds to the penalty for weakness", symbol="b_o", neutral=0
    )
    belligerence: float = number(
        0.3,
        0,
        2,
        "penalty for having threatened, from those who care little for honour",
        "after Kertzer and Brutger 2016, AJPS 60; value assumed",
        unit="logit/3",
        symbol="b_B",
        neutral=0,
    )
    reciprocation: float = number(
        1.5, 0, 4, "enemy descent that full trust expects in return", unit="rungs", symbol="delta", neutral=0
    )
    approval_slope: float = number(3, 0.5, 6, "steepness of approval in evaluation", symbol="k_u")
    approval_speed: float = number(
        0.25, 0.01, 1, "speed at which approval follows evaluation", unit="per day", symbol="k_a"
    )

    police: float = number(0.01, 0, 0.2, "police per citizen", unit="share", symbol="cops")
    arrest_rate: float = number(
        2.3, 0, 10, "steepness of the risk of arrest", "after Epstein 2002, PNAS 99", symbol="k_arr", neutral=0
    )
    protest_threshold: float = number(0.25, 0, 1, "grievance net of risk at which half protest", symbol="thr")
    protest_spread: float = number(0.05, 0.01, 0.5, "softness of that threshold", symbol="s_p")
    protest_memory: float = number(
        0.8,
        0,
        0.99,
        "share of a marcher's part of yesterday that goes on whatever today brings",
        symbol="rho_P",
        neutral=0,
    )
    anger_protest: float = number(0.4, 0, 2, "grievance from anger", symbol="g_a", neutral=0)
    fresh_start: float = number(0.5, 0, 1, "share of lost approval that a new leader is granted back")
    peace_movement: float = number(0.5, 0, 1, "weight of grievance against too much force", neutral=0)
    cascade_floor: int = whole(
        0,
        0,
        1,
        "1: arrests fall in whole steps of protesters per officer, so that cascades can occur",
        "after Lemos, Coelho and Lopes 2015",
        neutral=0,
    )
