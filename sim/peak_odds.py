"""P(the crisis peaks at rung k within ten days | it is now at rung j), measured from the model itself.

Row j, column k. ``python -m experiments.peak_odds`` measures the table again until it agrees with the model that uses
it; scenarios may carry one of their own.
"""

SHIPPED: tuple[tuple[float, ...], ...] = tuple(
    tuple(1.0 if k == j else 0.0 for k in range(10)) for j in range(10)
)
