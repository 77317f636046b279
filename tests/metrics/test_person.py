"""A person's record: what was shipped stays with who shipped it, whoever reads it, and every read by a lead is written down."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.catalog.quarters import quarter_of
from metrics.models import LeadNote, TalkNote
from metrics.queries.periods import Period, read_period
from metrics.queries.person import PersonRecord, person_asked, person_record
from metrics.services.person_notes import (
    NotTheirLead,
    QuarterAhead,
    Talk,
    WrittenMeanwhile,
    write_lead_note,
    write_talk,
)
from products.access import readable_people
from products.models import Assignment, AuditEntry, Membership, Release, User
from tests.conftest import Cast
from tests.credit.scene import LIVE, read, ship, thanks
from tests.factories import (
    NOW,
    assign,
    join,
    make_diagnosis,
    make_entry,
    make_feature,
    make_kpi,
    make_product,
    make_user,
)
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
CHANGED = date(2026, 5, 1)


def period() -> Period:
    """The fourteen months until the tests' today."""
    return read_period("", "", today=NOW.date())


def record_of(person: User, reader: User | None = None) -> PersonRecord:
    """The record as its reader finds it."""
    return person_record(reader or person, person, period=period(), now=NOW)


def hand_over(cast: Cast) -> None:
    """From the first of May on Paula is PM of Checkout, and Emil of Switchyard."""
    Assignment.objects.update(period=DateRange(date(2020, 1, 1), CHANGED))
    assign(cast.paula, cast.checkout, start=CHANGED)
    assign(cast.emil, cast.switchyard, start=CHANGED)


@pytest.fixture
def booking(cast: Cast) -> Release:
    """Bulk booking of Checkout, live in April; what it did was known in late May."""
    release = ship(cast.checkout, "Bulk booking")
    read(
        release,
        make_kpi(cast.checkout, "happiness", "mean"),
        100,
        20,
        word="clearly",
        words="Clearly better",
        as_of=date(2026, 5, 20),
    )
    return release


def test_what_was_shipped_stays_with_who_shipped_it_and_the_successor_inherits_what_arrives_later(
    cast: Cast, booking: Release
) -> None:
    hand_over(cast)
    emil, paula = record_of(cast.emil), record_of(cast.paula)
    assert [one.title for one in emil.work.shipped] == ["Bulk booking"]
    assert [one.effect.release for one in emil.work.effects.rows] == [booking.key]
    assert emil.work.inherited_effects.total == 0
    assert (paula.work.shipped, paula.work.effects.total) == ((), 0)
    assert [one.effect.release for one in paula.work.inherited_effects.rows] == [booking.key]


def test_what_arrived_before_somebody_came_is_not_inherited(cast: Cast) -> None:
    release = ship(cast.checkout, "Bulk booking")
    read(release, make_kpi(cast.checkout, "happiness", "mean"), 100, 20, as_of=date(2026, 4, 30))
    hand_over(cast)
    assert record_of(cast.paula).work.inherited_effects.total == 0


def test_help_stays_with_who_shipped_what_helped(cast: Cast) -> None:
    release = ship(cast.switchyard, "Staged rollout")
    thanks(
        cast.emil,
        make_feature(cast.emil, cast.checkout, title="Bulk booking"),
        cast.switchyard,
        "accelerated",
        (4, 9),
        release,
    )
    hand_over(cast)
    paula, emil = record_of(cast.paula), record_of(cast.emil)
    assert paula.work.benefits is not None
    assert (paula.work.benefits.backed, paula.work.benefits.total) == (1, 1)
    assert [one.words for one in paula.work.shipped] == ["helped 1 piece of work"]
    assert paula.verdict.startswith("At Switchyard and Checkout, ") is False
    assert "one piece of work of others was helped, confirmed by those who did it" in paula.verdict
    assert emil.work.benefits is None
    assert emil.work.inherited_benefits is not None, "it was confirmed in the middle of May, when he stood for it"


def test_help_without_a_release_belongs_to_whoever_stood_for_the_product_when_it_was_said(cast: Cast) -> None:
    thanks(cast.emil, make_feature(cast.emil, cast.checkout), cast.switchyard, "enabled", None, None)
    hand_over(cast)
    assert record_of(cast.paula).work.benefits is None
    held = record_of(cast.emil).work.benefits
    assert held is not None
    assert held.backed == 1


def test_what_was_rolled_back_counts_neither_for_nor_against_anybody(cast: Cast, booking: Release) -> None:
    Release.objects.filter(pk=booking.pk).update(state="rolled_back", rolled_back_at=NOW)
    read_word = record_of(cast.emil).work.shipped[0]
    assert (read_word.mark, read_word.words) == ("none", "rolled back")


