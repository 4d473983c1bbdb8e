"""How fast the simulator is, as ratios within one run: ``python -m benchmarks``.

Ratios, because a machine's speed is nobody's promise. Every measure runs in a process of its own, so that none lives on
another's compiled code or memory.
"""
