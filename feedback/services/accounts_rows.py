"""What the rows of an imported table of accounts say. Nothing is looked up here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from feedback.catalog.privacy import ADDRESS, PHONE
from feedback.models import Consent
from pmtrack.web.tables.cells import BadCell, decimal_mark, quoted, read_day, read_number
from pmtrack.web.tables.files import Table
from pmtrack.web.tables.rows import Heading, cell_of, find_columns, proposed_day_format, read_words

HEADINGS = (
    Heading("reference", "The id that clients and imports use, for ever: letters, digits, - and _.", True, ("id",)),
    Heading("name", "The customer’s name; never a person’s.", True, ("account", "customer")),
    Heading("segment", "A word for the kind of customer."),
    Heading("annual_value", "What the customer is worth a year, with its currency and day.", words=("value",)),
    Heading("currency", "Three capital letters, like EUR."),
    Heading("valued_on", "The day on which the value was true."),
    Heading("manager", "The mail address of the colleague who manages the account."),
    Heading("consent", "not_asked, yes (through the manager) or no; an empty cell changes nothing."),
    Heading("products", "Slugs of the external products that the customer uses, with spaces between."),
)
REFERENCE = re.compile(r"[-a-zA-Z0-9_]{1,60}")
CURRENCY = re.compile(r"[A-Z]{3}")
# A reference may well begin with zeros; it is no phone number for that.
OUTSIDE = {"reference": ((ADDRESS, "mail address"),)}
ANYWHERE = ((ADDRESS, "mail address"), (PHONE, "phone number"))
MOST_VALUE = Decimal(10) ** 12
CONSENTS = {
    **{consent.value: consent.value for consent in Consent},
    "not_asked_yet": Consent.NOT_ASKED.value,
    "unknown": Consent.NOT_ASKED.value,
}


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account as the file says it. ``said`` names the columns that the file has: what it lacks stays as it is."""

    number: int
    reference: str
    name: str
    segment: str
    annual_value: Decimal | None
    currency: str
    valued_on: date | None
    manager: str
    consent: str
    products: tuple[str, ...]
    said: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the file's cells are to be read."""

    places: Mapping[str, int]
    decimal: str | None
    day_format: str
    said: frozenset[str]


def account_rows(table: Table) -> tuple[list[AccountRow], dict[int, str]]:
    """The rows understood, and the reasons why others are not. Raises ``Unreadable`` for missing columns."""
    places = find_columns(table, HEADINGS)
    value, day = places.get("annual_value"), places.get("valued_on")
    reading = _Reading(
        places,
        decimal_mark(table.column(value)) if value is not None else "point",
        proposed_day_format(table, day) if day is not None else "",
        frozenset(places),
    )
    rows, reasons = [], {}
    for number, cells in table.rows:
        try:
            rows.append(_account(number, cells, reading))
        except BadCell as error:
            reasons[number] = str(error)
    return rows, reasons


def _account(number: int, cells: Sequence[str], reading: _Reading) -> AccountRow:
    reference = _text(cells, reading, "reference", longest=60, is_needed=True)
    if not REFERENCE.fullmatch(reference):
        raise BadCell(f"reference: {quoted(reference)} holds other signs than letters, digits, - and _.")
    consent = _text(cells, reading, "consent", longest=40)
    known = CONSENTS.get(consent.lower().replace(" ", "_"), "")
    if consent and not known:
        raise BadCell(f"consent: {quoted(consent)} is none of not_asked, yes and no.")
    value, currency, valued_on = _value(cells, reading)
    return AccountRow(
        number=number,
        reference=reference,
        name=_text(cells, reading, "name", longest=160, is_needed=True),
        segment=_text(cells, reading, "segment", longest=60),
        annual_value=value,
        currency=currency,
        valued_on=valued_on,
        manager=read_words(cell_of(cells, reading.places, "manager"), "manager", longest=254).lower(),
        consent=known,
        products=tuple(
            sorted(set(read_words(cell_of(cells, reading.places, "products"), "products", longest=2_000).split()))
        ),
        said=reading.said,
    )


def _text(cells: Sequence[str], reading: _Reading, name: str, *, longest: int, is_needed: bool = False) -> str:
    """Words about a customer, which never name a person's address or number. Raises ``BadCell``."""
    words = read_words(cell_of(cells, reading.places, name), name, longest=longest, is_needed=is_needed)
    for pattern, kind in OUTSIDE.get(name, ANYWHERE):
        if pattern.search(words):
            told = f"{name}: this looks like a {kind} of somebody outside."
            raise BadCell(f"{told} Accounts are customers, never people: take it out of the file.")
    return words


def _value(cells: Sequence[str], reading: _Reading) -> tuple[Decimal | None, str, date | None]:
    """The annual value with its currency and day: all three or none. Raises ``BadCell``."""
    cell = cell_of(cells, reading.places, "annual_value")
    currency = read_words(cell_of(cells, reading.places, "currency"), "currency", longest=40)
    day = cell_of(cells, reading.places, "valued_on")
    if not cell:
        return None, "", None
    if reading.decimal is None:
        raise BadCell(f"annual_value: {quoted(cell)} could be a thousand or a little over one. Write 1234.00.")
    try:
        value = read_number(cell, reading.decimal)
    except BadCell as error:
        raise BadCell(f"annual_value: {error}") from None
    if not (0 <= value < MOST_VALUE and value == round(value, 2)):
        raise BadCell(f"annual_value: {quoted(cell)} is not between 0 and 999,999,999,999.99, in hundredths.")
    if not CURRENCY.fullmatch(currency) or not day:
        raise BadCell("A value needs its currency (three capital letters, like EUR) and the day it was true.")
    try:
        return round(value, 2), currency, read_day(day, reading.day_format or "iso")
    except BadCell as error:
        raise BadCell(f"valued_on: {error}") from None
