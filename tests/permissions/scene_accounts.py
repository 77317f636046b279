"""What the routes of directory, accounts and of reading what was heard are asked about."""

from datetime import UTC, datetime
from typing import Any

from metrics.catalog.quarters import quarter_of
from pmtrack.web.tables.files import SheetText
from products.models import KeptSheet, SheetKind, User
from products.services.sheets import keep_sheet
from tests.conftest import Cast
from tests.factories import make_account, make_diagnosis, make_entry, make_feature, speak
from tests.permissions.canaries import ACCOUNT, SHEET

TABLES = {
    SheetKind.PEOPLE: f"email,name,team,role,from\nnora@example.com,{SHEET},booking,member,2026-01-01\n,Nobody,,,\n",
    SheetKind.USAGE: "product,team,week,active_users,eligible_users\nledger,booking,2026-06-08,1,2\n,,,,\n",
    SheetKind.ACCOUNTS: "reference,name\ncastor,Castor\n,Nobody\n",
}


def places(cast: Cast) -> dict[str, dict[str, Any]]:
    """The objects in the addresses, by route name: an account that spoke, its entry, a diagnosis, a feature, two files."""
    now = datetime.now(UTC)
    account = make_account("brenner", name=f"{ACCOUNT} 1")
    account.products.add(cast.checkout)
    entry = make_entry(cast.emil, cast.checkout, received_at=now, recorded_at=now)
    speak(entry, account=account, via=cast.emil)
    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    feature = make_feature(cast.emil, cast.checkout, diagnosis)
    people, accounts = (_kept(cast, kind, now).pk for kind in (SheetKind.PEOPLE, SheetKind.ACCOUNTS))
    usage = _kept(cast, SheetKind.USAGE, now, owner=cast.emil).pk
    return {
        "settings_directory_sheet": {"number": people},
        "settings_directory_refused": {"number": people},
        "settings_accounts_sheet": {"number": accounts},
        "settings_accounts_refused": {"number": accounts},
        "usage_import_sheet": {"number": usage},
        "usage_import_refused": {"number": usage},
        "reach_csv": {"slug": "switchyard"},
        "assessments": {"slug": "ledger"},
        "assess_quarter": {"slug": "ledger", "quarter": quarter_of(now.date()).name},
        "account": {"reference": account.reference},
        "account_consent": {"reference": account.reference},
        "api_feedback_entry": {"number": entry.pk},
        "api_voices": {"number": entry.pk},
        "api_diagnosis": {"number": diagnosis.pk},
        "api_feature": {"number": feature.pk},
    }


def _kept(cast: Cast, kind: SheetKind, now: datetime, *, owner: User | None = None) -> KeptSheet:
    """A file of ``owner``, the administrator without one, with a good row and a bad one."""
    sheet = SheetText(TABLES[kind], "utf-8")
    return keep_sheet(kind=kind, owner=owner or cast.admin, name=f"{kind}.csv", sheet=sheet, now=now)
