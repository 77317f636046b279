"""``manage.py token``: make an API token from a terminal."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from products.models import ApiToken, Product, Scope, Team, User
from products.services.tokens import TokenRefused, make_token


class Command(BaseCommand):
    """Prints the secret once; it is stored nowhere."""

    help = "Make an API token for one product or one team, in the name of its PM or lead."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command."""
        parser.add_argument("--for", dest="email", required=True, help="mail address of the PM or lead it acts for")
        reach = parser.add_mutually_exclusive_group(required=True)
        reach.add_argument("--product", help="slug of the product it is for")
        reach.add_argument("--team", help="slug of the team whose products it is for")
        parser.add_argument("--scope", action="append", dest="scopes", choices=Scope.values, help="may be repeated")
        parser.add_argument("--name", help="what tokens are told apart by (default: made in a terminal, and when)")
        parser.add_argument("--kind", default=ApiToken.Kind.CI, choices=ApiToken.Kind.values)
        parser.add_argument("--days", type=int, default=90, help="how long it lasts (at most 366)")
        parser.add_argument("--quiet", action="store_true", help="print the secret and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token, or say in words why not."""
        now = datetime.now(UTC)
        try:
            made = make_token(
                name=options["name"] or f"made in a terminal at {now:%Y-%m-%d %H:%M:%S.%f}",
                kind=options["kind"],
                scopes=options["scopes"] or [Scope.RELEASE_WRITE.value],
                maker=self._one(User, email=options["email"].lower()),
                product=self._one(Product, slug=options["product"]) if options["product"] else None,
                team=self._one(Team, slug=options["team"]) if options["team"] else None,
                expires_at=now + timedelta(days=options["days"]),
                now=now,
            )
        except (TokenRefused, OverflowError) as error:
            raise CommandError(str(error)) from None
        if not options["quiet"]:
            self.stderr.write(f"Shown once, stored nowhere; good until {made.token.expires_at:%d %B %Y}:")
        self.stdout.write(made.secret)

    def _one(self, model: Any, **by: str) -> Any:
        found = model.objects.filter(**by).first()
        if found is None:
            (field, value) = next(iter(by.items()))
            raise CommandError(f"There is no {model._meta.verbose_name} with {field} '{value}'.")
        return found
