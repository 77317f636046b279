"""Uploading readings in a real browser: readable at every width in both themes, and done without script."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from metrics.models import Kpi, Reading
from metrics.services.uploads import keep_upload
from pmtrack.web.tables.files import SheetText
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.factories import make_kpi
from tests.metrics.test_dashboards import read

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILES = {
    "mixed": "day,value\n2026-01-01,5\n2026-01-02,=1+1\n2026-01-03,7\n2026-01-03,8\n2026-01-05,9.25\n",
    "open": "date;value\n3/4/2026;1,234\n",
    "known": "day,value\n2026-01-05,1\n",
}


@pytest.fixture
def visits(cast: Cast) -> Kpi:
    """Checkout's visits with one day held."""
    kpi = make_kpi(cast.checkout, "visits", "sum")
    read(kpi, {date(2026, 1, 5): (1, 0)}, datetime.now(UTC))
    return kpi


@pytest.mark.long  # looked at page by page
@pytest.mark.parametrize("name", ["choose", "mixed", "open", "known", "bad plan"])
def test_an_uploads_page_is_readable_in_both_themes_and_at_every_width(
    cast: Cast, visits: Kpi, open_window: Callable[..., Window], name: str
) -> None:
    path = "/kpis/visits/upload/"
    if name != "choose":
        sheet = SheetText(FILES.get(name, FILES["mixed"]), "utf-8")
        upload = keep_upload(kpi=visits, owner=cast.emil, name="visits.csv", sheet=sheet, now=datetime.now(UTC))
        path += f"{upload.pk}/" + (
            "?day=0&value=0" if name == "bad plan" else "?source=test" if name == "known" else ""
        )
    window = open_window(cast.emil)
    assert window.troubles(path) == {}


def test_a_file_is_uploaded_without_script(
    cast: Cast, visits: Kpi, open_window: Callable[..., Window], tmp_path: Path
) -> None:
    path = tmp_path / "visits.csv"
    path.write_text(FILES["mixed"])
    window = open_window(cast.emil, script=False)
    window.go("/products/checkout/")
    window.page.click("text=Upload Visits as a CSV")
    window.page.set_input_files("input[type=file]", str(path))
    window.page.click("text=Look at the file")
    window.page.fill("#up-source", "test")
    window.page.click("text=Look again")
    expect(window.page.locator("main")).to_contain_text("correct one day")
    window.page.check("input[name=keep_good_rows]")
    window.page.click("text=Store 2 days")
    expect(window.page.locator("main")).to_contain_text("1 new day and 1 corrected day")
    assert Reading.objects.count() == 2
    assert window.messages == []
