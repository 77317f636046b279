"""Forms about people and teams: who is here, who belongs where from when to when."""

from datetime import date

from django import forms
from django.http import QueryDict

from products.forms.fields import Choice, Colleague, Day, EditForm, SettingsForm, Slug, Words, standing
from products.forms.products import GONE
from products.models import Membership, MembershipRole, Team, User
from products.services.people import PERSON_COLUMNS, TEAM_COLUMNS
from products.services.roles import MEMBERSHIP_COLUMNS

ADDRESS_WORDS = "Write the mail address like maya@example.com."


class PersonFields(SettingsForm):
    """What every person has."""

    name = Words(label="Name", max_length=120, missing="Write the name that colleagues use.")
    email = forms.EmailField(
        label="Mail address",
        max_length=254,
        help_text="They sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": ADDRESS_WORDS, "invalid": ADDRESS_WORDS},
    )
    is_admin = forms.BooleanField(
        label="Administrator",
        required=False,
        help_text="Manages people, teams, roles and products. Sees no customer accounts and no person’s record.",
    )


class NewPersonForm(PersonFields):
    """Somebody who joins. They choose their password themselves, with a link."""


class PersonForm(EditForm, PersonFields):
    """Somebody who is here."""

    @classmethod
    def of(cls, person: User, data: QueryDict | None) -> "PersonForm":
        """The form for the person as they stand."""
        return cls(data, initial=standing(person, PERSON_COLUMNS))


class SureForm(SettingsForm):
    """Nothing to fill in, only a button to press."""


class NewTeamForm(SettingsForm):
    """A team to be."""

    name = Words(label="Name", max_length=120, missing="Write the name that people use.")
    slug = Slug(max_length=60)


class TeamForm(EditForm):
    """A team's name."""

    name = Words(label="Name", max_length=120, missing="Write the name that people use.")

    @classmethod
    def of(cls, team: Team, data: QueryDict | None) -> "TeamForm":
        """The form for the team as it stands."""
        return cls(data, initial=standing(team, TEAM_COLUMNS))


class NewRoleForm(SettingsForm):
    """Somebody who joins a team."""

    user = Colleague(label="Who")
    role = Choice(label="As", choices=[("", "Choose"), *MembershipRole.choices], missing="Choose a role from the list.")
    start = Day(label="From", missing="Write the first day in the team.")
    end = Day(label="Until, if that is known", help_text="The first day outside. Empty: until further notice.")


class RoleForm(EditForm):
    """What a member of a team becomes."""

    role = Choice(
        label="Then",
        choices=[*MembershipRole.choices, (GONE, "No longer in the team")],
        missing="Choose what they are from then on.",
    )
    start = Day(
        label="From", missing="Write the day of the change.", help_text="The first day on which the new role holds."
    )

    @classmethod
    def of(cls, row: Membership, data: QueryDict | None, *, today: date) -> "RoleForm":
        """The form for the row as it stands."""
        return cls(data, initial={**standing(row, MEMBERSHIP_COLUMNS), "start": today})
