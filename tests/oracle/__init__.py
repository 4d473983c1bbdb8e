"""The oracle: the model once more, in plain code.

One Mesa agent per citizen, Python floats, :mod:`math`, no arrays. It is slow on purpose: each equation stands
where a reader would look for it, in the form in which one would write it on paper, and :mod:`sim` must agree with it.
From :mod:`sim` it takes the scenario, the ladder, the shipped table of peak odds, the random numbers and the points of
its citizens, nothing else.
"""
