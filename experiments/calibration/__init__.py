"""Fitting a few numbers of a population of disputes to records, with everything needed to judge the fit.

The unit is a population: one data set is many crises whose traits are drawn given the hyperparameters, read as the data
sets' coders would (:mod:`sim.records`) and summarised as the record is. In order: candidates and their priors
(:mod:`experiments.design.priors`), :mod:`screening`, :mod:`simulation`, :mod:`emulator`, :mod:`inference`,
:mod:`diagnostics`, :mod:`weights` of structures, :mod:`document`; :mod:`stages` and :mod:`run` tie them together.
"""
