"""``manage.py draw_examples``: the pictures of docs/metrics.md, drawn by the charts of the pages."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from pmtrack.reference.cannot_tell import EXAMPLES, before_and_after, read_example
from pmtrack.reference.drawings import draw

IMAGES = Path(settings.BASE_DIR) / "docs/images"


class Command(BaseCommand):
    """Draw them anew after a chart or the method changed, and say what is said of each."""

    help = "Draw the documented examples of releases of which nobody can tell what they did; needs no database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("folder", type=Path, nargs="?", default=IMAGES, help="default: docs/images")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """One file for each example."""
        for example in EXAMPLES:
            told = read_example(example)
            (folder / f"cannot-tell-{example.slug}.svg").write_text(draw(told), encoding="utf-8")
            change, p = before_and_after(example)
            self.stdout.write(f"{example.slug}: {told.sentence}")
            self.stdout.write(f"  four weeks after against four weeks before: {change:+.1f} %, p of a t test {p:.4f}")
