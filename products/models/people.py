"""People, teams and who belonged where on which day."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models.functions import Lower

from products.models.base import LIKENESS, Dated, never_empty, never_overlapping, one_of

ADMIN_MODELS = frozenset({"user", "team", "membership", "product", "assignment", "kpi"})


class UserManager(BaseUserManager["User"]):
    """Makes users; mail addresses are kept in lower case."""

    def create_user(self, email: str, name: str, password: str | None = None, *, is_admin: bool = False) -> "User":
        """Store one person. Without a password the person cannot sign in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, is_admin=is_admin)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None) -> "User":
        """An administrator; what Django's ``createsuperuser`` command calls."""
        return self.create_user(email, name, password, is_admin=True)


class User(AbstractBaseUser):
    """A colleague. The mail address is the login."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_admin = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True, help_text="Off for people who left: their past work stays.")
    link_made_at = models.DateTimeField(
        null=True, blank=True, help_text="The newest link to choose a password with, until it is used."
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="products_user_one_per_address"),
            models.CheckConstraint(condition=~models.Q(name=""), name="products_user_has_a_name"),
        ]
        indexes: ClassVar = [GistIndex(fields=["name"], opclasses=[LIKENESS], name="products_user_by_likeness")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether Django's admin lets this person in."""
        return self.is_admin

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Admins manage six tables in Django's admin and nothing else; all other rules live in access.py."""
        return self.is_active and self.is_admin and perm.rpartition("_")[2] in ADMIN_MODELS

    def has_module_perms(self, app_label: str) -> bool:
        """Which apps Django's admin lists for this person."""
        return self.is_active and self.is_admin and app_label in {"products", "metrics"}


class Team(models.Model):
    """A group of people that owns products."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [GistIndex(fields=["name"], opclasses=[LIKENESS], name="products_team_by_likeness")]

    def __str__(self) -> str:
        return self.name


class MembershipRole(models.TextChoices):
    """What a person is in a team."""

    LEAD = "lead", "Lead"
    PM = "pm", "PM"
    MEMBER = "member", "Member"


class Membership(Dated):
    """Who was in which team, in which role, from when to when."""

    Role = MembershipRole
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=MembershipRole)

    class Meta:
        constraints: ClassVar = [
            one_of("role", MembershipRole.values, name="products_membership_role_is_known"),
            never_overlapping("user", "team", name="products_membership_one_role_at_a_time"),
            never_empty(name="products_membership_period_is_never_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()} in {self.team}"
