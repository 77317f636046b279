"""Tables of the products floor."""

from products.models.people import Membership, Team, User
from products.models.products import Ally, Assignment, Product, ProductTeam
from products.models.releases import Exposure, Release, ReleaseEvent
from products.models.tokens import ApiToken, Scope

__all__ = [
    "Ally",
    "ApiToken",
    "Assignment",
    "Exposure",
    "Membership",
    "Product",
    "ProductTeam",
    "Release",
    "ReleaseEvent",
    "Scope",
    "Team",
    "User",
]
