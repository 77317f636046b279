"""Whose work made whose possible at Halden: claimed, confirmed, adjusted, disputed, measured, thanked for, and help in a circle.

Told in the order in which it happened, through the services that the pages use, so that every rule holds for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from metrics.models import Enablement, EnablementKind
from metrics.queries.answerers import Work
from metrics.services.answers import Answer, Verdict, give_answer, reopen
from metrics.services.enablement_steps import HelpFigures
from metrics.services.enablements import Help, claim, thank
from metrics.services.waiting_questions import back_by_records, tend_questions
from pmtrack.demo.founding import Halden
from products.models import Feature, Release, Team, User


@dataclass(frozen=True, slots=True)
class Said:
    """Who said ``ago`` days ago that a release helped a feature (or work of a team), and what was answered some days later.

    ``days`` and ``answer_days`` are low and high; a thank has no ``answer``, and a claim with none still waits or ended.
    """

    by: str
    ago: float
    product: str
    version: str
    work: str
    kind: str
    days: tuple[float, float] | None
    words: str
    team: str = ""
    thanks: bool = False
    answer: str = ""
    answer_days: tuple[float, float] | None = None
    answer_words: str = ""
    answered: float = 2
    reopened: str = ""


SAID = (
    # These two run in a circle: what reaches Switchyard goes on to Rate desk, and part of it comes back.
    Said(
        "Jonas Weber", 200, "switchyard", "1.17", "W-10", "accelerated", (2, 4),
        "They saw at once whose flag to ask about and did not have to go round.", answer="accelerated", answer_days=(2, 4),
    ),
    Said(
        "Sofia Marques", 198, "rate-desk", "2025.11", "W-18", "accelerated", (3, 5),
        "The notes of a rollout are our shared notes, taken over whole.", answer="accelerated", answer_days=(3, 5),
    ),
    Said(
        "Jonas Weber", 190, "switchyard", "1.19", "W-46", "accelerated", (2, 8),
        "Carriers were switched over country by country, without a night shift.", answer="accelerated", answer_days=(2, 8),
    ),
    Said(
        "Jonas Weber", 160, "switchyard", "1.19", "W-50", "unblocked", (5, 12),
        "Without it the upload had waited for the yearly cut-over.", answer="unblocked", answer_days=(8, 20),
        answer_words="It was more: the cut-over came a month later than planned.",
    ),
    Said(
        "Jonas Weber", 130, "switchyard", "1.23", "W-58", "enabled", None,
        "The pilot of ten days ran for six customers, which was not possible before.", answer="enabled",
        answer_words="We would not have dared to show it to anybody otherwise.",
    ),
    Said(
        "Jonas Weber", 90, "switchyard", "1.30", "W-66", "accelerated", (10, 20),
        "The stop made a second review needless.", answer="no", reopened="The change log shows three stops in that week.",
        answer_words="We had written our own stop before this one was there.",
    ),
    Said(
        "Jonas Weber", 60, "switchyard", "1.27", "W-69", "accelerated", (1, 3), "They began from our template.",
    ),
    Said(
        "Jonas Weber", 55, "switchyard", "1.31", "W-72", "accelerated", (5, 15),
        "Two bad evenings ended with one click.", answer="accelerated", answer_days=(4, 9),
        answer_words="One of the two evenings was ours to mend anyway.",
    ),
    Said(
        "Sofia Marques", 30, "checkout", "2.6.0", "W-79", "accelerated", (1, 3),
        "We took over their form for prices instead of drawing one.", thanks=True,
    ),
    Said(
        "Sofia Marques", 8, "rate-desk", "2026.8", "W-88", "unblocked", (3, 6),
        "The invoice could not show a price that nobody had checked.", answer="unblocked", answer_days=(3, 6),
    ),
    Said(
        "Tom Adeyemi", 7, "shipper-app", "5.4.0", "W-89", "accelerated", (1, 2),
        "The calendar sends its notices through our alerts.", answer="accelerated", answer_days=(1, 2),
    ),
    Said(
        "Jonas Weber", 6, "switchyard", "1.33", "W-88", "accelerated", (3, 6),
        "Support saw which customer had the invoice, and nobody had to ask us.",
    ),
    Said(
        "Jonas Weber", 3, "switchyard", "1.34", "SOC 2 evidence", "unblocked", None,
        "The auditors took the export as it is.", team="security",
    ),
)  # fmt: skip


def tell_help(halden: Halden, keys: Mapping[str, str], now: datetime) -> int:
    """Say everything in its order and give the answers; ``keys`` says what the plans' features are called here."""
    moments = sorted(_moments(halden, now), key=lambda one: one[0])
    made: dict[Said, Enablement] = {}
    for at, deed, said in moments:
        tend_questions(now=at)
        if deed == "say":
            made[said] = _say(halden, keys, said, at)
        elif deed == "reopen":
            reopen(enablement=made[said], words=said.reopened, by=halden.people[said.by], now=at)
        else:
            _answer(made[said], said, at)
    back_by_records(now=now)
    return len(made)


def _moments(halden: Halden, now: datetime) -> Iterator[tuple[datetime, str, Said]]:
    for said in SAID:
        at = now - timedelta(days=said.ago)
        yield at, "say", said
        if said.answer:
            yield at + timedelta(days=said.answered), "answer", said
        if said.reopened:
            yield at + timedelta(days=said.answered + 3), "reopen", said
            yield at + timedelta(days=said.answered + 4), "answer", said


def _say(halden: Halden, keys: Mapping[str, str], said: Said, now: datetime) -> Enablement:
    release = Release.objects.select_related("product").get(
        product=halden.products[said.product], version=said.version, environment="production"
    )
    team: Team | None = halden.teams[said.team] if said.team else None
    feature = None if team else Feature.objects.select_related("product").get(pk=int(keys[said.work][2:]))
    work = Work(feature, said.work if team else "", feature.product if feature else None, team)
    help = Help(release.product, release, work, _figures(said.kind, said.days), said.words)
    by = halden.people[said.by]
    return (
        thank(help=help, by=by, now=now) if said.thanks else claim(help=help, asked=None, by=by, now=now)
    ).enablement


def _answer(row: Enablement, said: Said, now: datetime) -> None:
    row.refresh_from_db()
    assert isinstance(row.asked, User)  # noqa: S101 - the story asks somebody
    kind = said.kind if said.answer == "no" else said.answer
    answer = Answer(Verdict(said.answer), _figures(kind, said.answer_days), said.answer_words)
    give_answer(enablement=row, answer=answer, by=row.asked, now=now)


def _figures(kind: str, days: tuple[float, float] | None) -> HelpFigures:
    low, high = days or (None, None)
    return HelpFigures(
        EnablementKind(kind), None if low is None else Decimal(str(low)), None if high is None else Decimal(str(high))
    )