def test_a_day_is_cut_on_the_products_clock(cast: Cast) -> None:
    cast.checkout.time_zone = "Pacific/Auckland"
    cast.checkout.save(update_fields=["time_zone"])
    ship(cast.checkout, "Late", live=datetime(2026, 4, 30, 20, tzinfo=UTC))  # the first of May there
    hand_over(cast)
    assert [one.title for one in record_of(cast.paula).work.shipped] == ["Late"]
    assert record_of(cast.emil).work.shipped == ()


def test_both_products_held_at_once_are_told_with_their_own_pace_and_usual(cast: Cast) -> None:
    for number in range(6):
        entry = make_entry(cast.emil, cast.checkout, received_at=NOW - timedelta(days=90 + number))
        feature = make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout, entry))
        feature.stage_changes.create(
            from_stage="building", to_stage="released", by=cast.emil, at=NOW - timedelta(days=60)
        )
    assign(cast.emil, make_product("rates", "I"))
    checkout, rates = sorted(record_of(cast.emil).paces, key=lambda one: one.product)
    assert (checkout.median, len(checkout.days)) == (pytest.approx(32.5), 6)
    assert checkout.picture is not None
    assert checkout.usual_text == "no usual yet: no features released in the year before, 5 needed"
    assert (rates.median, rates.picture, rates.text) == (
        None,
        None,
        "no feature with feedback behind it was released yet",
    )


def test_a_record_costs_as_many_statements_for_fifty_releases_as_for_one(cast: Cast, booking: Release) -> None:
    kpi = make_kpi(cast.checkout, "orders", "mean")
    with CaptureQueriesContext(connection) as one:
        record_of(cast.emil)
    for number in range(50):
        read(ship(cast.checkout, f"{number}", live=LIVE + timedelta(hours=number)), kpi, 1, 1)
    with CaptureQueriesContext(connection) as many:
        assert len(record_of(cast.emil).work.shipped) == 51
    assert len(many) == len(one)
    assert len(many) <= 20


def test_it_is_read_by_the_person_and_by_whoever_leads_him_today(cast: Cast) -> None:
    ally, other = make_user("Alma"), make_user("Olga")
    join(other, cast.finance, "lead")
    mate = make_user("Mia")
    join(mate, cast.booking, "pm")
    readers = {one.name for one in User.objects.all() if person_asked(one, cast.emil.pk, day=NOW.date())}
    assert readers == {"Emil", "Lena"}
    assert not readable_people(ally, day=NOW.date()).exclude(pk=ally.pk).exists()


def test_a_lead_who_leads_no_more_or_administers_reads_no_record_of_others(cast: Cast) -> None:
    Membership.objects.filter(user=cast.lena).update(period=DateRange(date(2020, 1, 1), NOW.date()))
    assert person_asked(cast.lena, cast.emil.pk, day=NOW.date()) is None
    assert person_asked(cast.lena, cast.emil.pk, day=NOW.date() - timedelta(days=1)) is not None
    join(cast.admin, cast.booking, "lead")
    assert person_asked(cast.admin, cast.emil.pk, day=NOW.date()) is None


def test_leads_of_one_team_do_not_read_each_other(cast: Cast) -> None:
    fellow = make_user("Finn")
    join(fellow, cast.booking, "lead")
    assert person_asked(fellow, cast.lena.pk, day=NOW.date()) is None


def test_each_read_by_a_lead_is_written_where_the_person_sees_it_and_own_reads_are_not(cast: Cast) -> None:
    browser_of(cast.lena).get(f"/people/{cast.emil.pk}/", secure=True)
    emil = browser_of(cast.emil)
    emil.get(f"/people/{cast.emil.pk}/", secure=True)
    entry = AuditEntry.objects.get(deed="read")
    assert (entry.actor, entry.concerned, entry.label) == (cast.lena, cast.emil, f"/people/{cast.emil.pk}/")
    assert "Lena" in text(emil.get("/settings/about-me/", secure=True))
    assert "read the record of" in text(emil.get("/settings/about-me/", secure=True))


@pytest.mark.parametrize("path", ["", "talk/", "packs/new/", "packs/1/", "notes/2026-Q1/"])
def test_for_all_others_there_is_nothing_and_nothing_is_written_down(cast: Cast, path: str) -> None:
    for who in (cast.otto, cast.paula, cast.admin):
        assert browser_of(who).get(f"/people/{cast.emil.pk}/{path}", secure=True).status_code == 404
    assert not AuditEntry.objects.filter(deed="read").exists()


def test_the_people_list_links_only_to_records_that_may_be_read(cast: Cast) -> None:
    links = {one: f"/people/{getattr(cast, one).pk}/" for one in ("emil", "paula", "lena", "otto")}
    shown = text(browser_of(cast.lena).get("/people/", secure=True))
    assert [one for one, link in links.items() if f'quiet" href="{link}"' in shown] == ["emil", "paula", "lena"]
    shown = text(browser_of(cast.otto).get("/people/", secure=True))
    assert [one for one, link in links.items() if f'quiet" href="{link}"' in shown] == ["otto"]


