"""Who was asked and what became of it, counted as survey researchers do (AAPOR, Standard Definitions, 10th edition)."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields

from handlers.release.rules import Rules, small


@dataclass(frozen=True, slots=True)
class Dispositions:
    """How many invitations ended how, once the wave is locked.

    complete (I): finished; partial (P): at least half of the questions; refusal (R): said no, sent STOP, or broke off
    before half; non_contact (NC): delivered and never answered; other (O): could not take part (language, illness);
    unknown_household (UH): never delivered, or nothing says whether it was; unknown_other (UO): delivered, but perhaps
    to a stranger (reassigned number); not_eligible: did not leave after all.
    """

    complete: int
    partial: int
    refusal: int
    non_contact: int
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0
    not_eligible: int = 0


def rr1(counts: Dispositions) -> float:
    """Minimum response rate: I / ((I+P) + (R+NC+O) + (UH+UO))."""
    return _rate(counts.complete, _known(counts) + _unknown(counts))


def rr2(counts: Dispositions) -> float:
    """Like RR1, partials counted: (I+P) / ((I+P) + (R+NC+O) + (UH+UO))."""
    return _rate(counts.complete + counts.partial, _known(counts) + _unknown(counts))


def rr3(counts: Dispositions) -> float:
    """Like RR1, but only the share e of the unknown counts as eligible: I / ((I+P) + (R+NC+O) + e(UH+UO))."""
    return _rate(counts.complete, _known(counts) + eligible(counts) * _unknown(counts))


def rr4(counts: Dispositions) -> float:
    """Like RR3, partials counted: (I+P) / ((I+P) + (R+NC+O) + e(UH+UO))."""
    return _rate(counts.complete + counts.partial, _known(counts) + eligible(counts) * _unknown(counts))


def coop1(counts: Dispositions) -> float:
    """Minimum cooperation rate of those reached: I / ((I+P) + R + O)."""
    return _rate(counts.complete, counts.complete + counts.partial + counts.refusal + counts.other)


def ref1(counts: Dispositions) -> float:
    """Refusal rate: R / ((I+P) + (R+NC+O) + (UH+UO))."""
    return _rate(counts.refusal, _known(counts) + _unknown(counts))


def con1(counts: Dispositions) -> float:
    """Contact rate: ((I+P) + R + O) / ((I+P) + R + O + NC + (UH+UO))."""
    reached = counts.complete + counts.partial + counts.refusal + counts.other
    return _rate(reached, _known(counts) + _unknown(counts))


def eligible(counts: Dispositions) -> float:
    """The share e of the unknown cases that is taken to be eligible: that among the known ones (CASRO's way)."""
    return _rate(_known(counts), _known(counts) + counts.not_eligible)


def shown(counts: Dispositions, rules: Rules, answered: int | None = None) -> dict[str, int | None]:
    """The counts as they may be read by staff: 0 or the minimum and more, the rest None.

    Who invited knows the total; so where hidden ones would sum up too tightly, the smallest other ones are hidden too.
    Of fewer than the minimum altogether nothing is read: of a single invitation each zero would tell something.
    `answered` is how many people a release beside it counts: those who did not complete are the difference.
    """
    found = {field.name: getattr(counts, field.name) for field in fields(counts)}
    if small(sum(found.values()), rules.metrics):
        return dict.fromkeys(found)
    hidden = [name for name, count in found.items() if small(count, rules.metrics)]
    if answered is not None and "complete" not in hidden and small(answered - counts.complete, rules.metrics):
        hidden.append("complete")
    spare = sorted((count, name) for name, count in found.items() if count >= rules.metrics)
    while hidden and not _loose([found[name] for name in hidden], rules) and spare:
        hidden.append(spare.pop(0)[1])
    return {name: None if name in hidden else count for name, count in found.items()}


def rates(counts: Dispositions, rules: Rules, answered: int | None = None) -> dict[str, int | None]:
    """RR1, RR2, COOP1, REF1 and CON1 in whole percent, each None if hidden counts could be worked out from it."""
    read = shown(counts, rules, answered)
    if any(count is None for count in read.values()):
        return dict.fromkeys(("RR1", "RR2", "COOP1", "REF1", "CON1")) | {"RR1": _rr1_alone(counts, read)}
    made = {"RR1": rr1, "RR2": rr2, "COOP1": coop1, "REF1": ref1, "CON1": con1}
    return {name: round(100 * rate(counts)) for name, rate in made.items()}


def _loose(hidden: list[int], rules: Rules) -> bool:
    """Each hidden count is at least 1, so it can be as large as the rest of their sum allows."""
    return len(hidden) > 1 and sum(hidden) - len(hidden) >= rules.width


def _rr1_alone(counts: Dispositions, read: Mapping[str, int | None]) -> int | None:
    """RR1 needs only the complete ones and the total, which whoever invited knows."""
    return None if read["complete"] is None else round(100 * rr1(counts))


def _known(counts: Dispositions) -> int:
    return sum(astuple(counts)[:5])


def _unknown(counts: Dispositions) -> int:
    return counts.unknown_household + counts.unknown_other


def _rate(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
