"""Companies for the tests of credit: the example worked by hand, and random ones that help each other in circles."""

import numpy as np
from hypothesis import settings as campaign
from hypothesis import strategies as st

from metrics.stats.credit import settle
from metrics.stats.network import Downstream, Effect, Node, gather
from metrics.stats.split import Days, Help, Kind, State

PRODUCTS = ("alpha", "beta", "gamma", "delta", "epsilon")
KINDS: tuple[Kind, ...] = ("enabled", "unblocked", "accelerated")
EXAMPLES = campaign(max_examples=40, deadline=None)


def node(product: str, kpi: str = "orders") -> Node:
    return Node(product, kpi, "2026-Q2")


def helped(
    product: str, kind: Kind, days: float | Days | None = None, *, key: str = "", state: State = "confirmed"
) -> Help:
    span = Days(days, days) if isinstance(days, int | float) else days
    return Help(key or f"E-{product}-{kind}", product, f"team {product}", kind, state, span)


def release(
    product: str, *helps: Help, effect: Effect | None = None, name: str = "R-1", kpi: str = "orders"
) -> Downstream:
    return Downstream(name, node(product, kpi), effect, helps)


def worked_example() -> list[Downstream]:
    """Payments unblocked checkout, the web platform saved it 18 days; the design system saved the web platform 45, and enabled search."""
    return [
        release(
            "checkout",
            helped("payments", "unblocked"),
            helped("web platform", "accelerated", 18),
            effect=Effect(100, 20),
        ),
        release("web platform", helped("design system", "accelerated", 45)),
        release("search", helped("design system", "enabled"), effect=Effect(50, 10)),
    ]


def rng() -> np.random.Generator:
    return np.random.default_rng(6)


def values(downstreams: list[Downstream]) -> dict[str, float]:
    network = gather(downstreams)
    return {one.product: value for one, value in zip(network.nodes, settle(network).tolist(), strict=True)}


@st.composite
def companies(draw: st.DrawFn, lowest: float = -100, uncertain: bool = True) -> list[Downstream]:
    """Up to eight releases of five products that help each other in whatever circles, some with an effect."""
    spans = st.tuples(st.floats(0, 60), st.floats(0, 20 if uncertain else 0)).map(lambda d: Days(d[0], d[0] + d[1]))
    effects = st.none() | st.builds(Effect, st.floats(lowest, 100), st.floats(0, 30))
    made = []
    for number in range(draw(st.integers(1, 8))):
        product = draw(st.sampled_from(PRODUCTS))
        others = draw(st.lists(st.sampled_from([one for one in PRODUCTS if one != product]), max_size=4))
        helps = [
            helped(
                other,
                draw(st.sampled_from(KINDS)),
                draw(spans),
                key=f"E-{number}-{place}",
                state=draw(st.sampled_from(("confirmed", "measured", "claimed"))),
            )
            for place, other in enumerate(others)
        ]
        made.append(release(product, *helps, effect=draw(effects), name=f"R-{number}"))
    return made
