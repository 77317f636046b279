"""B8: CPU of telling a browser that its page still holds (304) ÷ a bare view with one indexed query."""

from pmtrack.bench.measuring import Figure, NothingToMeasure, Plan, spent
from pmtrack.bench.page import address, floors, session_of, set_up
from pmtrack.bench.scratch import scratch_databases
from pmtrack.bench.server import Server, web_server

BOUND = 1.1
TEAM = 40
PAGES, FLOORS = 100, 150


def measure(plan: Plan) -> list[Figure]:
    """The team page asked for with the ETag that it came with, taking turns with the bare view."""
    ours, bare = [], []
    with scratch_databases(1, template=plan.template) as (scratch,):
        with scratch.in_django():
            # A browser holds the form token of its first page, and the tag stands for that, too.
            session = session_of(set_up(scratch, sizes=(TEAM,)))
            headers = {"Cookie": f"{session['Cookie']}; csrftoken={'b' * 32}"}
        with web_server(scratch) as server:
            _, said = server.answer("GET", address(TEAM), headers=headers, expect=200)
            if "ETag" not in said:
                raise NothingToMeasure("the team page sends no ETag, so nobody can be told that it still holds")
            headers |= {"If-None-Match": said["ETag"]}
            _again(server, headers, 5)
            floors(server, 20)
            for _ in range(plan.rounds):
                bare.append(spent(server.pids, lambda: floors(server, FLOORS)) / FLOORS)
                ours.append(spent(server.pids, lambda: _again(server, headers, PAGES)) / PAGES)
    ratios = tuple(cost / floor for cost, floor in zip(ours, bare, strict=True))
    detail = f"{min(ours) * 1e3:.2f}–{max(ours) * 1e3:.2f} ms CPU a 304, {min(bare) * 1e3:.2f}–{max(bare) * 1e3:.2f} ms the bare view"
    return [Figure("B8", "304 of the team page ÷ bare view, CPU", ratios, BOUND, at_least=False, detail=detail)]


def _again(server: Server, headers: dict[str, str], count: int) -> None:
    for _ in range(count):
        server.request("GET", address(TEAM), headers=headers, expect=304)
