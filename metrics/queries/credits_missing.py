"""Why an enablement is given no share of an effect, in words: what is known, and what would change it."""

from metrics.models import EstimateWord
from metrics.queries.credits_facts import HeldSplit
from metrics.queries.effects import Effect
from metrics.queries.enablement_rows import EnablementRow

UNBACKED = {
    "claimed": "Claimed only: whoever did the helped work has not confirmed it.",
    "disputed": "Those who were helped say no.",
    "expired": "Nobody answered in time, so nobody confirmed it.",
    "withdrawn": "It was taken back.",
}


def missing_work(row: EnablementRow, *, has_release: bool, has_kpi: bool) -> str:
    """Why nothing can be split at all, whatever the figures; "" where there is something to split."""
    if row.state in UNBACKED:
        return UNBACKED[row.state]
    if row.is_gone:
        return f"{row.helper} was rolled back: nothing is credited for a release that nobody has."
    if not row.feature:
        return "The work is told in words: without a feature there is no release and no KPI to read."
    if not has_release:
        return f"No release that carries {row.work} is live yet."
    if not has_kpi:
        return f"No KPI was named for the releases that carry {row.work}, so no effect was read."
    return ""


def missing_share(row: EnablementRow, effect: Effect, split: HeldSplit | None, *, is_read: bool) -> str:
    """Why help that counts has no share of this effect."""
    if not is_read:
        return _unread(effect)
    if split is None and (effect.figures is None or effect.figures.amount is None):
        return f"The size of the effect in the unit of {effect.kpi_name} is not known, so there is nothing to split."
    if split is None:
        return "The effect is read; its split is being worked out."
    if split.row.refused:
        return f"{split.row.refused} Until then all of it stays with the builder."
    if row.number in split.row.unsized:
        return "It saved days that nobody counted. A range of days, from those who were helped, would give it a share."
    if any(part.unblocks for part in split.parts):
        return "Its team unblocked the release with other work: without that there were no release to come earlier, so days besides add nothing."
    return "One of the two products continues the other: a product does not help itself under another name."


def _unread(effect: Effect) -> str:
    if effect.word == EstimateWord.WITHDRAWN:
        return f"{effect.title} was rolled back, so its effect is withdrawn."
    if effect.word == EstimateWord.NOT_ENOUGH_DATA:
        return f"No effect on {effect.kpi_name}: {effect.reason_text or 'not enough data'}."
    return f"Too early: the window of {effect.title} is not over, and only full windows are split."
