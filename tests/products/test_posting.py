"""An announcement as a post, delivered to a real server: tried again when it fails, and never led where nobody listed."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from products.models import AnnouncementCopy, Release
from products.queries.announcements import AnnouncementRow, announcement_row
from products.services import posting
from products.services.announcement_mail import post_announcements
from products.services.announcing import Draft, HostNotListed, announce
from tests.conftest import Cast
from tests.factories import NOW, make_release

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Chat(BaseHTTPRequestHandler):
    """A chat's webhook: answers what is next, 200 when nothing is."""

    answers: ClassVar[list[int]] = []
    got: ClassVar[list[tuple[str, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, json.loads(body)))
        status = self.answers.pop(0) if self.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def chat(settings: Any) -> Iterator[str]:
    """The address of a webhook that is listed as one inside."""
    Chat.answers.clear()
    Chat.got.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Chat)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.POST_HOSTS, settings.POST_HOSTS_INSIDE = [], [f"127.0.0.1:{server.server_port}"]
    settings.PUBLIC_URL = "https://pm.example.com"
    yield f"http://127.0.0.1:{server.server_port}/hooks/1?x=2"
    server.shutdown()
    server.server_close()


def posted(cast: Cast, hook: str) -> int:
    """Announce Night plans as a post; the announcement's key."""
    row: Release = make_release(cast.switchyard, "2.0", live_at=NOW - HOUR, name="Night plans")
    draft = Draft(row, "post", "Night plans are here", "Plan at night.", "a" * 32, hook=hook)
    return announce(draft=draft, by=cast.paula, now=NOW).pk


def shown(cast: Cast, number: int) -> AnnouncementRow:
    row = announcement_row(cast.otto, number)
    assert row is not None
    return row


def test_a_post_arrives_once_with_the_address_of_its_release(cast: Cast, chat: str) -> None:
    number = posted(cast, chat)
    assert (post_announcements(now=NOW).sent, post_announcements(now=NOW).sent) == (1, 0)
    ((path, body),) = Chat.got
    assert path == "/hooks/1?x=2"
    assert body["text"].startswith("Night plans are here\n\nPlan at night.\n\nhttps://pm.example.com/releases/R-")
    assert shown(cast, number).text == "posted"


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_host_that_does_not_take_it_is_asked_again_and_leads_nowhere(cast: Cast, chat: str, status: int) -> None:
    Chat.answers.append(status)
    number = posted(cast, chat)
    assert post_announcements(now=NOW).failed == 1
    assert shown(cast, number).trouble_text.startswith("The host did not take the post; tried 1 time, tried again")
    assert AnnouncementCopy.objects.get().trouble == "HostAnsweredWithAnError"
    assert post_announcements(now=NOW + HOUR).sent == 1
    assert [path for path, _ in Chat.got] == ["/hooks/1?x=2"] * 2
    assert shown(cast, number).text == "posted"


def test_a_host_that_says_nothing_is_not_waited_for(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "PATIENCE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.POST_HOSTS_INSIDE = [f"127.0.0.1:{mute.getsockname()[1]}"]
        posted(cast, f"http://127.0.0.1:{mute.getsockname()[1]}/")
        assert post_announcements(now=NOW).failed == 1
    assert AnnouncementCopy.objects.get().trouble == "TimeoutError"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.8", "169.254.169.254", "[::1]", "192.168.1.1"])
def test_a_listed_host_out_there_does_not_lead_into_the_companys_network(cast: Cast, settings: Any, host: str) -> None:
    settings.POST_HOSTS, settings.POST_HOSTS_INSIDE = [host.strip("[]")], []
    posted(cast, f"https://{host}/latest/")
    assert post_announcements(now=NOW).failed == 1
    assert AnnouncementCopy.objects.get().trouble == "HostIsInside"


@pytest.mark.parametrize(
    "address",
    ["http://chat.internal:8066/", "ftp://chat.internal:8065/", "http://a@chat.internal:8065/", "https://x:y/"],
)
def test_a_chat_inside_is_listed_with_its_port(cast: Cast, settings: Any, address: str) -> None:
    settings.POST_HOSTS, settings.POST_HOSTS_INSIDE = [], ["chat.internal:8065"]
    with pytest.raises(HostNotListed, match=r"Inside the company to chat\.internal:8065"):
        posted(cast, address)
