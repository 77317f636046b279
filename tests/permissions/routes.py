"""Every route there is, read from the URL configuration."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Pages of libraries take the others for one of these two.
VERBS_OF_LIBRARIES = ("GET", "POST")
LIBRARIES = ("admin:", "account_")
# Whatever is not listed before it answers 404; it has no name and nothing to permit.
CATCH_ALL = "^.*$"
# Served by Django's admin for its own scripts; they hold nothing of ours.
NOT_OURS = {"admin:jsi18n", "admin:view_on_site", "admin:autocomplete", "admin:app_list"}


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its name, the path as configured, and what its placeholders are called."""

    name: str
    path: str
    placeholders: tuple[str, ...]

    @property
    def verbs(self) -> tuple[str, ...]:
        """What is tried on it."""
        return VERBS_OF_LIBRARIES if self.name.startswith(LIBRARIES) else VERBS


def all_routes() -> list[Route]:
    """Every route, by name; an address that is listed twice under one name counts once."""
    found = {route.name: route for route in _walk(get_resolver(), "/", "")}
    return [found[name] for name in sorted(found)]


def _walk(resolver: URLResolver, path: str, namespace: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, here, inner)
        elif isinstance(entry, URLPattern) and not here.endswith(CATCH_ALL) and not _is_not_ours(entry, namespace):
            assert entry.name, f"{here} has no name: give it one, so that it can be listed."
            yield Route(namespace + entry.name, here, tuple(entry.pattern.converters))


def _is_not_ours(entry: URLPattern, namespace: str) -> bool:
    return f"{namespace}{entry.name}" in NOT_OURS or (namespace == "admin:" and entry.name is None)
