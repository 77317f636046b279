"""What is measured: KPIs and the versions of their wording. A new version breaks the line; the old one stays."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from metrics.models import Kpi, KpiDefinition
from products.models import Product
from products.services.refusals import refusing


class KpiExists(Exception):
    """A KPI has this slug already."""


class MainKpiExists(Exception):
    """The product has a main measure already, and one is all it may have."""


class BadCurrency(Exception):
    """A currency is three capital letters, as ISO 4217 has them, or nothing for what is not money."""


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
) -> Kpi:
    """Name a KPI and its first definition. Raises ``KpiExists``, ``MainKpiExists`` and ``BadCurrency``.

    ``smallest_change_worth`` is relative for sums (0.02 = 2 %) and in points for ratios and means."""
    refusals = {
        "metrics_kpi_slug_key": KpiExists(f"There is a KPI '{slug}' already. Choose another slug."),
        "metrics_kpi_one_main_per_product": MainKpiExists(f"{product.name} has a main measure already; keep one."),
        "metrics_kpi_currency_is_a_code": BadCurrency(f"'{currency}' is no currency code. Write it like EUR."),
    }
    with refusing(refusals):
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
        )
    KpiDefinition.objects.create(kpi=kpi, holds_from=holds_from, wording=wording)
    return kpi


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
