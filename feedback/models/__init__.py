"""Tables of the feedback floor."""

from feedback.models.accounts import Account, Consent, ConsentChange
from feedback.models.decisions import DecisionChange, DiagnosisEvent
from feedback.models.diagnoses import Decision, Diagnosis, DiagnosisFeature
from feedback.models.feedback import Channel, Feedback, FeedbackEdit, FeedbackQuerySet, Sentiment, Voice
from feedback.models.merges import Merge, NotDuplicate
from feedback.models.outreach import LoopClosure, Outreach
from feedback.models.telling import ReleaseTelling, Solved
from feedback.models.thanks import MOST_THANKED, AllyThank

__all__ = [
    "MOST_THANKED",
    "Account",
    "AllyThank",
    "Channel",
    "Consent",
    "ConsentChange",
    "Decision",
    "DecisionChange",
    "Diagnosis",
    "DiagnosisEvent",
    "DiagnosisFeature",
    "Feedback",
    "FeedbackEdit",
    "FeedbackQuerySet",
    "LoopClosure",
    "Merge",
    "NotDuplicate",
    "Outreach",
    "ReleaseTelling",
    "Sentiment",
    "Solved",
    "Voice",
]
