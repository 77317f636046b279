"""Something heard, understood, being built and helped: what the examples of the reference read."""

from datetime import datetime, timedelta

from metrics.models import Enablement
from metrics.queries.answerers import Work
from metrics.services.enablements import claim
from products.models import DesignQuestion, Release, SignOff, SignOffDecision, StageChange, User
from products.services.announcing import Draft, announce
from products.services.signoffs import Verdict, decide_sign_off
from tests.conftest import Cast
from tests.enablement.scene import figures, set_scene
from tests.factories import make_account, make_diagnosis, make_entry, make_feature, speak


def hear(cast: Cast, at: datetime) -> None:
    """An entry with two voices, one of them a customer's, its diagnosis, and the feature that is built for it."""
    entry = make_entry(
        cast.emil, cast.checkout, "The saved address offers the wrong depot.", received_at=at, recorded_at=at
    )
    speak(entry, colleague=cast.emil)
    speak(entry, account=make_account("brenner-logistik", cast.emil), via=cast.emil)
    times = {"started_at": at, "diagnosed_at": at}
    diagnosis = make_diagnosis(
        cast.emil, cast.checkout, entry, decision="build", decided_by=cast.emil, decided_at=at, **times
    )
    feature = make_feature(cast.emil, cast.checkout, diagnosis, stage="building", created_at=at, stage_since=at)
    moved = {"feature": feature, "by": cast.emil, "at": at}
    StageChange.objects.create(from_stage="", to_stage="diagnosed", **moved)
    StageChange.objects.create(from_stage="diagnosed", to_stage="building", **moved)
    asked = {"asked": cast.emil, "asked_by": cast.lena, "asked_at": at}
    answer = {"answer": "The last one used.", "answered_at": at + timedelta(hours=3)}
    DesignQuestion.objects.create(feature=feature, question="Which depot comes first?", **asked, **answer)


def on_its_way(cast: Cast, release: Release, now: datetime) -> None:
    """Legal signed the release off, and a colleague's copy of its announcement was sent and opened."""
    asked = now - timedelta(days=60)
    row = SignOff.objects.create(
        release=release, function="legal", approver=cast.otto, requested_by=cast.emil, requested_at=asked,
        due_on=(asked + timedelta(days=5)).date(),
    )  # fmt: skip
    verdict = Verdict(SignOffDecision.CONDITIONS, "The terms stand above the button.")
    decide_sign_off(sign_off=row, verdict=verdict, by=cast.otto, now=asked + timedelta(days=3))
    said = {"subject": "The guest form is here", "body": "Book without an account."}
    draft = Draft(release, "mail", form="0" * 32, teams=[cast.finance], **said)
    announce(draft=draft, by=cast.emil, now=now).copies.update(sent_at=now, opened_at=now)


def help_asked_of(cast: Cast, person: User, now: datetime) -> Enablement:
    """A claim of Paula's about month end in Checkout, of which ``person`` is asked."""
    work = Work(None, "Month end", cast.checkout)
    help = set_scene(cast).help(release=None, work=work, figures=figures("accelerated", 4, 9))
    return claim(help=help, asked=person, by=cast.paula, now=now).enablement
