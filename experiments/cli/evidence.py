"""Commands that hold the model against what is known: records, coded cases, survey experiments, claims, objections."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.errors import UserError
from experiments.study.location import default_directory

Resume = Annotated[
    Path | None, typer.Option(help="Directory of an interrupted run to complete, with the settings it was begun with.")
]
Output = Annotated[Path | None, typer.Option(help="Directory to write to (default: a new one in outputs).")]
Document = Annotated[Path | None, typer.Option(help="Write the text into this document, too.")]
Workers = Annotated[int, typer.Option(min=1, help="Worker processes.")]


def validate_command(
    quick: Annotated[bool, typer.Option("--quick", help="Few crises: a look, not the real thing.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of all luck.")] = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")] = 0,
    write: Annotated[Path | None, typer.Option(help="Write the tables to this document, too.")] = None,
) -> None:
    """Hold the model against its targets; show what each mechanism does and how often intervals cover."""
    from experiments.validation.running import validate

    raise typer.Exit(validate(quick, seed, workers, write))


def calibrate_command(
    quick: Annotated[
        bool, typer.Option(help="Few sets of values and few crises: to try the procedure; not a posterior to use.")
    ] = False,
    resume: Annotated[Path | None, typer.Option(help="Directory of an interrupted calibration to complete.")] = None,
    structures: Annotated[
        str | None, typer.Option(help="Structures to fit instead of all, with commas between: see offramp list priors.")
    ] = None,
    points: Annotated[int | None, typer.Option(min=20, help="Sets of values to simulate for each structure.")] = None,
    lanes: Annotated[int | None, typer.Option(min=5, help="Crises simulated with each set.")] = None,
    citizens: Annotated[int | None, typer.Option(min=10, help="Citizens in each public.")] = None,
    predictive: Annotated[
        int | None, typer.Option(min=2, help="Draws of each posterior to check with new crises.")
    ] = None,
    fresh: Annotated[int | None, typer.Option(min=5, help="New crises simulated with each of these draws.")] = None,
    trajectories: Annotated[
        int | None, typer.Option(min=0, help="Trajectories of Morris screening, which picks what to fit; 0: none.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Priors to fit instead, by name (offramp list priors), with commas between.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Random seed.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes.")] = None,
    neural: Annotated[
        bool, typer.Option(help="Check against neural networks in the place of the Gaussian process, too.")
    ] = False,
    under: Annotated[
        Path | None,
        typer.Option(
            help="Keep the posterior in this directory; simulate its predictions and fit the line of contact anew."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Directory to write to (default: a new one in outputs/calibrate).")
    ] = None,
    ship: Annotated[Path | None, typer.Option(help="Also write the posteriors to this directory.")] = None,
    document: Annotated[Path | None, typer.Option(help="Also renew this document.")] = None,
) -> None:
    """Fit the population of disputes to what is on record of disputes, under five rival structures of the model.

    Crises are simulated with sets of values drawn from the priors; response surfaces learn from them how the records
    depend on the values; the posterior is what meets the records. Structures are weighed by what they predict of
    records that they were not fitted to, and the line of contact is fitted last. Everything is checked with new crises.
    The directory of results is printed.

    Examples: offramp calibrate --quick | offramp calibrate --structures none,hope --points 1500 |
    offramp calibrate --under conf/posterior
    """
    from experiments.calibration.requests import claimed, reopened, requested
    from experiments.calibration.run import calibrate, predict_again

    names = {"structures": _names("structures", structures), "only": _names("only", only)}
    if names["only"] and trajectories is None:
        trajectories = 0
    sizes = {"points": points, "lanes": lanes, "citizens": citizens, "predictive": predictive, "fresh": fresh}
    changed = _given(**names, **sizes, trajectories=trajectories, seed=seed, workers=workers)
    directory = resume or output or default_directory("calibrate")
    request = reopened(directory, changed) if resume else claimed(directory, requested(quick, **changed))
    if under:
        predict_again(directory, request, under, ship, document)
    else:
        calibrate(directory, request, neural=neural, ship_to=ship, document=document)
    typer.echo(str(directory))


def _names(option: str, text: str | None) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    if text is not None and not names:
        raise UserError(f"calibrate --{option}: no name given; offramp list priors shows them")
    return names or None


def cases_command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Cases, such as tovuz_2020 galwan_2020, or a scenario of one's own.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A quick look: few draws of few crises.")] = False,
    draws: Annotated[int | None, typer.Option(min=2, help="Draws of the posterior (default: all there are).")] = None,
    crises: Annotated[int | None, typer.Option(min=2, help="Crises simulated with each draw.")] = None,
    citizens: Annotated[int | None, typer.Option(min=10, help="Citizens in each public.")] = None,
    horizon: Annotated[
        int | None, typer.Option(help="Days simulated, where no record ends earlier (default: 120).")
    ] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Use the values each case is coded with; draw nothing.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(help="CSV file of what became of the case: plain form, GED or ACLED.")
    ] = None,
    sides: Annotated[str | None, typer.Option(help="Words of the names of a and b in an export: 'NAME,NAME'.")] = None,
    begin_at: Annotated[
        str | None, typer.Option("--begin", help="Day 0 of the record (default: its first event), as 2020-07-12.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day that the record covers; no later day is simulated.")
    ] = None,
    config_dir: Annotated[str | None, typer.Option(help="A directory of configurations of one's own.")] = None,
    resume: Resume = None,
    output: Output = None,
    document: Document = None,
    workers: Workers = 2,
) -> None:
    """Run every coded case and set what became of it beside what the model expects.

    Each case was coded by fixed rules from what was known before it (docs/cases); what happened afterwards is not used
    to draw it. Uncertain parameters come from the posterior of the population of disputes, laid under what the case
    codes. Printed are the chance of calm without a mediator and, with the mediators that were on offer, the predictive
    distributions of heavy days, days to calm and military dead, and the percentile at which the record lies in each.

    A record of one's own works the same way. In the plain form (docs/cases/README.md) a row is an event, with the dead
    of each side; an export of UCDP's GED or of ACLED is read as it comes, with --sides to say who a and b are, words
    of which one is enough parted by |. What a record cannot tell is null, with the reason.

    Examples: offramp cases --quick | offramp cases my_crisis --config-dir my_conf --record events.csv
    """
    from experiments.cases.requests import FULL, QUICK, begin, record_for
    from experiments.cases.running import run

    sizes = _given(draws=draws, crises=crises, citizens=citizens, horizon=horizon)
    texts = _given(record=record and str(record), sides=sides, begin=begin_at, until=until, config_dir=config_dir)
    request = replace(QUICK if quick else FULL, names=tuple(names or ()), **sizes, **texts)
    request, directory = begin(replace(request, uncertainty="none") if defaults else request, resume, output)
    typer.echo(f"{request.summary} Cut short, it goes on with --resume {directory}", err=True)
    if request.uncertainty == "posterior":
        _warn_of_posterior()
    if request.record and (events := record_for(request, request.names[0])) and events.left_out:
        typer.echo(events.left_out, err=True)
    for line in run(request, directory, document, workers):
        typer.echo(line)
    typer.echo(directory)


def protocols_command(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="As for run: scenario=NAME, mediation=NAME, any parameter, uncertainty, citizens, seed."),
    ] = None,
    config_dir: Annotated[Path | None, typer.Option(help="Directory of your own scenarios.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Directory to write to (default: a new one in outputs/protocols).")
    ] = None,
    write: Document = None,
) -> None:
    """Ask the publics what survey experiments ask, and print each reply beside the range that experiments find.

    Six replies: the cost of backing down from a threat and from force (Tomz 2007); how much of it a third party's
    proposal covers; inconsistency and belligerence as parts of it; what a rival's taunt adds to approval of a firm
    answer; the fall of approval of a war per factor ten of deaths; the rally after a first day with deaths.

    Without a scenario the publics are those of the population of disputes; a case has two of its own.
    uncertainty=prior asks a public for each of 1,000 draws of what is not known, uncertainty=posterior for each draw of
    the posterior, prior:200 or posterior:200 for so many; then the share of draws inside is printed. The directory, with
    a figure, a table (CSV and Parquet) and a README, comes last.

    Examples: offramp protocols | offramp protocols scenario=tovuz_2020 | offramp protocols uncertainty=prior:500 |
    offramp protocols public.a.inconsistency=3 public.b.inconsistency=3
    """
    from experiments.protocols.running import requested, run

    for line in run(requested(overrides or [], str(config_dir) if config_dir else None), output, write):
        typer.echo(line)


def propositions_command(
    names: Annotated[list[str] | None, typer.Argument(help="Claims, such as P13 P15 (default: all).")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer draws and crises, under four minutes; verdicts are provisional.")
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Sets of values drawn for uncertain parameters, equally many of each structure of the model; a final "
            "verdict wants 200.",
        ),
    ] = None,
    crises: Annotated[
        int | None,
        typer.Option(min=2, help="Crises simulated with each set in each arm; a final verdict wants 60."),
    ] = None,
    secondary_crises: Annotated[
        int | None,
        typer.Option(
            "--secondary-crises",
            "--aside",
            min=2,
            help="Crises simulated with each set before calibration, beside verdicts, and for claims about the record.",
        ),
    ] = None,
    citizens: Annotated[int | None, typer.Option(min=5, help="Citizens in each public.")] = None,
    depth: Annotated[
        bool,
        typer.Option("--depth", help="Take claims apart instead of judging them: P2, P15, P23, P26 or P33."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print how many crises it would take and how long; simulate nothing.")
    ] = False,
    resume: Resume = None,
    output: Output = None,
    document: Document = None,
    workers: Workers = 2,
) -> None:
    """Test every claim of the source article: type, test, verdict.

    Prints a line a claim, such as `P13 causal undecided odds ratio 1.3 [0.9, 2] reach 0.8..4.1 power 0.62`: its type, the
    verdict, the pooled effect with 95 % of draws and structures of the model, the smallest and largest effect in the
    declared ranges of what the claim names, and how often the rule would say so if the claim were clearly true or false.
    Last comes the directory of results: a figure of all claims by theme, tables, and the crises of every arm. A run that
    was killed goes on with --resume DIR.

    With --depth claims are taken apart instead: P15 (is calm possible without mediators, in which worlds, and what does a
    mediator's effect consist of?), P2 (the parts of the venue), P23 and P26 (allies), P33 (the mechanisms).

    Examples: offramp propositions --quick | offramp propositions P13 P15 | offramp propositions --dry-run
    | offramp propositions P15 --depth
    """
    from experiments.claims.session import Request, begin, estimate, judge_claims, take_apart

    sizes = _given(draws=draws, crises=crises, secondary_crises=secondary_crises, citizens=citizens)
    request = Request.made(names or [], quick, depth, sizes)
    if resume is None and dry_run:
        typer.echo(estimate(request, None, workers))
        return
    request, directory = begin(request, resume, output)
    if dry_run:
        typer.echo(estimate(request, directory, workers))
        return
    typer.echo(f"{estimate(request, directory, workers)}. Cut short, it goes on with --resume {directory}", err=True)
    _warn_of_posterior()
    for line in (take_apart if request.depth else judge_claims)(request, directory, document, workers):
        typer.echo(line)
    typer.echo(directory)


def objections_command(
    names: Annotated[list[str] | None, typer.Argument(help="Objections, such as selection (default: all).")] = None,
    draws: Annotated[int, typer.Option(min=2, help="Sets of values drawn for uncertain parameters.")] = 40,
    crises: Annotated[int, typer.Option(min=2, help="Crises simulated with each set in each arm.")] = 25,
    citizens: Annotated[int, typer.Option(min=5, help="Citizens in each public.")] = 50,
    resume: Resume = None,
    document: Annotated[Path | None, typer.Option(help="Write the answers into this document, too.")] = None,
    workers: Workers = 2,
) -> None:
    """Answer what may be held against the results, each objection by a run.

    They are: selection (mediators choose their crises), equifinality (other parameters and structures fit as well),
    forking_paths (other rules for verdicts), action_set (what governments may do), finite_publics (few citizens), inertia
    (costs of a step), time_step (steps of a day), built_in (what follows from coefficients),
    step_back (steps back made, not matched).
    Every number in docs/objections.md comes from this command. A run that was killed goes on with --resume DIR.
    """
    from experiments.claims.arms import SampleSize
    from experiments.claims.objections import answer

    _warn_of_posterior()
    for line in answer(names or [], SampleSize(draws, crises, citizens, 450), resume, document, workers):
        typer.echo(line)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _warn_of_posterior() -> None:
    """Say where the posterior of the population was fitted with another state of the model than this one."""
    from experiments.design.posterior import OWN, POPULATION
    from experiments.study.identity import posterior_note

    if note := posterior_note(OWN, None, POPULATION):
        typer.echo(f"{note}.", err=True)
