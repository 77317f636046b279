"""Tables of the products floor."""

from products.models.audit import AuditDeed, AuditEntry, AuditTopic
from products.models.people import Membership, MembershipRole, Team, User
from products.models.products import Ally, AllyFunction, Assignment, AssignmentRole, Product, ProductTeam, ProductType
from products.models.push_log import ApiCall
from products.models.releases import EventKind, Exposure, Release, ReleaseEvent, ReleaseState
from products.models.tokens import ApiToken, Scope, TokenKind

__all__ = [
    "Ally",
    "AllyFunction",
    "ApiCall",
    "ApiToken",
    "Assignment",
    "AssignmentRole",
    "AuditDeed",
    "AuditEntry",
    "AuditTopic",
    "EventKind",
    "Exposure",
    "Membership",
    "MembershipRole",
    "Product",
    "ProductTeam",
    "ProductType",
    "Release",
    "ReleaseEvent",
    "ReleaseState",
    "Scope",
    "Team",
    "TokenKind",
    "User",
]
