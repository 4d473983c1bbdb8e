"""The help of ``run`` and ``sweep``, written from the records."""

from __future__ import annotations

from experiments.config.settings import StudyRecord, settings_of

_LEAD = {
    "run": (
        "Simulate one scenario: offramp run [KEY=VALUE ...]",
        [
            "offramp run scenario=tovuz_2020 mediation=russia_2020 replicates=2000",
            "offramp run mediation=none mediation.delay=5 seed=2",
            "offramp run -m mediation=none,facilitation        # one study for each",
        ],
    ),
    "sweep": (
        "Simulate a whole design in one study: offramp sweep [--dry-run] [KEY=VALUE ...]",
        [
            "offramp sweep experiment=mediation_onset --dry-run",
            "offramp sweep mediation=none,facilitation mediation.delay=0,5,10",
            "offramp sweep design.table=points.csv        # one row per point, one column per parameter or choice",
            "offramp sweep experiment=cover_by_pressure backend=dask resume=DIR",
        ],
    ),
    "search": (
        "Search levers under what is not known: offramp search experiment=NAME [--dry-run] [KEY=VALUE ...]",
        [
            "offramp search experiment=search_mediation --dry-run",
            "offramp search experiment=search_mediation budget=400",
            "offramp search experiment=search_mediation search.sampler=tpe search.fresh.draws=200",
            "offramp search resume=DIR                    # completes a search that was interrupted",
            "",
            "A search: block has levers (ranges and choices), objectives (up | down), constraints, cost and states;",
            "docs/deciding.md walks through one.",
        ],
    ),
}
_OPTIONS = {
    "--dry-run": "print how many crises, how much time and how much disk it would take",
    "--verbose, -v": "log progress to the terminal",
    "--config-dir, -cd DIR": "a directory with scenarios, mediations ... of your own",
    "--multirun, -m": "one study for each combination of the listed values",
    "--cfg, -c job": "print the configuration and exit",
    "--info, -i, --hydra-help": "information about Hydra",
}


def register_help(command: str) -> None:
    """Let Hydra's ``--help`` show the help of a command."""
    from omegaconf import OmegaConf

    OmegaConf.register_new_resolver("offramp_help", lambda: help_text(command), replace=True)


def help_text(command: str) -> str:
    """What ``--help`` says above the list of groups."""
    lead, examples = _LEAD[command]
    lines = [lead, "", *(f"  {example}" for example in examples), "", "Settings of a study:", ""]
    for name, setting in settings_of(StudyRecord).items():
        lines.append(f"  {name}={_shown(setting.default):{22 - len(name)}} {setting.meaning} ({setting.range_text})")
    lines += [
        "",
        "Parameters of the model: offramp list parameters.",
        "",
        "Options:",
        "",
        *(f"  {names:24} {meaning}" for names, meaning in _OPTIONS.items()),
    ]
    return "\n".join(lines).replace("$", "$$")


def _shown(value: object) -> str:
    return "null" if value is None else str(value).lower()
