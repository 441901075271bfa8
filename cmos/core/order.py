"""The order of sprints: the backlog's, and by number for what no backlog lists."""

from __future__ import annotations

from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from cmos.core.ids import sprint_number

#: Smaller than any step between two sprints of a backlog, however far apart their numbers are.
_STEP = 1e-7


def positions(listed: Sequence[str], others: Iterable[str]) -> Dict[str, Optional[float]]:
    """Return a position for each sprint: listed ones in their order, others next to their number's predecessor."""
    placed: Dict[str, Optional[float]] = {sprint: float(place) for place, sprint in enumerate(listed, 1)}
    for sprint in others:
        if sprint not in placed:
            placed[sprint] = between(sprint, [(name, place) for name, place in placed.items() if name in listed])
    return placed


def between(sprint: str, placed: Iterable[Tuple[str, Optional[float]]]) -> Optional[float]:
    """Return where a sprint belongs among placed ones by its number; None when it has none."""
    number = sprint_number(sprint)
    if number is None:
        return None
    numbered: List[Tuple[int, float]] = []
    for name, place in placed:
        other = sprint_number(name)
        if other is not None and place is not None:
            numbered.append((other, place))
    if not numbered:
        return float(number)
    before = [pair for pair in numbered if pair[0] <= number]
    nearest, place = max(before) if before else min(numbered)
    return place + (number - nearest) * _STEP
