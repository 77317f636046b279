"""What the two ends of an enablement are called, so that pages, letters and answers call them the same."""

from metrics.models import Enablement


def helper_name(row: Enablement) -> str:
    """``Staged rollout of Switchyard``, or the product alone where no release is named."""
    product = row.upstream_product.name
    return f"{row.upstream_release.title} of {product}" if row.upstream_release else product


def helper_short(row: Enablement) -> str:
    """``Staged rollout``, or the product."""
    return row.upstream_release.title if row.upstream_release else row.upstream_product.name


def work_name(row: Enablement) -> str:
    """The feature's title, or the work in words."""
    return row.feature.title if row.feature else row.work


def owner_name(row: Enablement) -> str:
    """Whose work it is: the product's name, else the team's."""
    if row.downstream_product:
        return row.downstream_product.name
    return row.downstream_team.name if row.downstream_team else ""
