"""What a reader of the API's reference may call his own: names for the examples that he copies."""

from datetime import datetime

import msgspec
from django.db.models import Case, Q, Value, When

from feedback.access import visible_diagnoses, visible_feedback
from metrics.access import visible_enablements, visible_kpis
from metrics.models import KpiForm
from products.access import manageable_products, teams_of, visible_features, visible_releases
from products.models import ApiToken, ProductType, Scope, User


class ReaderNames(msgspec.Struct, frozen=True):
    """Slugs and names; "" where the reader has nothing of the kind. ``source`` is the KPI's accepted one."""

    product: str
    internal: str
    kpi: str
    source: str
    team: str
    release: str
    token: str
    entry: str = ""
    diagnosis: str = ""
    feature: str = ""
    enablement: str = ""


def reader_names(user: User, *, now: datetime) -> ReaderNames:
    """The reader's first product (an external one if he has any), an internal one, and a KPI, team, token (one that writes
    releases), release, entry of feedback, diagnosis and feature that go with them; an enablement, one that he is asked about before others.
    At most nine statements."""
    day = now.date()
    own = list(manageable_products(user, day=day).order_by("type", "slug").values_list("pk", "slug", "type"))
    ids = [pk for pk, _, _ in own]
    internal = next((slug for _, slug, type in own if type == ProductType.INTERNAL), "")
    kpi = visible_kpis(user).filter(product__in=ids, form=KpiForm.SUM).order_by("slug").first()
    team = teams_of(user, day=day).order_by("slug").values_list("slug", flat=True).first()
    release, entry, diagnosis, feature = (
        rows.filter(product__in=ids[:1]).order_by("-pk").values_list("pk", flat=True).first()
        for rows in (visible_releases(user), visible_feedback(user), visible_diagnoses(user), visible_features(user))
    )
    asked_first = Case(When(asked=user, then=Value(0)), default=Value(1))
    enablement = visible_enablements(user).order_by(asked_first, "-pk").values_list("pk", flat=True).first()
    usable = ApiToken.objects.filter(
        Q(revoked_at__isnull=True) | Q(revoked_at__gt=now),
        created_by=user,
        expires_at__gt=now,
        scopes__contains=[Scope.RELEASE_WRITE],
    )
    token = usable.order_by("-pk").values_list("name", flat=True).first()
    return ReaderNames(
        product=own[0][1] if own else "",
        internal=internal,
        kpi=kpi.slug if kpi else "",
        source=kpi.source if kpi else "",
        team=team or "",
        release=f"R-{release}" if release else "",
        token=" ".join(token.split()) if token else "",
        entry=f"FB-{entry}" if entry else "",
        diagnosis=f"D-{diagnosis}" if diagnosis else "",
        feature=f"W-{feature}" if feature else "",
        enablement=f"E-{enablement}" if enablement else "",
    )
