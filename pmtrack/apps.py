"""The composition root as an app, so that its commands and static files are found."""

from django.apps import AppConfig


class PmtrackConfig(AppConfig):
    """Holds commands and static files; has no tables."""

    name = "pmtrack"
