"""Django's admin for five tables: people, teams, roles, products and their PMs. Everything else has its own rules."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, ClassVar

from allauth.account import admin as account_admin
from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.http import HttpRequest
from django.shortcuts import redirect

from products.models import Assignment, Membership, Product, Team, User
from products.services.products import ProductFacts, change_product

admin.site.site_header = "pmtrack administration"
admin.site.site_title = "pmtrack"
# What libraries register by themselves; importing theirs first makes sure that they do not come after.
for theirs in (auth_admin.Group, account_admin.EmailAddress):
    admin.site.unregister(theirs)
# One door: the sign-in page with its rate limit and its line in the audit, not a second one of Django's.
admin.site.login = secure_admin_login(lambda request, extra_context=None: redirect("admin:index"))
admin.site.logout = lambda request, extra_context=None: account.logout(request)


class KeptForever(admin.ModelAdmin):
    """Rows are ended or switched off, never deleted: history stays."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(User)
class UserAdmin(KeptForever):
    """People. Everybody chooses the own password, with a link from the settings; none is shown.

    Who has left and who administers is changed in the settings, where sessions end and one administrator stays.
    """

    fields = ("email", "name", "is_admin", "is_active")
    list_display = ("name", "email", "is_admin", "is_active")
    list_filter = ("is_active", "is_admin")
    search_fields = ("name", "email")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """What has consequences beyond this row."""
        return ("is_admin", "is_active") if obj else ("is_active",)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A person added here cannot sign in until a password is set."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


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

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """A new role is a new row; here only a wrong day is corrected."""
        return ("user", "team", "role") if obj else ()


@admin.register(Product)
class ProductAdmin(KeptForever):
    """Products. The type is chosen once."""

    list_display = ("name", "slug", "type", "time_zone")
    list_filter = ("type",)
    search_fields = ("name", "slug")

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        """A product's type never changes; its address and what it continues are chosen once."""
        return ("type", "slug", "continues") if obj else ()

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """The service folds the releases again where the impact clock starts elsewhere now. The admin keeps its own note."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        facts = ProductFacts(**{field.name: getattr(obj, field.name) for field in fields(ProductFacts)})
        change_product(product=obj, facts=facts, now=datetime.now(UTC))


@admin.register(Assignment)
class AssignmentAdmin(KeptForever):
    """Who was a product's PM on which day."""

    list_display = ("user", "product", "role", "period")
    list_filter: ClassVar = ["role"]
    autocomplete_fields = ("user", "product")
    list_select_related = ("user", "product")

    def get_readonly_fields(self, request: HttpRequest, obj: Assignment | None = None) -> tuple[str, ...]:
        """A new role is a new row; here only a wrong day is corrected."""
        return ("user", "product", "role") if obj else ()
