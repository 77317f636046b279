"""The settings of the bench's web server: ours, with one bare view beside our pages."""

from pmtrack.settings import *  # noqa: F403

ROOT_URLCONF = "pmtrack.bench.urls"
