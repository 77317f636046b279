"""The table of who may do what: one line for each verb of each route, one column for each actor."""

from pathlib import Path

from tests.permissions.actors import ACTORS

FILE = Path(__file__).with_name("table.txt")
HEAD = """\
# Who may do what. Each line is a verb of a route as it answers about the product Checkout, which Booking owns; each
# column is one who asks (tests/permissions/actors.py). A number is the status of the answer, "login" leads to the
# sign-in. A verb that everybody is refused is left out,
# unless the route offers no other. An unlisted route fails the tests.
# After a change that was meant: PMTRACK_WRITE_TABLE=1 python3 manage.py test tests/permissions -n 0; then read the diff.
"""
# What an answer must be to count as a refusal.
REFUSALS = {"login", "401", "403", "404", "405"}
Row = dict[str, str]
Table = dict[tuple[str, str], Row]


def read_table() -> Table:
    """The table in the repository, by (verb, route)."""
    lines = [line for line in FILE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    found: Table = {}
    for line in lines[1:]:
        verb, route, *cells = line.split()
        assert len(cells) == len(ACTORS), f"{FILE.name}: {verb} {route} has {len(cells)} cells, not {len(ACTORS)}"
        found[verb, route] = dict(zip(ACTORS, cells, strict=True))
    return found


def write_table(table: Table) -> None:
    """Write the table anew, in order."""
    names = [actor.replace(" ", "-") for actor in ACTORS]
    widths = [max(len(name), 5) for name in names]
    first = max(len(route) for _, route in table)
    lines = ["verb   " + "route".ljust(first) + "  " + "  ".join(map(str.ljust, names, widths))]
    for (verb, route), row in sorted(table.items(), key=lambda item: (item[0][1], item[0][0])):
        cells = "  ".join(row[actor].ljust(width) for actor, width in zip(ACTORS, widths, strict=True))
        lines.append(f"{verb.ljust(6)} {route.ljust(first)}  {cells}".rstrip())
    FILE.write_text(HEAD + "\n".join(line.rstrip() for line in lines) + "\n")