def test_who_sees_it_is_printed_on_top(cast: Cast) -> None:
    assert record_of(cast.emil).seen_by.startswith("Seen by you and Lena only")
    assert record_of(cast.emil, cast.lena).seen_by.startswith("Seen by Emil and Lena only")
    assert record_of(cast.otto).seen_by == "Seen by you alone: nobody leads you today."


def test_a_person_without_any_product_gets_words_and_no_zeros(cast: Cast) -> None:
    page = text(browser_of(cast.otto).get(f"/people/{cast.otto.pk}/", secure=True))
    assert "No product was held in this period." in page
    assert "Nothing was added in" in page


TALK = Talk(date(2026, 7, 1), "Interviews take a week.", "", "A held-back group.")


def test_notes_for_the_next_talk_are_rows_that_are_only_added(cast: Cast, now: datetime) -> None:
    write_talk(talk=TALK, by=cast.emil, now=now)
    write_talk(talk=TALK, by=cast.emil, now=now)
    write_talk(talk=Talk(None, "Nothing.", "", ""), by=cast.emil, now=now)
    assert TalkNote.objects.count() == 2
    shown = record_of(cast.emil, cast.lena).talk
    assert shown is not None
    assert (shown.when, shown.going_well) == ("", "Nothing.")
    with pytest.raises(Exception, match="only grows"), transaction.atomic():
        TalkNote.objects.update(going_well="All is well.")


def test_a_leads_note_is_read_by_the_person_and_older_versions_stay(cast: Cast, now: datetime) -> None:
    for words in ("Good.", "Good.", "Better."):
        write_lead_note(person=cast.emil, quarter=quarter_of(now.date()), text=words, by=cast.lena, now=now)
    assert [(one.version, one.text) for one in LeadNote.objects.order_by("version")] == [(1, "Good."), (2, "Better.")]
    (note,) = record_of(cast.emil).lead_notes
    assert (note.text, note.by, note.version) == ("Better.", "Lena", 2)


def test_only_the_persons_lead_writes_about_him_in_the_service_and_in_the_database(cast: Cast, now: datetime) -> None:
    asked: dict[str, Any] = {"quarter": quarter_of(now.date()), "text": "Good."}
    for who in (cast.emil, cast.otto, cast.paula, cast.admin):
        with pytest.raises(NotTheirLead, match="Only a lead of Emil"):
            write_lead_note(person=cast.emil, by=who, now=now, **asked)
        with pytest.raises(IntegrityError, match="Only a lead of the person"), transaction.atomic():
            LeadNote.objects.create(
                person=cast.emil, quarter=date(2026, 4, 1), version=1, text="Good.", written_by=who, written_at=now
            )


def test_a_quarter_ahead_a_gap_and_a_version_written_meanwhile_are_refused(cast: Cast, now: datetime) -> None:
    with pytest.raises(QuarterAhead, match="has not begun"):
        write_lead_note(person=cast.emil, quarter=quarter_of(date(2026, 7, 1)), text="Good.", by=cast.lena, now=now)
    quarter = quarter_of(now.date())
    write_lead_note(person=cast.emil, quarter=quarter, text="Good.", by=cast.lena, now=now)
    with pytest.raises(WrittenMeanwhile, match="Lena wrote version 1"):
        write_lead_note(person=cast.emil, quarter=quarter, text="Bad.", by=cast.lena, now=now, standing=0)
    with pytest.raises(IntegrityError, match="without a gap"), transaction.atomic():
        LeadNote.objects.create(
            person=cast.emil, quarter=quarter.start, version=3, text="x", written_by=cast.lena, written_at=now
        )


def test_the_forms_refuse_in_words_and_keep_what_was_typed(cast: Cast) -> None:
    emil, lena = browser_of(cast.emil), browser_of(cast.lena)
    bad = emil.post(f"/people/{cast.emil.pk}/talk/", {"talk_on": "soon", "going_well": "All of it"}, secure=True)
    assert (bad.status_code, "Write the day like 2026-06-15." in text(bad), "All of it" in text(bad)) == (
        422,
        True,
        True,
    )
    assert lena.post(f"/people/{cast.emil.pk}/talk/", {}, secure=True).status_code == 403
    assert emil.post(f"/people/{cast.emil.pk}/notes/2026-Q1/", {}, secure=True).status_code == 403
    assert "Write what you make of it." in text(_note(lena, cast, "", "0"))
    assert "the version that it was made from" in text(_note(lena, cast, "Good.", "x"))
    assert _note(lena, cast, "Good.", "0").status_code == 303
    assert emil.get(f"/people/{cast.emil.pk}/notes/2026-Q9/", secure=True).status_code == 404
    assert emil.get(f"/people/{cast.emil.pk}/?from=9", secure=True).status_code == 400


def _note(client: Client, cast: Cast, words: str, version: str) -> Any:
    return client.post(f"/people/{cast.emil.pk}/notes/2026-Q1/", {"text": words, "version": version}, secure=True)
