"""Many clients at once over REST: one key is one fact, and batches in opposite orders never wait in a circle."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest

from pmtrack.bench.faults.company import PRODUCTS, TEAMS, set_up
from pmtrack.bench.faults.ledger import in_words
from pmtrack.bench.faults.stack import Answer, Stack
from pmtrack.bench.faults.verdict import settle, wrong_cells
from tests.faults.conftest import Told

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]

START = date(2025, 1, 6)
ITEMS = 40
AT_ONCE = 4
PRODUCT = PRODUCTS[0]
BATCHES = (f"kpis/kpi-{PRODUCT}/readings:batch", "usage:batch", "feedback:batch", "release-events:batch")
ONE_KEY = {
    "release-events": {
        "source": "ci", "event_id": "once", "product": PRODUCT, "version": "1", "kind": "exposed",
        "occurred_at": "2026-06-08T12:00:00Z",
    },
    "feedback": {
        "source": "form", "source_id": "once", "text": "Slow.", "product": PRODUCT, "received_at": "2026-06-08T12:00:00Z",
    },
}  # fmt: skip
TABLES = {"release-events": "products_releaseevent", "feedback": "feedback_feedback"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, str]]:
    """One stack for all races, with a token."""
    with Stack(tmp_path_factory.mktemp("races")) as stack:
        yield stack, set_up(stack)


def post_at_once(stack: Stack, token: str, path: str, bodies: Sequence[Any]) -> list[Answer]:
    """Send all bodies in the same moment."""
    gate = Barrier(len(bodies))

    def post(body: Any) -> Answer:
        gate.wait(timeout=30)
        return stack.call("POST", f"/api/v1/{path}", body, token=token, timeout=30)

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(post, bodies))


def batch(path: str, turn: int, writer: int) -> list[dict[str, Any]]:
    """The items of one batch: the same keys for all writers of a turn; readings and usage say something else each."""
    value = turn * AT_ONCE + writer
    days = [START + timedelta(days=number) for number in range(ITEMS)]
    if path.startswith("kpis/"):
        return [{"day": str(day), "value": value} for day in days]
    if path == "usage:batch":
        weeks = [START + timedelta(weeks=number) for number in range(ITEMS)]
        same = {"product": PRODUCT, "team": TEAMS[0], "active_users": 1, "eligible_users": 9, "actions": value}
        return [{**same, "week": str(week)} for week in weeks]
    keys = [f"{turn}-{number:03d}" for number in range(ITEMS)]
    said = {"source": "race", "product": PRODUCT}
    if path == "feedback:batch":
        heard = {**said, "text": "Slow.", "received_at": f"{START}T12:00:00Z"}
        return [{**heard, "source_id": key} for key in keys]
    event = {**said, "kind": "exposed", "occurred_at": f"{START}T12:00:00Z"}
    return [{**event, "event_id": key, "version": key} for key in keys]


def race(running: tuple[Stack, str], told: Told, *, turns: int, first: int) -> None:
    """So many times four batches over the same keys, two forwards and two backwards; then everything is exact."""
    stack, token = running
    names = {"usage:batch": "rows", "feedback:batch": "entries", "release-events:batch": "events"}
    answers: Counter[int] = Counter()
    seconds = []
    for turn in range(first, first + turns):
        path = BATCHES[turn % len(BATCHES)]
        items = [batch(path, turn, writer)[:: 1 if writer % 2 else -1] for writer in range(AT_ONCE)]
        bodies = [{names.get(path, "readings"): part} for part in items]
        if path not in names or path == "usage:batch":
            bodies = [{**body, "source": "race"} for body in bodies]
        for answer in post_at_once(stack, token, path, bodies):
            answers[answer.status] += 1
            seconds.append(answer.seconds)
            assert answer.status == 200, f"{path}: {answer.status} {answer.body}"
    told(f"{turns} × {AT_ONCE} batches of {ITEMS} in opposite orders: answers {dict(answers)}; {in_words(seconds)}")
    assert_exact(stack, until=first + turns, first=first)


def assert_exact(stack: Stack, *, first: int, until: int) -> None:
    """Each key once; readings and usage are wholly those of one batch of the last turn."""
    turns = [sum(turn % len(BATCHES) == kind for turn in range(first, until)) for kind in range(len(BATCHES))]
    for source, table, column, kind in (
        ("race", "feedback_feedback", "source_id", 2),
        ("race", "products_releaseevent", "event_id", 3),
    ):
        asked = f"SELECT count(*), count(DISTINCT {column}) FROM {table} WHERE source = %s AND split_part({column}, '-', 1)::int BETWEEN %s AND %s"
        assert stack.rows(asked, source, first, until - 1) == [(turns[kind] * ITEMS,) * 2]
    for asked in (
        "SELECT count(*), count(DISTINCT numerator) FROM metrics_reading WHERE source = 'race'",
        "SELECT count(*), count(DISTINCT actions) FROM metrics_usage",
    ):
        assert stack.rows(asked) == [(ITEMS, 1)], "one batch wins all that it holds"
    settle(stack)
    assert wrong_cells(stack) == 0


@pytest.mark.parametrize("path", sorted(ONE_KEY))
def test_forty_parallel_posts_of_one_key_are_one_fact_and_39_replays(
    running: tuple[Stack, str], told: Told, path: str
) -> None:
    stack, token = running
    answers = post_at_once(stack, token, path, [ONE_KEY[path]] * 40)
    told(f"{path}: one key × 40 at once: answers {dict(Counter(answer.status for answer in answers))}")
    assert [answer.status for answer in answers].count(201) == 1
    for answer in answers:
        if answer.status in {409, 503}:
            assert "retry-after" in answer.headers
            assert stack.call("POST", f"/api/v1/{path}", ONE_KEY[path], token=token).status == 200
        else:
            assert answer.status == 201 or answer.headers["idempotent-replayed"] == "true"
    assert stack.rows(f"SELECT count(*) FROM {TABLES[path]} WHERE source IN ('ci', 'form')") == [(1,)]


def test_batches_in_opposite_orders_are_all_stored(running: tuple[Stack, str], told: Told) -> None:
    race(running, told, turns=12, first=0)


@pytest.mark.long
def test_two_hundred_batches_in_opposite_orders_are_all_stored(running: tuple[Stack, str], told: Told) -> None:
    race(running, told, turns=200, first=1_000)
