"""What calls with ``effect:write`` share: the feature, release, product or KPI that the token may write about."""

from collections.abc import Sequence
from datetime import date

from metrics.access import visible_kpis
from metrics.models import Kpi
from pmtrack.web.errors import FieldProblem, Problem, not_found
from products.access import token_reach, visible_features, visible_products, visible_releases
from products.api.reach import refusal_of
from products.models import ApiToken, Feature, Product, Release


def subject_for(token: ApiToken, key: str, *, today: date) -> Feature | Release:
    """The feature W-… or release R-… of a product in the token's reach. Raises 404 and 403."""
    letter, _, number = key.partition("-")
    rows = visible_features(token.created_by) if letter == "W" else visible_releases(token.created_by)
    row: Feature | Release | None = rows.select_related("product").filter(pk=int(number)).first()
    if row is None:
        raise not_found(f"{'feature' if letter == 'W' else 'release'} '{key}'")
    refuse_out_of_reach(token, row.product, today=today)
    return row


def product_for(token: ApiToken, slug: str, *, today: date) -> Product:
    """The product in the token's reach. Raises 404 and 403."""
    product = visible_products(token.created_by).filter(slug=slug).first()
    if product is None:
        raise not_found(f"product '{slug}'")
    refuse_out_of_reach(token, product, today=today)
    return product


def kpi_called(token: ApiToken, slug: str) -> Kpi:
    """The KPI of any product: work for one may move another's. Raises 404."""
    kpi = visible_kpis(token.created_by).select_related("product").filter(slug=slug).first()
    if kpi is None:
        raise not_found(f"KPI '{slug}'")
    return kpi


def kpis_called(token: ApiToken, slugs: Sequence[str], *, base: str) -> list[Kpi]:
    """KPIs in the order of ``slugs``. Raises a 422 ``Problem`` that points at the first unknown one."""
    rows = visible_kpis(token.created_by).select_related("product").filter(slug__in=slugs)
    known = {kpi.slug: kpi for kpi in rows}
    for place, slug in enumerate(slugs):
        if slug not in known:
            raise bad_field(f"{base}/{place}", "unknown-kpi", f"There is no KPI '{slug}'. GET /api/v1/kpis lists them.")
    return [known[slug] for slug in slugs]


def refuse_out_of_reach(token: ApiToken, product: Product, *, today: date) -> None:
    """Raise the 403 ``Problem`` of a token that may not write to the product."""
    reached = token_reach(token, [product.slug], day=today)[product.slug]
    if refusal := refusal_of(reached, product.slug):
        raise refusal


def bad_field(pointer: str, code: str, detail: str) -> Problem:
    """422 with the words at their field."""
    return Problem(422, code, detail, errors=[FieldProblem(pointer, code, detail)])
