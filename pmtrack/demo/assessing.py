"""What the lead made of Switchyard in the two quarters before this one, one of them in two versions; this one is open."""

from datetime import UTC, date, datetime, time, timedelta

from metrics.catalog.quarters import Quarter, quarter_of
from metrics.services.assessments import Answers, assess
from pmtrack.demo.founding import Halden

LEAD, PRODUCT = "Ines Okafor", "switchyard"
WAIT = timedelta(days=4)
FIRST = Answers(
    "Booking put one-page booking in front of a tenth of its customers before everybody had it. Without flags for single "
    "customers that would have been a branch of its own.",
    "A separate deployment, as for the old form: about two weeks of work, and no way back within a day.",
    "Maya Lindgren, who shipped it. I have not asked the other teams yet.",
)
SECOND = Answers(
    FIRST.became_possible,
    FIRST.otherwise,
    "Maya Lindgren, who shipped it, and the usage records of Booking. Carriers say that it made no difference to them.",
)
LATER = Answers(
    "Two more teams release without asking Platform first. Nothing new became possible for customers in this quarter.",
    "They would have asked, and waited a day or two each time.",
    "Records of use. Only I say that the waiting mattered.",
)


def tell_assessments(halden: Halden) -> None:
    """Written in the first days after each quarter, as leads do."""
    last = _before(quarter_of(halden.today))
    for quarter, answers, wait in (
        (_before(last), FIRST, WAIT),
        (_before(last), SECOND, 2 * WAIT),
        (last, LATER, WAIT),
    ):
        assess(
            product=halden.products[PRODUCT],
            quarter=quarter,
            answers=answers,
            by=halden.people[LEAD],
            now=min(_noon(quarter.end + wait), _noon(halden.today)),
        )


def _before(quarter: Quarter) -> Quarter:
    return quarter_of(quarter.start - timedelta(days=1))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
