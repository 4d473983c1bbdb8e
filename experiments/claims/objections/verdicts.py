"""Answers about the verdicts themselves: other rules, and what was put in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from experiments.claims.arms import QUICK, Changes
from experiments.claims.catalogue import catalogue, rule_hash
from experiments.claims.claim import CAUSAL
from experiments.claims.depth.baseline import NO_FEAR, chosen, middling, placebo, unmediated
from experiments.claims.depth.estimates import cells_of, estimate
from experiments.claims.depth.section import table
from experiments.claims.judging import NECESSITY, find, verdict_under
from experiments.claims.measures import CALM_HORIZON
from experiments.claims.rule import BUILT_IN, FAILS, HOLDS, NEGLIGIBLE, UNDECIDED
from experiments.claims.specifications import plan
from experiments.claims.store import ArmStore

RULES = {
    "as frozen": (1.0, 0.90),
    "half the smallest effect": (0.5, 0.90),
    "twice the smallest effect": (2.0, 0.90),
    "certainty .80": (1.0, 0.80),
    "certainty .95": (1.0, 0.95),
}
"""Name -> factor on the smallest effect of interest, and the certainty asked for."""
COUNTED = (HOLDS, FAILS, NEGLIGIBLE, UNDECIDED)


def _quick_look(store: ArmStore) -> ArmStore:
    """All claims need many arms: they are looked at with the sample size of a quick run."""
    quick = ArmStore(replace(QUICK, seed=store.size.seed), store.directory, store.workers)
    plan(list(catalogue().values()), quick, structures=False)
    quick.run()
    return quick


def forking_paths(store: ArmStore) -> str:
    """How many verdicts another rule would turn."""
    quick = _quick_look(store)
    causal = [claim for claim in catalogue().values() if claim.kind == CAUSAL and claim.name != NECESSITY]
    verdicts = {
        rule: {claim.name: verdict_under(claim, quick, *how) for claim in causal} for rule, how in RULES.items()
    }
    frozen = verdicts["as frozen"]
    rows, turned = [], set()
    for rule, by_claim in verdicts.items():
        counts = Counter(by_claim.values())
        differing = [name for name, verdict in by_claim.items() if verdict != frozen[name]]
        turned |= {name for name in differing if {by_claim[name], frozen[name]} == {HOLDS, FAILS}}
        counted = [counts[verdict] for verdict in COUNTED]
        rows.append((rule, *counted, len(causal) - sum(counted), ", ".join(differing) or "-"))
    return "\n\n".join(
        [
            f"The rule (`{rule_hash()}`) was frozen before any calibrated run; what claims are tested by was revised after "
            "a first full run had been seen (docs/decisions/0013-designs-after-a-first-look.md). "
            f"The {len(causal)} causal claims of a quick run, but {NECESSITY}, which has a rule of its own, judged anew "
            "by other rules from the same crises; moderators, structures and the check of noise are left aside:",
            table(("rule", "hold", "fail", "negligible", "undecided", "other", "verdict differs for"), rows).rstrip(),
            f"Claims that turn from holding to failing or back: {', '.join(sorted(turned)) or 'none'}.",
        ]
    )


def built_in(store: ArmStore) -> str:
    """Which claims are true by construction, and what is left of mediators without levers."""
    quick = _quick_look(store)
    named = [claim.name for claim in catalogue().values() if any(part.built_in for part in claim.parts)]
    findings = [find(claim, quick, True, structures=False) for claim in catalogue().values() if claim.kind == CAUSAL]
    certain = ", ".join(finding.name for finding in findings if finding.verdict == BUILT_IN)
    kinds: dict[str, Changes] = {
        "nobody": {},
        "a channel without levers": placebo(),
        "every lever in the middle": middling(),
        "a hotline": chosen("talks=hotline"),
    }
    arms = {name: unmediated({**NO_FEAR, **changes}, horizon=CALM_HORIZON) for name, changes in kinds.items()}
    store.want(arms.values())
    store.run()
    cells = cells_of(store, arms, "calm")
    added = {name: values - cells["nobody"] for name, values in cells.items()}
    rows = [(name, estimate(cells[name]).with_draws, estimate(added[name]).with_draws) for name in cells]
    whole, bare = added["every lever in the middle"].mean(), added["a channel without levers"].mean()
    share = f"{bare / whole:.0%}" if abs(whole) > 1e-9 else "no part"
    return "\n\n".join(
        [
            f"Parts of claims whose sign follows from that of a coefficient ({', '.join(named)}) are shown as sizes beside "
            "the verdict and never called support; claims whose sign was all but certain before any data are called built "
            f"in{f' (in a quick run {certain})' if certain else ''}. What a mediator adds, taken apart:",
            table(("", "calm", "against nobody"), rows).rstrip(),
            f"A channel in which nothing is carried, drafted, promised or covered brings {share} of a middling mediator's "
            "effect. The sizes of the levers are assumed: verdicts that lean on them are marked so.",
        ]
    )
