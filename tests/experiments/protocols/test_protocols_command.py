"""``offramp protocols``: what is printed, what is written, and one line where something is wrong."""

from __future__ import annotations

import polars as pl
import pytest

from experiments.cli.app import run_command
from experiments.protocols.asking import items
from experiments.protocols.running import beside_ranges, replies_of, requested, table_of, verdict


def test_the_population_as_it_stands(tmp_path, capsys):
    out, page = tmp_path / "out", tmp_path / "docs" / "protocols.md"
    assert run_command(["protocols", "citizens=32", "--output", str(out), "--write", str(page)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("dispute_population: values of the scenario")
    assert len(lines) == 1 + 2 * len(items()) + 2
    assert "of 6 replies inside" in lines[-2]
    assert lines[-1] == str(out)
    table = pl.read_csv(out / "replies.csv")
    assert table["item"].to_list() == [item.item for item in items() for _ in "ab"]
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert table.equals(pl.read_parquet(out / "replies.parquet"))
    readme = (out / "README.md").read_text(encoding="utf-8")
    assert "figures/replies.svg" in readme
    assert "draws.parquet" not in readme
    assert (out / "figures" / "replies.png").is_file()
    assert "figures/protocols.svg" in page.read_text(encoding="utf-8")
    assert (page.parent / "figures" / "protocols.svg").is_file()
    assert run_command(["protocols", "--output", str(out)]) == 2
    assert "choose another --output" in capsys.readouterr().err


def test_draws_of_the_prior_say_what_share_is_inside(tmp_path, capsys):
    out = tmp_path / "out"
    assert run_command(["protocols", "uncertainty=prior:8", "citizens=32", "--output", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "8 draws of the prior" in printed
    assert "share of draws inside: audience cost" in printed
    draws = pl.read_parquet(out / "draws.parquet")
    assert len(draws) == 8
    inside = [name for name in draws.columns if name.startswith("inside_") and name != "inside_all"]
    assert len(inside) == 6
    assert draws["inside_all"].to_list() == [all(row) for row in draws.select(inside).iter_rows()]


def test_a_case_keeps_what_it_codes_under_draws_of_the_posterior():
    asked = requested(["scenario=tovuz_2020", "uncertainty=posterior:3"])
    assert asked.draws == 3
    assert not any("hawkishness" in path for path in asked.settings)
    prior = requested(["scenario=tovuz_2020", "uncertainty=prior:4"]).settings
    assert "public.a.casualty_weight" in prior
    assert "varies.mediation.cover.high" not in prior


def test_nobody_to_propose_is_no_reply_outside(tmp_path, capsys):
    words = ["protocols", "mediation=none", "citizens=32", "--output", str(tmp_path / "out")]
    assert run_command(words) == 0
    printed = capsys.readouterr().out
    assert "nobody to propose" in printed
    assert "of 5 replies inside" in printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scenrio=x"], "scenario"),
        (["scenario=tovuz_2021"], "tovuz_2020"),
        (["uncertainty=prior:none"], "whole number"),
        (["uncertainty=nonesuch"], "no such posterior"),
        (["experiment=audiences"], "one scenario"),
        (["public.a.weakness=99"], "0 to 6"),
        (["seed=3", "replicates=50", "horizon_days=9"], "replicates=50, horizon_days=9: not used by protocols"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, capsys, words, said):
    assert run_command(["protocols", *words, "--output", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_help_teaches_by_examples(capsys):
    assert run_command(["protocols", "--help"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "offramp protocols scenario=tovuz_2020" in printed
    assert "Tomz 2007" in printed


def test_words_and_figure_tell_the_same():
    asked = requested(["citizens=32", "public.a.inconsistency=6"])
    rows = table_of(asked, replies_of(asked))
    assert "audience cost" in verdict(rows).partition("outside:")[2]
    drawing = beside_ranges(rows, asked)
    assert all(row.item.item in drawing.alt for row in rows)
    assert [axes.get_xlabel() for axes in drawing.figure.axes] == [
        "change of approval (share of the public)",
        "share of the cost",
    ]
