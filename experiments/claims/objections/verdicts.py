"""Answers about the verdicts themselves: other rules, and what was put in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from experiments.claims.arms import QUICK, Bench
from experiments.claims.catalogue import catalogue, rule_hash
from experiments.claims.claim import CAUSAL
from experiments.claims.depth import calm
from experiments.claims.depth.common import middling, placebo, unmediated
from experiments.claims.depth.telling import known, table, values
from experiments.claims.measures import CALM, CALM_HORIZON
from experiments.claims.rule import BUILT_IN, FAILS, HOLDS
from experiments.claims.running import NECESSITY, Finding, find, plan, verdict_under

RULES = {
    "as frozen": (1.0, 0.90),
    "half the smallest effect": (0.5, 0.90),
    "twice the smallest effect": (2.0, 0.90),
    "certainty .80": (1.0, 0.80),
    "certainty .95": (1.0, 0.95),
}
"""Name -> factor on the smallest effect of interest, and the certainty asked for."""


def _quick(bench: Bench) -> Bench:
    """All claims need many arms: they are looked at with the effort of a quick run."""
    return Bench(replace(QUICK, seed=bench.effort.seed), bench.directory, bench.workers)


def _found(bench: Bench) -> dict[str, Finding]:
    plan(list(catalogue().values()), bench, structures=False)
    bench.run()
    return {name: find(one, bench, True, structures=False) for name, one in catalogue().items()}


def forking_paths(bench: Bench) -> str:
    """How many verdicts another rule would turn."""
    quick = _quick(bench)
    _found(quick)
    causal = [one for one in catalogue().values() if one.kind == CAUSAL and one.number != NECESSITY]
    verdicts = {rule: {one.name: verdict_under(one, quick, *how) for one in causal} for rule, how in RULES.items()}
    frozen = verdicts["as frozen"]
    rows, turned = [], []
    for rule, found in verdicts.items():
        counts = Counter(found.values())
        other = [name for name in found if found[name] != frozen[name]]
        turned += [name for name in other if {found[name], frozen[name]} == {HOLDS, FAILS}]
        rows.append(
            (
                rule,
                counts[HOLDS],
                counts[FAILS],
                counts["negligible"],
                counts["undecided"],
                sum(counts.values()) - sum(counts[v] for v in (HOLDS, FAILS, "negligible", "undecided")),
                ", ".join(other) or "-",
            )
        )
    return "\n\n".join(
        [
            f"The rule (`{rule_hash()}`) was frozen before any calibrated run. What claims are tested by was revised after "
            "a first full run had been seen; what and why is in docs/decisions/0013-designs-after-a-first-look.md. "
            f"The {len(causal)} causal claims of a quick run, but P{NECESSITY}, which has a rule of its own, judged anew "
            "by other rules from the same crises; moderators, structures and the check of noise are left aside:",
            table(("rule", "hold", "fail", "negligible", "undecided", "other", "verdict differs for"), rows).rstrip(),
            f"Claims that turn from holding to failing or back: {', '.join(sorted(set(turned))) or 'none'}. A verdict that "
            "moves between negligible and undecided says that the effect is about as large as the smallest of interest.",
        ]
    )


def built_in(bench: Bench) -> str:
    """Which claims are true by construction, and what is left of mediators without levers."""
    named = [one.name for one in catalogue().values() if any(part.built_in for part in one.parts)]
    found = _found(_quick(bench))
    certain = [name for name, one in found.items() if one.kind == CAUSAL and one.verdict == BUILT_IN]
    arms = {
        "nobody": unmediated(calm.NO_FEAR, horizon=CALM_HORIZON),
        "a channel without levers": unmediated({**calm.NO_FEAR, **placebo()}, horizon=CALM_HORIZON),
        "every lever in the middle": unmediated({**calm.NO_FEAR, **middling()}, horizon=CALM_HORIZON),
        "a hotline": unmediated({**calm.NO_FEAR, **calm.chosen("talks=hotline")}, horizon=CALM_HORIZON),
    }
    bench.want(arms.values())
    bench.run()
    cells = {name: values(bench, one, CALM) for name, one in arms.items()}
    rows = [(name, known(v).whole, known(v - cells["nobody"]).whole) for name, v in cells.items()]
    whole = (cells["every lever in the middle"] - cells["nobody"]).mean()
    bare = (cells["a channel without levers"] - cells["nobody"]).mean()
    share = f"{bare / whole:.0%}" if abs(whole) > 1e-9 else "no part"
    return "\n\n".join(
        [
            "What of a claim follows from the sign of a coefficient is told as a size beside its verdict "
            f"({', '.join(named)}) and never called support; claims whose sign was all but certain before any data are "
            f"called built in{' (in a quick run ' + ', '.join(certain) + ')' if certain else ''}. What a mediator adds can "
            "be taken apart:",
            table(("", "calm", "against nobody"), rows).rstrip(),
            f"A channel in which nothing is carried, drafted, promised or covered brings {share} of a middling mediator's "
            "effect. The sizes of the levers are assumed and no record informs them one by one: verdicts that lean on "
            "them are marked as resting on assumption.",
        ]
    )
