"""One request for every call of the API, as data. The page shows them, and a test sends them as curl and as Python.

Words that begin with ``$`` are names: the reader's own product, KPI, team and mail address, or days near today.
The answers are in ``answers/<operation>.json``, recorded from a running server.
"""

from pmtrack.reference.enabling import CREDITED, ENABLING
from pmtrack.reference.evidence import EVIDENCE
from pmtrack.reference.example import BAD_PARAMETER, KEY_REUSED, OUT_OF_REACH, UNKNOWN, Example, Resource
from pmtrack.reference.heard import HEARD

RELEASE_EVENT = {
    "source": "ci",
    "event_id": "$product/$yesterday/1042",
    "product": "$product",
    "version": "7.4.0",
    "name": "Faster quotes",
    "kind": "exposed",
    "occurred_at": "$instant",
}

RESOURCES = (
    Resource(
        "release-events",
        "Release events",
        "What happened to a release, told by the CI system as it happens. Users have it from “exposed” on: then the "
        "impact clock starts. For products that count as live once released, “released” starts it, too. Only the "
        "product’s production environment counts.",
        {
            "send_release_event": Example(
                "Say what happened to a release",
                "/release-events",
                201,
                RELEASE_EVENT,
                (
                    (
                        422,
                        "clock-skew",
                        "“occurred_at” is too far ahead of our clock. Check the sender’s clock and offset.",
                    ),
                    KEY_REUSED,
                    OUT_OF_REACH,
                    UNKNOWN,
                ),
                "201 new; 200 for an event that was sent before, with the header Idempotent-Replayed: true.",
            ),
            "send_release_events": Example(
                "Send many events at once",
                "/release-events:batch",
                207,
                {
                    "events": [
                        {**RELEASE_EVENT, "event_id": "$product/$yesterday/1043", "version": "7.5.0"},
                        {
                            **RELEASE_EVENT,
                            "event_id": "$product/$yesterday/1044",
                            "version": "7.6.0",
                            "kind": "shipped",
                        },
                    ]
                },
                (OUT_OF_REACH, KEY_REUSED),
                "Here the second item is refused and the first one stored. Every item has its result, in its order.",
            ),
        },
    ),
    Resource(
        "releases",
        "Releases",
        "Releases as their events fold: one for each product, environment and version, in whatever order events came.",
        {
            "list_releases": Example("List releases", "/releases?product=$product&limit=2", refusals=(BAD_PARAMETER,)),
            "read_release": Example("Read one release", "/releases/$release", refusals=(UNKNOWN,)),
            "list_sign_offs": Example(
                "Read who signed a release off",
                "/releases/$release/sign-offs",
                refusals=(UNKNOWN,),
                note="Functions, never people. An internal product needs none: “needed” is false.",
            ),
            "list_announcements": Example(
                "List what was announced about a release",
                "/releases/$release/announcements?limit=1",
                refusals=(UNKNOWN, BAD_PARAMETER),
                note="Counts only. “opened” counts those who had their own page before them: at least so many read it.",
            ),
        },
    ),
    Resource(
        "readings",
        "KPI readings",
        "What a KPI said on each day. A sum takes “value”; a ratio “numerator” and “denominator”; a mean “value”, the "
        "sum of the day’s values, and “n”, their count. Numbers are kept exactly; send them as texts where your JSON "
        "library rounds. A KPI takes readings from one source: the first push sets it.",
        {
            "push_readings": Example(
                "Push readings of a KPI",
                "/kpis/$kpi/readings:batch",
                200,
                {
                    "source": "$source",
                    "readings": [{"day": "$before", "value": 3095}, {"day": "$yesterday", "value": "3120.5"}],
                },
                (
                    (
                        409,
                        "other-source",
                        "The KPI takes its readings from another source alone. Send them under that.",
                    ),
                    (422, "bad-reading", "No day could be stored; each result says why."),
                    OUT_OF_REACH,
                    UNKNOWN,
                ),
                "“results” names refused days only: every other day is stored, or with “atomic” none is.",
            ),
            "list_readings": Example(
                "List readings as they were pushed", "/kpis/$kpi/readings?since=$before&limit=2", refusals=(UNKNOWN,)
            ),
        },
    ),
    Resource(
        "kpis",
        "KPIs",
        "What is measured, and the days that the pages draw.",
        {
            "list_kpis": Example("List KPIs", "/kpis?limit=1", refusals=(BAD_PARAMETER,)),
            "read_kpi": Example("Read one KPI", "/kpis/$kpi", refusals=(UNKNOWN,)),
            "read_kpi_series": Example(
                "Read a KPI day by day",
                "/kpis/$kpi/series?from=$before&to=$today",
                refusals=(UNKNOWN, BAD_PARAMETER),
                note="With level, target, release markers, definitions and restated days: what the product page draws.",
            ),
        },
    ),
    Resource(
        "usage",
        "Usage",
        "Who uses an internal product, team by team and week by week. The reach of an external product is a KPI.",
        {
            "push_usage": Example(
                "Push a week’s usage",
                "/usage:batch",
                200,
                {
                    "source": "directory",
                    "rows": [
                        {
                            "product": "$internal",
                            "team": "$team",
                            "week": "$monday",
                            "active_users": 7,
                            "eligible_users": 12,
                            "actions": 240,
                        }
                    ],
                },
                ((422, "bad-usage", "No row could be stored; each result says why."), OUT_OF_REACH),
                "A later push for the same product, team and week corrects it.",
            ),
            "list_usage": Example(
                "List usage", "/usage?product=$internal&since=$monday&limit=1", refusals=(BAD_PARAMETER,)
            ),
        },
    ),
    *HEARD,
    *EVIDENCE,
    ENABLING,
    CREDITED,
    Resource(
        "products",
        "Products",
        "What products are called here, and what their pages show.",
        {
            "list_products": Example("List products", "/products?limit=1", refusals=(BAD_PARAMETER,)),
            "read_product": Example("Read one product", "/products/$product", refusals=(UNKNOWN,)),
            "read_product_impact": Example(
                "Read what a product’s page shows",
                "/products/$product/impact?from=$month&to=$month",
                refusals=(UNKNOWN, BAD_PARAMETER),
            ),
        },
    ),
    Resource(
        "dashboards",
        "Dashboards",
        "The impact pages as values: the very figures and sentences that they print.",
        {
            "read_team_dashboard": Example(
                "Read teams’ impact",
                "/dashboards/team?team=$team&from=$month&to=$month",
                refusals=(UNKNOWN, BAD_PARAMETER),
            ),
            "read_internal_dashboard": Example(
                "Read the impact of internal products",
                "/dashboards/internal?from=$month&to=$month",
                refusals=(BAD_PARAMETER,),
            ),
            "read_external_dashboard": Example(
                "Read the impact of external products",
                "/dashboards/external?from=$month&to=$month",
                refusals=(BAD_PARAMETER,),
            ),
        },
    ),
)
# What an error looks like.
PROBLEM = Example("Send an event of an unknown kind", "/release-events", 400, {**RELEASE_EVENT, "kind": "shipped"})
EXAMPLES = {operation: example for resource in RESOURCES for operation, example in resource.calls.items()}
