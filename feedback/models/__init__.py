"""Tables of the feedback floor."""

from feedback.models.accounts import Account
from feedback.models.feedback import Feedback, Voice

__all__ = ["Account", "Feedback", "Voice"]
