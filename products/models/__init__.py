"""Tables of the products floor."""

from products.models.announcements import Announcement, AnnouncementChannel, AnnouncementCopy
from products.models.audit import AuditDeed, AuditEntry, AuditTopic
from products.models.features import DesignQuestion, Feature, FeatureEdit, FeatureStage, Intent, StageChange
from products.models.people import Membership, MembershipRole, Team, User
from products.models.products import Ally, AllyFunction, Assignment, AssignmentRole, Product, ProductTeam, ProductType
from products.models.push_log import ApiCall
from products.models.releases import EventKind, Exposure, Release, ReleaseEvent, ReleaseState
from products.models.sheets import ADMINISTERED, KeptSheet, SheetKind
from products.models.signoffs import (
    CLEARED,
    ExposureStage,
    SignOff,
    SignOffDecision,
    SignOffLetter,
    SignOffLink,
    SignOffRule,
)
from products.models.tokens import ApiToken, Scope, TokenKind

__all__ = [
    "ADMINISTERED",
    "CLEARED",
    "Ally",
    "AllyFunction",
    "Announcement",
    "AnnouncementChannel",
    "AnnouncementCopy",
    "ApiCall",
    "ApiToken",
    "Assignment",
    "AssignmentRole",
    "AuditDeed",
    "AuditEntry",
    "AuditTopic",
    "DesignQuestion",
    "EventKind",
    "Exposure",
    "ExposureStage",
    "Feature",
    "FeatureEdit",
    "FeatureStage",
    "Intent",
    "KeptSheet",
    "Membership",
    "MembershipRole",
    "Product",
    "ProductTeam",
    "ProductType",
    "Release",
    "ReleaseEvent",
    "ReleaseState",
    "Scope",
    "SheetKind",
    "SignOff",
    "SignOffDecision",
    "SignOffLetter",
    "SignOffLink",
    "SignOffRule",
    "StageChange",
    "Team",
    "TokenKind",
    "User",
]
