"""Fills an empty database with Halden, a made-up company with a year of work behind it."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from pmtrack.demo import story
from pmtrack.stack.places import home, write_private
from products.models import Product, User
from products.services.people import AddressTaken, TeamExists
from products.services.products import ProductExists

COLLISIONS = (AddressTaken, TeamExists, ProductExists, IntegrityError)


class Command(BaseCommand):
    """Write the demo company through the services that people and clients use."""

    help = "Fill an empty database with the demo company and print two sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        """Two choices."""
        parser.add_argument("--beside", action="store_true", help="write it beside what is there, instead of refusing")
        parser.add_argument("--seed", type=int, default=story.SEED, help="another number makes other random days")

    def handle(self, *args: Any, beside: bool, seed: int, **options: Any) -> None:
        """Refuse a database that is in use, write everything or nothing, leave the sign-ins where `up` reads them."""
        if not beside and (User.objects.exists() or Product.objects.exists()):
            raise CommandError(
                "This database is in use. The demo company fills empty ones; to start over run `manage.py up --reset`, "
                "or say --beside to write it beside what is there."
            )
        started, sign_ins = perf_counter(), story.make_sign_ins()
        # Before the database knows them: a kill in between leaves passwords of nobody, not people without passwords.
        path = home() / "demo.json"
        held = path.read_text() if path.exists() else None
        write_private(path, json.dumps({part: asdict(sign_in) for part, sign_in in sign_ins.items()}, indent=1))
        try:
            told = story.tell(now=datetime.now(UTC), sign_ins=sign_ins, seed=seed)
        except COLLISIONS as problem:
            _restore(path, held)
            raise CommandError(
                f"Nothing was written: something of the demo company is here already. {problem}"
            ) from None
        counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in asdict(told).items())
        self.stdout.write(f"Halden stands: {counts}, in {perf_counter() - started:.1f} s. Sign-ins: {path}")


def _restore(path: Path, held: str | None) -> None:
    """Put the sign-ins back that stood here before a refusal."""
    if held is None:
        path.unlink()
    else:
        write_private(path, held)
