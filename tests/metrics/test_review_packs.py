"""Review packs: frozen with a digest, the failures among the commitments, and read by nobody else."""

import csv
import io
import json
from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction

from metrics.catalog.quarters import quarter_of
from metrics.models import ReviewPack
from metrics.services.contributions import Told, add_contribution
from metrics.services.person_notes import write_lead_note
from metrics.services.review_packs import BadDays, NotTheirs, freeze_pack
from tests.conftest import Cast
from tests.credit.scene import read, ship, thanks
from tests.factories import NOW, make_feature, make_kpi
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
SINCE, LAST = date(2025, 7, 1), NOW.date()


@pytest.fixture
def pack(cast: Cast) -> ReviewPack:
    """Emil's year: one success, one failure, help for Paula, a contribution and Lena's note."""
    kpi = make_kpi(cast.checkout, "happiness", "mean")
    read(ship(cast.checkout, "Bulk booking"), kpi, 100, 20, word="clearly", words="Clearly better")
    read(ship(cast.checkout, "Dark pattern"), kpi, -100, 20, word="clearly", words="Clearly worse")
    thanks(cast.paula, make_feature(cast.paula, cast.switchyard, title="Flags"), cast.checkout, "enabled", None, None)
    told = Told("vision", "Wrote the vision", date(2026, 2, 1))
    add_contribution(told=told, by=cast.emil, now=NOW, asked=cast.otto)
    write_lead_note(person=cast.emil, quarter=quarter_of(NOW.date()), text="A good one.", by=cast.lena, now=NOW)
    return freeze_pack(person=cast.emil, since=SINCE, last=LAST, by=cast.lena, now=NOW)


def test_it_holds_the_failures_beside_the_successes_and_all_else(pack: ReviewPack) -> None:
    held = json.loads(pack.body)
    assert sorted(one["verdict"] for one in held["commitments"]) == ["Clearly better", "Clearly worse"]
    assert [one["work"] for one in held["enablements"]] == ["Flags"]
    assert [one["what"] for one in held["contributions"]] == ["Wrote the vision"]
    assert [one["text"] for one in held["lead_notes"]] == ["A good one."]
    assert (held["person"], held["from"], held["to"]) == ("Emil", "2025-07-01", str(LAST + timedelta(days=1)))


def test_the_file_is_byte_for_byte_what_the_digest_is_of(cast: Cast, pack: ReviewPack) -> None:
    base = f"/people/{cast.emil.pk}/packs/{pack.pk}"
    client = browser_of(cast.emil)
    file = client.get(f"{base}.json", secure=True)
    assert sha256(file.content).hexdigest() == pack.digest
    page = text(client.get(f"{base}/", secure=True))
    assert all(
        words in page for words in (pack.digest, "Clearly worse", "Dark pattern", "Wrote the vision", "A good one.")
    )
    rows = list(csv.reader(io.StringIO(client.get(f"{base}.csv", secure=True).content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["commitments", "commitments", "enablements", "contributions", "lead_notes"]
    assert {len(row) for row in rows} == {10}


def test_what_changes_later_changes_nothing_in_it(cast: Cast, pack: ReviewPack) -> None:
    before = pack.body
    ship(cast.checkout, "Later one")
    write_lead_note(person=cast.emil, quarter=quarter_of(NOW.date()), text="On second thought.", by=cast.lena, now=NOW)
    pack.refresh_from_db()
    assert pack.body == before
    newer = freeze_pack(person=cast.emil, since=SINCE, last=LAST, by=cast.emil, now=NOW)
    assert "On second thought." in newer.body
    assert newer.digest != pack.digest


def test_the_database_lets_nobody_change_it_or_store_another_body(cast: Cast, pack: ReviewPack) -> None:
    with pytest.raises(Exception, match="only grows"), transaction.atomic():
        ReviewPack.objects.update(body="{}")
    frozen = {"person": cast.emil, "since": SINCE, "until": LAST, "made_at": NOW, "body": "{}"}
    with pytest.raises(IntegrityError, match="not that of the body"), transaction.atomic():
        ReviewPack.objects.create(made_by=cast.emil, digest="0" * 64, **frozen)
    digest = sha256(b"{}").hexdigest()
    with pytest.raises(IntegrityError, match="Only the person and a lead"), transaction.atomic():
        ReviewPack.objects.create(made_by=cast.otto, digest=digest, **frozen)


def test_nobody_else_makes_one_or_reads_one(cast: Cast, pack: ReviewPack) -> None:
    for who in (cast.otto, cast.paula, cast.admin):
        with pytest.raises(NotTheirs, match="Only the person"):
            freeze_pack(person=cast.emil, since=SINCE, last=LAST, by=who, now=NOW)
        for end in ("/", ".csv", ".json"):
            address = f"/people/{cast.emil.pk}/packs/{pack.pk}{end}"
            assert browser_of(who).get(address, secure=True).status_code == 404
    other = f"/people/{cast.lena.pk}/packs/{pack.pk}/"
    assert browser_of(cast.lena).get(other, secure=True).status_code == 404, "a pack stands under its own person only"


def test_too_long_and_turned_days_are_refused_in_words(cast: Cast) -> None:
    with pytest.raises(BadDays, match="over 3,700 days"):
        freeze_pack(person=cast.emil, since=date(2001, 1, 1), last=LAST, by=cast.emil, now=NOW)
    client = browser_of(cast.emil)
    answer = client.post(
        f"/people/{cast.emil.pk}/packs/new/", {"since": "2026-05-02", "until": "2026-05-01"}, secure=True
    )
    assert (answer.status_code, "The last day is before the first." in text(answer)) == (422, True)
    answer = client.post(
        f"/people/{cast.emil.pk}/packs/new/", {"since": "2026-05-01", "until": "2026-05-31"}, secure=True
    )
    assert answer.status_code == 303
    assert answer["Location"].endswith(f"/packs/{ReviewPack.objects.get().pk}/")


def test_an_empty_year_is_frozen_in_words(cast: Cast) -> None:
    row = freeze_pack(person=cast.otto, since=SINCE, last=LAST, by=cast.otto, now=NOW)
    page = text(browser_of(cast.otto).get(f"/people/{cast.otto.pk}/packs/{row.pk}/", secure=True))
    assert "No KPI was named for a release of these days." in page
    assert "No product was held" in page
