"""What is measured: KPIs and the versions of their wording. A new version breaks the line; the old one stays."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from metrics.models import Kpi, KpiCadence, KpiDefinition, Reading
from products.models import Product
from products.services.edits import refuse_if_changed
from products.services.refusals import refusing


@dataclass(frozen=True, slots=True)
class KpiFacts:
    """What may be changed about a KPI. Its product, slug, form and cadence stay: the stored readings were made for them.

    ``smallest_change_worth`` is relative for sums (0.02 = 2 %) and in points for ratios and means.
    """

    name: str
    family: str
    unit: str
    currency: str
    direction: str
    target: Decimal | None
    smallest_change_worth: Decimal | None
    is_main: bool


KPI_COLUMNS = tuple(field.name for field in fields(KpiFacts))


class KpiExists(Exception):
    """A KPI has this slug already."""


class MainKpiExists(Exception):
    """The product has a main measure already, and one is all it may have."""


class BadCurrency(Exception):
    """A currency is three capital letters, as ISO 4217 has them, or nothing for what is not money."""


class CurrencyIsFixed(Exception):
    """Readings in one currency are stored; in another they would mean something else."""


class DefinitionTooEarly(Exception):
    """A new wording would reach into days that an existing version speaks for."""


@transaction.atomic
def define_kpi(
    *,
    product: Product,
    slug: str,
    name: str,
    family: str,
    form: str,
    unit: str,
    direction: str,
    wording: str,
    holds_from: date,
    currency: str = "",
    target: Decimal | None = None,
    smallest_change_worth: Decimal | None = None,
    is_main: bool = False,
    cadence: str = KpiCadence.DAY,
) -> Kpi:
    """Name a KPI and its first definition. Raises ``KpiExists``, ``MainKpiExists`` and ``BadCurrency``.

    ``smallest_change_worth`` is relative for sums (0.02 = 2 %) and in points for ratios and means."""
    with refusing(_refusals(product, slug, currency)):
        kpi = Kpi.objects.create(
            product=product,
            slug=slug,
            name=name,
            family=family,
            form=form,
            unit=unit,
            currency=currency,
            direction=direction,
            smallest_change_worth=smallest_change_worth,
            target=target,
            is_main=is_main,
            cadence=cadence,
        )
    KpiDefinition.objects.create(kpi=kpi, holds_from=holds_from, wording=wording)
    return kpi


def _refusals(product: Product, slug: str, currency: str) -> dict[str, Exception]:
    return {
        "metrics_kpi_slug_key": KpiExists(f"There is a KPI '{slug}' already. Choose another slug."),
        "metrics_kpi_one_main_per_product": MainKpiExists(f"{product.name} has a main measure already; keep one."),
        "metrics_kpi_currency_is_a_code": BadCurrency(f"'{currency}' is no currency code. Write it like EUR."),
    }


@transaction.atomic
def change_kpi(*, kpi: Kpi, facts: KpiFacts, now: datetime, version: str | None = None) -> Kpi:
    """Change what may be changed; a new main measure takes the place of the old one.

    Raises ``BadCurrency``, ``CurrencyIsFixed`` and ``ChangedMeanwhile``; then nothing is stored.
    """
    family = Kpi.objects.select_for_update().filter(product=kpi.product_id).order_by("pk")
    rows = {row.pk: row for row in family}  # all of the product's, in one order, so that two moves never cross
    held = rows[kpi.pk]
    refuse_if_changed(row=held, columns=KPI_COLUMNS, version=version, now=now)
    if facts.currency != held.currency and Reading.objects.filter(product=held.product_id, kpi=held).exists():
        raise CurrencyIsFixed(
            f"{held.name} has readings in {held.currency or 'no currency'}. Define another KPI for other money."
        )
    if facts.is_main and not held.is_main:
        Kpi.objects.filter(product=held.product_id, is_main=True).update(is_main=False)
    for column, value in asdict(facts).items():
        setattr(held, column, value)
    bad = BadCurrency(f"'{facts.currency}' is no currency code. Write it like EUR.")
    with refusing({"metrics_kpi_currency_is_a_code": bad}):
        held.save(update_fields=KPI_COLUMNS)
    return held


@transaction.atomic
def redefine_kpi(*, kpi: Kpi, wording: str, holds_from: date) -> KpiDefinition:
    """Add a version of the wording that holds from a day after every earlier version's. Raises ``DefinitionTooEarly``."""
    Kpi.objects.select_for_update().get(pk=kpi.pk)  # versions of one KPI take turns
    newest = kpi.definitions.order_by("-holds_from").first()
    if newest is not None and newest.holds_from >= holds_from:
        raise DefinitionTooEarly(
            f"{kpi.name} has a definition from {newest.holds_from} on. A new one starts after that day: "
            "what was read under the old words stays under them."
        )
    return KpiDefinition.objects.create(kpi=kpi, holds_from=holds_from, wording=wording)
