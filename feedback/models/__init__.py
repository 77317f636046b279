"""Tables of the feedback floor."""

from feedback.models.accounts import Account, Consent
from feedback.models.feedback import Channel, Feedback, Sentiment, Voice

__all__ = [
    "Account",
    "Channel",
    "Consent",
    "Feedback",
    "Sentiment",
    "Voice",
]
