"""What Halden made of what it heard: merged, diagnosed, decided, built, asked; told through the services that the pages use."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedback.models import Diagnosis, Feedback
from feedback.queries.diagnosing import Answers
from feedback.services.decisions import decide
from feedback.services.diagnoses import diagnose, take_in
from feedback.services.feature_links import plan_feature
from feedback.services.merges import merge_feedback
from feedback.services.outreach import Subject, ask_account, ask_colleague
from pmtrack.demo import voices
from pmtrack.demo.company import DUTIES
from pmtrack.demo.founding import Halden
from pmtrack.demo.hearing import Heard
from pmtrack.demo.releases import PLANS, Plan
from products.models import Feature, Membership, User
from products.services.feature_moves import move_feature, waive_diagnosis
from products.services.features import FeatureFacts, answer_design_question, ask_design_question

LEAD = "Ines Okafor"
# Days from the diagnosis until building began, and how long before going live building began, by type.
UNTIL_BUILT, BUILT_FOR = {"E": 9, "I": 2}, {"E": 21, "I": 5}
HEARD_FOR = {"E": 12, "I": 3}  # days from the first voice until it was understood
FRESH = {"E": 24, "I": 6}  # what is younger than this is still open
TRYING = {
    "checkout": "Book a shipment in one go, without asking a colleague",
    "shipper-app": "Know where a delivery is while they are on the road",
    "carrier-portal": "Offer their trucks and get paid without phoning us",
    "dock-booking": "Get a truck through the gate at the time they planned",
    "rate-desk": "Send a quote today that still holds tomorrow",
    "switchyard": "Change a flag without waking anybody up",
    "dock-planner": "Plan tomorrow's docks before they leave",
}
WHY_NOT = (
    ("watch", "Few met it so far, and a workaround holds. We look again next quarter."),
    ("decline", "It would make the common case slower for a rare one. The reason was told to those who asked."),
    ("watch", "We want to see whether it fades after the last release."),
)
PRAISED = ("watch", "Praise: nothing to change, and good to know what must stay.")
SECOND = {"W-61": "Half-finished bookings for a colleague", "W-47": "The gate before arrival"}
INTENTS = {"E": ("earns", "delights", "closes_a_gap"), "I": ("enables", "closes_a_gap", "delights")}


@dataclass(frozen=True, slots=True)
class Problem:
    """What several people told of one product, oldest first."""

    product: str
    words: str
    entries: tuple[tuple[Heard, Feedback], ...]

    @property
    def is_praise(self) -> bool:
        """Whether there is nothing to mend."""
        return any(praise in self.words for praise in voices.PRAISE)


def tell_cycle(halden: Halden, heard: Sequence[tuple[Heard, Feedback]]) -> dict[str, str]:
    """Everything between hearing and releasing; gives back for each key in the plans the feature's real key."""
    keys: dict[str, str] = {}
    for product in halden.products:
        if product not in TRYING:
            continue
        problems = _problems(product, heard)
        plans = [plan for plan in PLANS if plan.product == product and plan.features]
        for plan in sorted(plans, key=lambda one: -(one.first_exposed or 0)):
            keys.update(_build(halden, plan, _take(halden, problems, plan)))
        for number, problem in enumerate(problems):
            _settle(halden, problem, number)
    return keys


def _problems(product: str, heard: Sequence[tuple[Heard, Feedback]]) -> list[Problem]:
    known = {**voices.EXTERNAL, **voices.INTERNAL}[product]  # in the order in which they are heard most
    found = defaultdict(list)
    for entry, row in heard:
        words = next((one for one in known if one.casefold() in entry.text.casefold()), None)
        if entry.product == product and words:
            found[words].append((entry, row))
    rows = [
        Problem(product, words, tuple(sorted(told, key=lambda one: one[0].received_at)))
        for words, told in found.items()
    ]
    return sorted(rows, key=lambda one: one.entries[0][0].received_at)


def _take(halden: Halden, problems: list[Problem], plan: Plan) -> Problem | None:
    """The first problem that was heard early enough to have led to the plan; it is used up."""
    type_ = halden.products[plan.product].type
    ago = (plan.first_exposed or 1) + BUILT_FOR[type_] + UNTIL_BUILT[type_] + HEARD_FOR[type_]
    for problem in problems:
        if not problem.is_praise and problem.entries[0][0].received_at < at_work(halden, plan.product, ago):
            problems.remove(problem)
            return problem
    return None


def _build(halden: Halden, plan: Plan, problem: Problem | None) -> dict[str, str]:
    """The features of a release, from a diagnosis, or by a lead's waiver where nothing was heard before."""
    product, type_ = halden.products[plan.product], halden.products[plan.product].type
    started = (plan.first_exposed or 1) + BUILT_FOR[type_]
    by = owner(halden, plan.product, started)
    diagnosis = _diagnose(halden, problem, started + UNTIL_BUILT[type_]) if problem else None
    keys = {}
    for number, key in enumerate(plan.features):
        title = plan.name if number == 0 else SECOND.get(key, f"{plan.name}, second part")
        wanted = (
            f"{problem.words[0].upper()}{problem.words[1:]}. It is solved when nobody tells us so again."
            if problem
            else ""
        )
        facts = FeatureFacts(title, wanted, INTENTS[type_][started % 3])
        planned = at_work(halden, plan.product, started + UNTIL_BUILT[type_] - 1)
        feature = plan_feature(
            product=product, facts=facts, diagnoses=[diagnosis] if diagnosis else [], by=by, now=planned
        )
        keys[key] = feature.key
        if diagnosis is None:
            if (lead := _lead(halden, plan.product)) is None:
                continue  # nobody may waive it: the release stays without its reason, and the feature's page says so
            reason = "Promised in the plan of that year, before diagnoses were written down."
            waive_diagnosis(feature=feature, by=lead, reason=reason, now=planned, day=halden.today)
        move_feature(feature=feature, to="building", by=by, now=at_work(halden, plan.product, started))
        _ask(halden, feature, by, started)
    return keys


