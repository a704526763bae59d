"""Integer programs written line by line and solved by HiGHS (through SciPy, imported at the first solution)."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

NODES = 5_000
NEARLY = 1e-6

Terms = Iterable[tuple[int, float]]
"""A sum: variables, each with its factor."""


class Program:
    """Whole-numbered variables with bounds, and sums of them with bounds."""

    def __init__(self) -> None:
        self._bounds: tuple[list[float], list[float]] = ([], [])
        self._limits: tuple[list[float], list[float]] = ([], [])
        self._matrix: tuple[list[float], list[int], list[int]] = ([], [], [])
        self._written: Any = None

    def variable(self, low: float = 0, high: float = inf) -> int:
        """Add a whole number between two bounds; its index."""
        self._written = None
        self._bounds[0].append(low)
        self._bounds[1].append(high)
        return len(self._bounds[0]) - 1

    def constrain(self, terms: Terms, low: float = -inf, high: float = inf) -> None:
        """Keep a sum between two bounds."""
        self._written = None
        factors, at, starts = self._matrix
        starts.append(len(at))
        self._limits[0].append(low)
        self._limits[1].append(high)
        for variable, factor in terms:
            at.append(variable)
            factors.append(factor)

    def least(self, costs: Mapping[int, float]) -> list[int] | None:
        """The values at the lowest cost that was found; None if none were.

        A solution that is not the very best is still a solution: whoever only needs to know that a thing is possible
        may trust it. The search is cut off by its steps and not by the clock, so that it ends alike on every machine.
        """
        # Tables are nearly always whole without being told to, and then the quick solution is the solution.
        relaxed = self._solve(costs, whole=False)
        if relaxed is None or all(abs(value - round(value)) < NEARLY for value in relaxed):
            found = relaxed
        else:
            found = self._solve(costs, whole=True)
        return None if found is None else [round(value) for value in found]

    def _solve(self, costs: Mapping[int, float], whole: bool) -> list[float] | None:
        from scipy.optimize import milp

        self._written = self._written or self._write()
        bounds, constraints = self._written
        objective = [costs.get(variable, 0.0) for variable in range(len(self._bounds[0]))]
        found = milp(
            objective,
            integrality=[1 if whole else 0] * len(objective),
            bounds=bounds,
            constraints=constraints,
            options={"node_limit": NODES, "mip_rel_gap": 0.0},
        )
        return None if found.x is None else [float(value) for value in found.x]

    def _write(self) -> Any:
        """Bounds and constraints as the library wants them; written once, for one program is solved again and again."""
        from scipy.optimize import Bounds, LinearConstraint
        from scipy.sparse import csr_array

        factors, at, starts = self._matrix
        shape = (len(starts), len(self._bounds[0]))
        sums = csr_array((factors, at, [*starts, len(at)]), shape=shape)
        return Bounds(*self._bounds), LinearConstraint(sums, *self._limits)
