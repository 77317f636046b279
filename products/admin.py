"""Django's admin for five tables: people, teams, roles, products and their PMs. Everything else has its own rules."""

from typing import ClassVar

from allauth.account import admin as account_admin
from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.http import HttpRequest

from products.models import Assignment, Membership, Product, Team, User

admin.site.site_header = "pmtrack administration"
admin.site.site_title = "pmtrack"
# What libraries register by themselves; importing theirs first makes sure that they do not come after.
for theirs in (auth_admin.Group, account_admin.EmailAddress):
    admin.site.unregister(theirs)
# One door: the sign-in page with its rate limit and its line in the audit, not a second one of Django's.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.logout = lambda request, extra_context=None: account.logout(request)  # type: ignore[method-assign]


class KeptForever(admin.ModelAdmin):
    """Rows are ended or switched off, never deleted: history stays."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(User)
class UserAdmin(KeptForever):
    """People. Passwords are set with ``manage.py changepassword``, never shown."""

    fields = ("email", "name", "is_admin", "is_active")
    list_display = ("name", "email", "is_admin", "is_active")
    list_filter = ("is_active", "is_admin")
    search_fields = ("name", "email")


@admin.register(Team)
class TeamAdmin(KeptForever):
    """Teams."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")


@admin.register(Membership)
class MembershipAdmin(KeptForever):
    """Who was in which team, in which role, from when to when."""

    list_display = ("user", "team", "role", "period")
    list_filter = ("role", "team")
    autocomplete_fields = ("user", "team")
    list_select_related = ("user", "team")


@admin.register(Product)
class ProductAdmin(KeptForever):
    """Products. The type is chosen once."""

    list_display = ("name", "slug", "type", "time_zone")
    list_filter = ("type",)
    search_fields = ("name", "slug")

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        """A product's type never changes."""
        return ("type",) if obj else ()


@admin.register(Assignment)
class AssignmentAdmin(KeptForever):
    """Who was a product's PM on which day."""

    list_display = ("user", "product", "role", "period")
    list_filter: ClassVar = ["role"]
    autocomplete_fields = ("user", "product")
    list_select_related = ("user", "product")
