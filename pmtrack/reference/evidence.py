"""Examples of what effects are read against: commitments, context events, experiments."""

from pmtrack.reference.example import BAD_PARAMETER, OUT_OF_REACH, UNKNOWN, Example, Resource

COMMITMENT = {
    "subject": "$feature",
    "kpi": "$kpi",
    "direction": "rise",
    "is_main": True,
    "expected_change": 0.05,
    "window_days": 14,
}
EVENT = {
    "product": "$product",
    "name": "Newsletter",
    "kind": "campaign",
    "first_day": "$before",
    "last_day": "$yesterday",
}

EVIDENCE = (
    Resource(
        "commitments",
        "Commitments",
        "Which KPIs a feature or a release is to move, named before users have it. Each edit is a version; the one that stood "
        "when users first had the release is locked, and what is named later is marked as named afterwards.",
        {
            "name_kpi": Example(
                "Name a KPI before release",
                "/commitments",
                201,
                COMMITMENT,
                (
                    (
                        422,
                        "bad-commitment",
                        "A control, the window, the main KPI or the change cannot be so; the words say why.",
                    ),
                    (422, "unknown-kpi", "A control is no KPI."),
                    OUT_OF_REACH,
                ),
                "The answer says the smallest effect that could show, from the KPI’s own past.",
            ),
            "list_commitments": Example(
                "List commitments", "/commitments?product=$product&limit=1", refusals=(BAD_PARAMETER,)
            ),
            "take_commitment_back": Example(
                "Name a KPI no longer",
                "/commitments:take-back",
                200,
                {"subject": "$feature", "kpi": "$kpi"},
                ((409, "not-named", "The KPI is not named for it, or no longer."), OUT_OF_REACH),
            ),
        },
    ),
    Resource(
        "context-events",
        "Context events",
        "Campaigns, outages and offers: days on which something else moved the figures. Effects are read without them.",
        {
            "note_context_event": Example(
                "Note what else happened",
                "/context-events",
                201,
                EVENT,
                ((422, "bad-event", "A day cannot be so; the words say why."), OUT_OF_REACH),
                "201 new; 200 where an event of this name began on this day: it says now what was sent.",
            ),
            "list_context_events": Example(
                "List context events", "/context-events?product=$product&limit=1", refusals=(BAD_PARAMETER,)
            ),
            "remove_context_event": Example(
                "Remove what did not happen",
                "/context-events:remove",
                200,
                {"product": "$product", "name": "Newsletter", "first_day": "$before"},
                (UNKNOWN, OUT_OF_REACH),
            ),
        },
    ),
    Resource(
        "experiments",
        "Experiments",
        "What a randomised comparison found for a KPI of a release. It is preferred to the estimate from the past.",
        {
            "enter_experiment": Example(
                "Enter a result",
                "/experiments",
                201,
                {
                    "release": "$release",
                    "kpi": "$kpi",
                    "effect": 0.042,
                    "low": 0.01,
                    "high": 0.074,
                    "scale": "relative",
                    "with_it": 9000,
                    "without_it": 9100,
                },
                (
                    (422, "bad-experiment", "The effect, its interval or its scale cannot be so; the words say why."),
                    OUT_OF_REACH,
                ),
                "Another result for the same KPI supersedes it.",
            ),
            "list_experiments": Example(
                "List results", "/experiments?product=$product&limit=1", refusals=(BAD_PARAMETER,)
            ),
            "take_experiment_back": Example(
                "Take a result back",
                "/experiments:take-back",
                200,
                {"release": "$release", "kpi": "$kpi"},
                ((409, "no-result", "No result stands for this KPI."), OUT_OF_REACH),
            ),
        },
    ),
    Resource(
        "effects",
        "Effects",
        "What each release did to each KPI named for it: the verdict that the pages print, and its figures with their intervals. "
        "Nothing is a zero that means “unknown”: where nothing can be read, “figures” is null and “words” says why.",
        {
            "list_effects": Example(
                "List what releases did",
                "/effects?product=$product&limit=1",
                refusals=(BAD_PARAMETER,),
                note="“change” is in per cent of what was expected, or in points; “amount” in the KPI’s own unit over the window.",
            ),
        },
    ),
)
