"""Send the copies of announcements: mail to each person with a link of their own, or one post to a listed host."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.urls import reverse

from products.models import Announcement, AnnouncementChannel, AnnouncementCopy, User
from products.services.announcing import USE, refuse_host
from products.services.posting import post_text
from products.services.secret_links import digest_of, new_secret
from products.services.sending import Posted, mailed, send_waiting

# What fits into a worker's job beside everything else; the rest follows seconds later.
MOST_COPIES = 500


def post_announcements(*, now: datetime, most: int = MOST_COPIES) -> Posted:
    """Send what is due, over one connection to the mail server; what fails is tried again later."""
    mailer = get_connection()
    with suppress(OSError):  # a server that is down is told of each copy that it did not take
        mailer.open()
    try:
        return send_waiting(AnnouncementCopy, lambda copy, at: _deliver(copy, mailer), now=now, most=most)
    finally:
        mailer.close()


def _deliver(copy: AnnouncementCopy, mailer: Any) -> bool:
    row = Announcement.objects.select_related("release__product", "written_by").get(pk=copy.announcement_id)
    if row.channel == AnnouncementChannel.POST:
        _post(row)
        return True
    person = User.objects.filter(pk=copy.person_id or 0, is_active=True).first()
    if person is None:
        return False
    secret = new_secret()
    copy.digest = digest_of(secret, use=USE)
    copy.save(update_fields=["digest"])
    address = f"{settings.PUBLIC_URL}{reverse('told', args=[secret])}"
    return mailed(copy, person.email, " ".join(row.subject.split()), _text(row, person, address), mailer)


def _text(row: Announcement, person: User, address: str) -> str:
    lines = [
        f"Hi {person.name.split()[0]},", "", row.body, "", f"{row.written_by.name}, for {row.release.product.name}", "",
        "Read it there, and write back on the same page:", address, "",
        "The link is yours and needs no password. That you read its page is counted.", "", "pmtrack",
    ]  # fmt: skip
    return "\n".join(lines)


def _post(row: Announcement) -> None:
    """Post it as ``{"text": …}``. Raises whatever went wrong; nothing but success counts."""
    refuse_host(row.hook)
    page = f"{settings.PUBLIC_URL}{reverse('release', args=[row.release_id])}"
    post_text(row.hook, f"{row.subject}\n\n{row.body}\n\n{page}")
