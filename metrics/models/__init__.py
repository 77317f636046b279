"""Tables of the metrics floor."""

from metrics.models.assessments import Assessment
from metrics.models.commitments import Commitment, CommitmentControl, ExpectedChange
from metrics.models.contributions import (
    MOST_ANSWERED,
    MOST_TOLD,
    Contribution,
    ContributionAnswer,
    ContributionAsk,
    ContributionKind,
)
from metrics.models.credits import Credit, CreditMark, CreditPart, CreditSplit
from metrics.models.digests import DigestWish, WeeklyDigest
from metrics.models.enablements import (
    ANSWERED,
    BACKED,
    MOST_DAYS,
    MOST_LINKS,
    Enablement,
    EnablementDeed,
    EnablementKind,
    EnablementState,
    EnablementStep,
)
from metrics.models.estimates import Estimate, EstimateBasis, EstimateWord
from metrics.models.events import ContextEvent, ContextKind
from metrics.models.evidence import Decided, EffectScale, Experiment, ReleaseDecision
from metrics.models.kpis import (
    Kpi,
    KpiCadence,
    KpiDefinition,
    KpiDirection,
    KpiFamily,
    KpiForm,
    Reading,
    ReadingCorrection,
    ReadingStatus,
    Usage,
)
from metrics.models.letters import AnswerLink, Letter, LetterKind
from metrics.models.person_notes import MOST_JUDGED, MOST_NOTED, LeadNote, ReviewPack, TalkNote
from metrics.models.rollups import Mark, Rollup, Trouble, WeeklyRollup
from metrics.models.uploads import Upload

__all__ = [
    "ANSWERED",
    "BACKED",
    "MOST_ANSWERED",
    "MOST_DAYS",
    "MOST_JUDGED",
    "MOST_LINKS",
    "MOST_NOTED",
    "MOST_TOLD",
    "AnswerLink",
    "Assessment",
    "Commitment",
    "CommitmentControl",
    "ContextEvent",
    "ContextKind",
    "Contribution",
    "ContributionAnswer",
    "ContributionAsk",
    "ContributionKind",
    "Credit",
    "CreditMark",
    "CreditPart",
    "CreditSplit",
    "Decided",
    "DigestWish",
    "EffectScale",
    "Enablement",
    "EnablementDeed",
    "EnablementKind",
    "EnablementState",
    "EnablementStep",
    "Estimate",
    "EstimateBasis",
    "EstimateWord",
    "ExpectedChange",
    "Experiment",
    "Kpi",
    "KpiCadence",
    "KpiDefinition",
    "KpiDirection",
    "KpiFamily",
    "KpiForm",
    "LeadNote",
    "Letter",
    "LetterKind",
    "Mark",
    "Reading",
    "ReadingCorrection",
    "ReadingStatus",
    "ReleaseDecision",
    "ReviewPack",
    "Rollup",
    "TalkNote",
    "Trouble",
    "Upload",
    "Usage",
    "WeeklyDigest",
    "WeeklyRollup",
]