def _ask(halden: Halden, feature: Feature, by: User, started: int) -> None:
    """A small question while building; the newest still wait for their answer."""
    colleague = halden.people["Petra Holm"] if feature.product.type == "E" else halden.people["Lena Brandt"]
    if colleague == by:
        return
    asked = at_work(halden, feature.product.slug, started - 1, hour=10)
    question = ask_design_question(
        feature=feature,
        question="Which of the two drafts would you use first, and why?",
        asked=colleague,
        asked_by=by,
        now=asked,
    )
    if started > 12:
        waited = timedelta(hours=30 if feature.product.type == "E" else 3)
        answer_design_question(
            question=question, answer="The shorter one: it says what happens next.", now=asked + waited
        )


def _settle(halden: Halden, problem: Problem, number: int) -> None:
    """A problem that nothing was built for: watched, declined, planned, or young and still open."""
    type_ = halden.products[problem.product].type
    first = problem.entries[0][0].received_at
    ago = (halden.today - first.date()).days - HEARD_FOR[type_]
    if ago < FRESH[type_]:
        _look_into(halden, problem, number)
        return
    diagnosis = _diagnose(halden, problem, ago)
    if number % 4 == 3 and not problem.is_praise:
        return  # understood, and not decided yet
    decision, reason = PRAISED if problem.is_praise else WHY_NOT[number % 3]
    by = owner(halden, problem.product, ago)
    decide(
        diagnosis=diagnosis,
        decision=decision,
        reason=reason,
        by=by,
        now=at_work(halden, problem.product, max(1, ago - 2)),
    )


def _look_into(halden: Halden, problem: Problem, number: int) -> None:
    """Young problems: every other one has a draft, and somebody is asked about it."""
    if number % 2:
        return
    entry, row = problem.entries[0]
    by, now = owner(halden, problem.product, 1), at_work(halden, problem.product, 1)
    answers = Answers(trying_to=TRYING[problem.product])
    draft = diagnose(feedback=row, answers=answers, is_done=False, by=by, now=now)
    subject = Subject(halden.products[problem.product], feedback=row, diagnosis=draft)
    purpose = "What happens right before, and what do you do instead?"
    if entry.account and halden.accounts[entry.account].consent != "no":
        ask_account(subject=subject, account=halden.accounts[entry.account], via=None, purpose=purpose, by=by, now=now)
    elif entry.colleague and halden.people[entry.colleague] != by:
        ask_colleague(subject=subject, colleague=halden.people[entry.colleague], purpose=purpose, by=by, now=now)


def _diagnose(halden: Halden, problem: Problem, ago: int) -> Diagnosis:
    """Understood so many days ago; what was heard later is taken in some days after it came, the newest waits."""
    type_ = halden.products[problem.product].type
    understood = at_work(halden, problem.product, ago)
    before = [row for entry, row in problem.entries if entry.received_at < understood]
    by = owner(halden, problem.product, ago)
    if len(before) > 2:
        merge_feedback(entry=before[1], into=before[0], by=by, now=understood - timedelta(hours=2))
        del before[1]
    answers = Answers(
        trying_to=TRYING[problem.product],
        in_the_way=f"{problem.words[0].upper()}{problem.words[1:]}",
        known_from=f"Told by {len(before)} so far; watched one of them do it.",
        solved_when="Nobody tells us so for four weeks.",
    )
    diagnosis = diagnose(feedback=before[0], answers=answers, is_done=True, by=by, now=understood)
    take_in(diagnosis=diagnosis, entries=before[1:], by=by, now=understood)
    for entry, row in problem.entries:
        taken = entry.received_at + timedelta(days=HEARD_FOR[type_])
        if entry.received_at >= understood and taken < at_work(halden, problem.product, 2):
            take_in(diagnosis=diagnosis, entries=[row], by=by, now=taken)
    return diagnosis


def owner(halden: Halden, product: str, ago: int) -> User:
    """Who answered for the product so many days ago."""
    on_duty = (
        duty.person
        for duty in DUTIES
        if duty.product == product and duty.role == "owner" and duty.start >= ago > (duty.end or 0) - 1
    )
    return halden.people[next(on_duty, LEAD)]


def _lead(halden: Halden, product: str) -> User | None:
    """A lead of the team that owns the product today."""
    held = {"period__contains": halden.today, "role": Membership.Role.LEAD}
    owners = halden.products[product].ownerships.filter(period__contains=halden.today).values("team")
    leading = Membership.objects.filter(team__in=owners, **held).select_related("user").order_by("pk").first()
    return leading.user if leading else None


def at_work(halden: Halden, product: str, ago: int, *, hour: int = 15) -> datetime:
    """An afternoon so many days ago where the product is."""
    zone = ZoneInfo(halden.products[product].time_zone)
    return datetime.combine(halden.today - timedelta(days=ago), time(hour), zone)
