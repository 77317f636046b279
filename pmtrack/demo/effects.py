"""What Halden's releases truly did: the one table that an estimator of effects can be held against.

Every other movement of a KPI is season, demand, drift or noise. A change holds from the first exposure in production
until the rollback, growing evenly over the roll-out days.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrueEffect:
    """The change of one KPI by one release: relative for sums (0.07 = 7 % more), in points for ratios and means."""

    product: str
    version: str
    kpi: str
    change: float
    rollout_days: int = 0


TRUE_EFFECTS = (
    TrueEffect("checkout", "2.4.0", "checkout-satisfaction", 0.0),  # Saved addresses
    TrueEffect("checkout", "2.6.0", "checkout-conversion", 0.028, rollout_days=3),  # One-page booking
    TrueEffect("checkout", "2.6.0", "checkout-revenue", 0.075, rollout_days=3),
    TrueEffect("checkout", "2.6.0", "checkout-satisfaction", 0.01, rollout_days=3),
    TrueEffect("checkout", "2.6.0", "checkout-churn", 0.0),
    TrueEffect("checkout", "2.7.0", "checkout-conversion", 0.012),  # Invoice at checkout: nine days ago
    TrueEffect("shipper-app", "5.1.0", "shipper-app-satisfaction", 0.03),  # Live tracking
    TrueEffect("shipper-app", "5.1.0", "shipper-app-active", 0.035),
    TrueEffect("shipper-app", "5.3.0", "shipper-app-satisfaction", -0.04),  # Price alerts: taken back after six days
    TrueEffect("shipper-app", "5.4.0", "shipper-app-churn", -0.0005),  # Push alerts
    TrueEffect("shipper-app", "5.4.0", "shipper-app-revenue", 0.03),
    TrueEffect("carrier-portal", "3.2.0", "carrier-portal-uploads", 0.18),  # Bulk rate upload
    TrueEffect("carrier-portal", "3.2.0", "carrier-portal-rating", 0.02),
    TrueEffect("carrier-portal", "3.3.0", "carrier-portal-sign-ups", -0.032),  # Two-step sign-in
    TrueEffect("dock-booking", "1.2.0", "dock-booking-rating", 0.25),  # Arrival slots
    TrueEffect("rate-desk", "2026.4", "rate-desk-in-time", 0.05),  # Quote templates
    TrueEffect("rate-desk", "2026.4", "rate-desk-quotes", 0.06),
    TrueEffect("rate-desk", "2026.8", "rate-desk-csat", -0.05),  # Margin guard
    TrueEffect("switchyard", "1.31", "switchyard-failed-changes", -0.03),  # One-click rollback
    TrueEffect("switchyard", "1.31", "switchyard-rollouts", 0.12),
)

# KPIs that nothing above touches and that follow the same demand: what an estimator may use as controls.
CONTROLS = {
    "checkout-conversion": ("carrier-portal-uploads", "shipper-app-active"),
    "checkout-revenue": ("rate-desk-quotes", "carrier-portal-uploads", "shipper-app-revenue"),
    "shipper-app-satisfaction": ("checkout-satisfaction", "carrier-portal-sign-ups"),
    "carrier-portal-sign-ups": ("checkout-conversion", "shipper-app-active"),
    "rate-desk-quotes": ("checkout-revenue", "shipper-app-revenue"),
}
