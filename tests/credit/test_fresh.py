"""On real processes: somebody answers the link of a mail, and seconds later the credit is there."""

import re
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]
WITHIN = 10.0
# A release of Checkout with an effect; Web says that it helped, and Emil of Checkout is asked.
SCRIPT = """
from datetime import UTC, datetime
from metrics.queries.answerers import Work
from metrics.services.answer_links import make_answer_link
from metrics.services.enablements import Help, claim
from tests.enablement.scene import figures
from tests.factories import assign, expose, make_commitment, make_feature, make_kpi, make_product, make_release, make_team, make_user, own
from tests.metrics.daily import DAY, HISTORY, LIVE, amounts, fill, noon

checkout, web = make_product("checkout", "E"), make_product("web", "I")
emil, paula = make_user("Emil"), make_user("Paula")
for product, person in ((checkout, emil), (web, paula)):
    own(make_team(f"team-{product.slug}"), product)
    assign(person, product)
feature = make_feature(emil, checkout, title="Bulk booking")
release = make_release(checkout, "2.0", name="Bulk booking", feature_keys=[feature.key])
kpi = make_kpi(checkout, "orders")
make_commitment(emil, release, kpi, is_main=True, declared_at=noon(LIVE - 30 * DAY))
fill(kpi, amounts(HISTORY + 30, lift=0.15, seed=3), is_fresh=False)
expose(release, noon(LIVE))
now = datetime.now(UTC)
said = claim(help=Help(web, None, Work(feature, "", checkout), figures("accelerated", 9, 9)), asked=emil, by=paula, now=now).enablement
print(make_answer_link(enablement=said, person=emil, now=now))
"""
CREDITED = (
    "SELECT product.slug FROM metrics_credit JOIN products_product AS product ON product.id = product_id ORDER BY 1"
)


def send(stack: Stack, secret: str, **said: str) -> str:
    """Open the link as a browser does and send its form; gives back where that leads."""
    address = f"http://localhost:{stack.port}/answer/{secret}/"
    with urllib.request.urlopen(address) as shown:
        page = shown.read().decode()
        cookie = "; ".join(one.partition(";")[0] for one in shown.headers.get_all("Set-Cookie", []))
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', page))
    body = urllib.parse.urlencode({**hidden, **said}).encode()
    with urllib.request.urlopen(urllib.request.Request(address, body, {"Cookie": cookie, "Referer": address})) as noted:
        return str(noted.url)


def test_credit_is_there_within_ten_seconds_of_an_answer_over_a_mail_link(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        secret = stack.manage("shell", "--no-imports", "-c", SCRIPT).strip().splitlines()[-1]
        wait_until(lambda: stack.rows(CREDITED) == [("checkout",)], within=30, what="all credit is Checkout's own")
        began = time.monotonic()
        assert send(stack, secret, verdict="accelerated", days_low="9", days_high="9").endswith("/answer/noted/")
        wait_until(
            lambda: stack.rows(CREDITED) == [("checkout",), ("web",)],
            within=WITHIN,
            what="Web is credited with its share",
        )
        assert time.monotonic() - began < WITHIN
