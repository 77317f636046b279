"""Django's admin for KPIs; readings, rollups and the rest have their own rules."""

from django.contrib import admin
from django.http import HttpRequest

from metrics.models import Kpi


@admin.register(Kpi)
class KpiAdmin(admin.ModelAdmin):
    """What a product measures. The form and the product are chosen once: the readings depend on them."""

    list_display = ("name", "product", "family", "form", "unit", "direction", "is_main")
    list_filter = ("family", "form")
    search_fields = ("name", "slug")
    list_select_related = ("product",)
    autocomplete_fields = ("product",)

    def get_readonly_fields(self, request: HttpRequest, obj: Kpi | None = None) -> tuple[str, ...]:
        """What the stored readings were made for stays."""
        return ("product", "slug", "form", "source") if obj else ("source",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody deletes a KPI: its history stays."""
        return False
