"""The letters to one person; their text is on this machine only where mail goes into a folder instead of leaving."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from metrics.access import visible_letters
from metrics.catalog.enabling_words import question_of
from metrics.models import Letter, LetterKind
from metrics.queries.enabling_names import helper_name, work_name
from metrics.queries.words import instant_text
from products.access import Actor, visible_sign_off_letters
from products.models import SignOff, SignOffLetter

MOST_LETTERS = 50
MOST_FILES = 400
FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
RELATED = (
    "ask__contribution__person",
    "enablement__upstream_product",
    "enablement__upstream_release",
    "enablement__feature",
)


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter: what it is about, when it left or why it did not, and its text where it is here."""

    url: str
    title: str
    kind_text: str
    sent_text: str
    is_sent: bool
    text: str


@dataclass(frozen=True, slots=True)
class Letters:
    """A person's letters; ``folder`` says that mail goes into a folder of this machine."""

    rows: tuple[LetterRow, ...]
    folder: bool

    @property
    def title(self) -> str:
        """How many left."""
        return f"{sum(row.is_sent for row in self.rows)} of {len(self.rows)} sent" if self.rows else "No letter yet"


def letters_to(user: Actor) -> Letters:
    """The newest letters to the reader. Two statements, and the files of the folder where there is one."""
    folder = settings.EMAIL_BACKEND == FILE_BACKEND
    helps = visible_letters(user).select_related(*RELATED).order_by("-pk")[:MOST_LETTERS]
    signs = visible_sign_off_letters(user).select_related("sign_off__release__product").order_by("-pk")[:MOST_LETTERS]
    found: list[Letter | SignOffLetter] = [*helps, *signs]
    rows = sorted(found, key=lambda row: (row.queued_at, row.pk), reverse=True)[:MOST_LETTERS]
    texts = _texts({row.message_id for row in rows if row.message_id}) if folder else {}
    return Letters(tuple(_row(row, texts.get(row.message_id, "")) for row in rows), folder)


def _row(row: Letter | SignOffLetter, text: str) -> LetterRow:
    url, title, kind = _sign_off(row.sign_off) if isinstance(row, SignOffLetter) else _help_or_week(row)
    return LetterRow(url, title, kind, sent_text=_sent(row), is_sent=row.sent_at is not None, text=text)


def _sign_off(asked: SignOff) -> tuple[str, str, str]:
    release = asked.release
    title = f"{asked.get_function_display()}: may {release.title} of {release.product.name} go live?"
    return reverse("release", args=[release.pk]), title, "A sign-off"


def _help_or_week(row: Letter) -> tuple[str, str, str]:
    about, kind = row.enablement, str(LetterKind(row.kind).label)
    if row.ask is not None:
        held = row.ask.contribution
        return reverse("contribution", args=[held.pk]), f"Was it so? {held.person.name}: {held.what}", kind
    if about is None:
        return reverse("lead_queue"), "What waits for you as a lead", kind
    return reverse("enablement", args=[about.pk]), question_of(helper_name(about), work_name(about)), kind


def _sent(row: Letter | SignOffLetter) -> str:
    if row.sent_at is not None:
        return f"sent {instant_text(row.sent_at)}"
    if row.dropped_at is not None:
        if isinstance(row, Letter) and row.kind == LetterKind.DIGEST and not row.trouble:
            return "not sent: nothing waited"
        return (
            "not sent: nobody waits for it any more"
            if not row.trouble
            else "given up: the mail server took it at no time"
        )
    return f"tried {row.tries} times, tried again {instant_text(row.due_at)}" if row.tries else "waits to be sent"


def _texts(wanted: set[str]) -> dict[str, str]:
    """The texts of the letters with these ids among the newest files of the folder."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), reverse=True)[:MOST_FILES] if wanted and folder.is_dir() else []
    found: dict[str, str] = {}
    for file in files:
        # The backend writes each message and a line of dashes; one connection, one file.
        for part in file.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
            message = message_from_bytes(part.lstrip(b"\n"), policy=policy.default)
            number = str(message.get("Message-ID", ""))
            if number in wanted:
                found[number] = str(message.get_content())
        if len(found) == len(wanted):
            break
    return found
