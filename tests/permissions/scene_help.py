"""Help between Switchyard and Checkout: what the routes of enablements are asked about. Lena is asked, who leads both."""

from datetime import datetime
from typing import Any

from metrics.queries.answerers import Work
from metrics.services.answer_links import make_answer_link
from metrics.services.answers import give_answer
from metrics.services.enablements import Help, claim, withdraw
from tests.conftest import Cast
from tests.enablement.scene import answer, figures
from tests.factories import make_feature


def help_places(cast: Cast, now: datetime) -> dict[str, tuple[dict[str, Any], Any]]:
    """For each route the objects in its address and what is sent. Checkout helps: its own are those who claim."""
    yes = {"verdict": "accelerated", "days_low": "4", "days_high": "9"}
    open_, answered, unknown, taken = (_claim(cast, name, now) for name in ("Notes", "Flags", "Month end", "Audit"))
    give_answer(enablement=answered, answer=answer("no"), by=cast.lena, now=now)
    give_answer(enablement=unknown, answer=answer("unknown"), by=cast.lena, now=now)
    withdraw(enablement=taken, by=cast.emil, now=now)
    link = {"token": make_answer_link(enablement=open_, person=cast.lena, now=now)}
    said = {"helper": "checkout", "work": "Night plans", "owner": "Finance", "kind": "enabled"}
    feature = make_feature(cast.emil, cast.checkout, title="Bulk booking")
    thanks = {"helper": "switchyard", "feature": feature.key, "kind": "enabled"}
    number = {"number": open_.pk}
    claimed = {
        "product": "checkout",
        "kind": "enabled",
        "work": "Night plans",
        "owner_team": "finance",
        "asked": cast.otto.email,
    }
    return {
        "enablement": (number, None),
        "new_enablement": ({}, {**said, "asked": cast.otto.email}),
        "thank_enablement": ({}, thanks),
        "answer_enablement": (number, yes),
        "hand_on_enablement": (number, {"colleague": cast.otto.email}),
        "ask_enablement_again": ({"number": unknown.pk}, {"asked": cast.lena.email}),
        "reopen_enablement": ({"number": answered.pk}, {"words": "Look again."}),
        "withdraw_enablement": (number, {"words": ""}),
        "answer_link": (link, yes),
        "hand_on_link": (link, {"colleague": cast.otto.email}),
        "api_enablements": ({}, claimed),
        "api_enablement": (number, None),
        "api_credit": ({}, None),
        "api_credit_splits": ({}, None),
        "api_credit_totals": ({}, None),
        "api_assisted": ({}, None),
        "api_answer_enablement": ({"number": _claim(cast, "Rates", now).pk}, {"verdict": "no"}),
    }


def _claim(cast: Cast, work: str, now: datetime) -> Any:
    """Checkout helped Switchyard, and Lena is asked."""
    told = Help(cast.checkout, None, Work(None, work, cast.switchyard), figures("accelerated", 4, 9))
    return claim(help=told, asked=cast.lena, by=cast.emil, now=now).enablement
