"""Post a message to a chat's webhook: to listed hosts only, and never through one of them into the company's own network."""

import json
import socket
import ssl
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

PATIENCE_SECONDS = 5
HTTPS, HTTP = 443, 80


class PostFailed(Exception):
    """The host did not take it; it is tried again later."""


class HostAnsweredWithAnError(PostFailed):
    """The host answered, and with no success: also where it wanted to lead us elsewhere."""


class HostIsInside(PostFailed):
    """A host out there has an address in a private network: nobody listed it as one inside."""


def is_listed(address: str) -> bool:
    """Whether a post may go there: https to a host out there, or to a host inside that is listed with its port."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if parts.username or parts.password or not parts.hostname:
        return False
    return _is_inside(parts) or (
        parts.scheme == "https" and parts.hostname in settings.POST_HOSTS and port in (None, HTTPS)
    )


def post_text(address: str, text: str) -> None:
    """Post ``{"text": …}``. Raises ``PostFailed`` or ``OSError``; nothing but an answer of 2xx is success.

    The name is looked up once, and the connection goes to the address that was looked at, whatever the name says by then.
    """
    parts = urlsplit(address)
    port = parts.port or (HTTPS if parts.scheme == "https" else HTTP)
    place = _place(parts, port)
    kind = _PinnedHttps if parts.scheme == "https" else _Pinned
    connection = kind(parts.hostname or "", port, timeout=PATIENCE_SECONDS)
    connection.place = place
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        body = json.dumps({"text": text}).encode()
        connection.request("POST", path, body, {"Content-Type": "application/json", "User-Agent": "pmtrack"})
        answer = connection.getresponse()
        answer.read(1024)
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise HostAnsweredWithAnError(str(answer.status))


def _is_inside(parts: SplitResult) -> bool:
    listed: list[str] = settings.POST_HOSTS_INSIDE
    port = parts.port or (HTTPS if parts.scheme == "https" else HTTP)
    return parts.scheme in ("http", "https") and f"{parts.hostname}:{port}" in listed


def _place(parts: SplitResult, port: int) -> tuple[str, int]:
    """The address to connect to. Raises ``HostIsInside`` where any of the name's addresses is not out there."""
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    places = [str(place[0]) for _, _, _, _, place in found]
    if not _is_inside(parts) and not all(ip_address(one.partition("%")[0]).is_global for one in places):
        raise HostIsInside(parts.hostname)
    return places[0], port


class _Pinned(HTTPConnection):
    """Connects to ``place``, whatever its host's name says."""

    place: tuple[str, int] = ("", 0)

    def connect(self) -> None:
        """Without asking for the name's address again."""
        self.sock = socket.create_connection(self.place, self.timeout)


class _PinnedHttps(HTTPSConnection):
    """The same; the certificate is that of the host's name."""

    place: tuple[str, int] = ("", 0)

    def connect(self) -> None:
        """Without asking for the name's address again."""
        plain = socket.create_connection(self.place, self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
