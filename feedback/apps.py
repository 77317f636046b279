"""The feedback floor: what people said, and who said it."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """What colleagues and customers told us."""

    name = "feedback"
    default_auto_field = "django.db.models.BigAutoField"
