"""The bodies of features."""

from datetime import datetime

import msgspec


class StageChangeOut(msgspec.Struct, frozen=True):
    """One move. ``from_stage`` is null when the feature was made, ``by`` null where the system moved it."""

    from_stage: str | None
    to_stage: str
    at: datetime
    by: str | None
    reason: str


class DesignQuestionOut(msgspec.Struct, frozen=True):
    """A small question asked while building, to a colleague; ``answer_hours`` is null while it waits."""

    question: str
    asked: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    answer_hours: float | None


class FeatureOut(msgspec.Struct, frozen=True):
    """Something that is built. ``waiver_reason`` says why it is built without a diagnosis, where a lead waived it."""

    key: str
    product: str
    title: str
    requirement: str
    intent: str
    stage: str
    stage_since: datetime
    created_at: datetime
    co_designers: list[str]
    waiver_reason: str
    revision: int
    stage_changes: list[StageChangeOut]
    design_questions: list[DesignQuestionOut]
