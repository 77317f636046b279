"""Teams from an imported table: new ones are added, others renamed; none is ever taken away."""

from dataclasses import dataclass

from django.db import transaction

from pmtrack.web.tables.files import Table
from products.models import Team
from products.services.directory_rows import TeamRow, team_rows
from products.services.sheets import (
    Line,
    Looked,
    one_import_at_a_time,
    refusals_of,
    refuse_unless_asked,
    rows_that_disagree,
)


@dataclass(frozen=True, slots=True)
class _Plan:
    looked: Looked
    new: tuple[TeamRow, ...]
    renamed: tuple[tuple[Team, str], ...]


def look_at_teams(*, table: Table) -> Looked:
    """What applying the table would do. Writes nothing; one statement. Raises ``Unreadable``."""
    return _plan(table).looked


@transaction.atomic
def apply_teams(*, table: Table, keep_good_rows: bool) -> Looked:
    """Add and rename teams as the table says; what was done.

    Raises ``Unreadable``, ``NothingToApply`` and ``RowsRefused``; then nothing is changed.
    """
    one_import_at_a_time()
    plan = _plan(table)
    refuse_unless_asked(plan.looked, keep_good_rows=keep_good_rows)
    Team.objects.bulk_create(Team(slug=row.slug, name=row.name) for row in plan.new)
    for team, name in plan.renamed:
        team.name = name
        team.save(update_fields=["name"])
    return plan.looked


def _plan(table: Table) -> _Plan:
    rows, reasons = team_rows(table)
    reasons |= rows_that_disagree((row.number, row.slug, row.name) for row in rows)
    once = {row.slug: row for row in reversed(rows) if row.number not in reasons}
    held = {team.slug: team for team in Team.objects.filter(slug__in=once)}
    ordered = sorted(once.values(), key=lambda row: row.number)
    new = tuple(row for row in ordered if row.slug not in held)
    renamed = tuple(row for row in ordered if row.slug in held and held[row.slug].name != row.name)
    looked = Looked(
        new=tuple(Line(row.number, row.name, f"new team, {row.slug}") for row in new),
        changed=tuple(Line(row.number, held[row.slug].name, f"is called {row.name} from now on") for row in renamed),
        ended=(),
        same=len(rows) - sum(row.number in reasons for row in rows) - len(new) - len(renamed),
        refused=refusals_of(dict(table.rows), reasons),
    )
    return _Plan(looked, new, tuple((held[row.slug], row.name) for row in renamed))
