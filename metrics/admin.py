"""Django's admin for KPIs, to look at; readings, rollups and the rest have their own rules."""

from django.contrib import admin
from django.http import HttpRequest

from metrics.models import Kpi


@admin.register(Kpi)
class KpiAdmin(admin.ModelAdmin):
    """What a product measures. Its PMs and leads define that in the settings; administrators read it."""

    list_display = ("name", "product", "family", "form", "unit", "direction", "is_main")
    list_filter = ("family", "form")
    search_fields = ("name", "slug")
    list_select_related = ("product",)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Administrators look."""
        return bool(request.user.is_active and request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A KPI without a definition in words would mean nothing."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Who answers for a product names what it is measured by."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody deletes a KPI: its history stays."""
        return False
