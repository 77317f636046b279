"""Examples of who helped whom: claimed, read and answered."""

from pmtrack.reference.example import BAD_PARAMETER, OUT_OF_REACH, UNKNOWN, Example, Resource

ENABLING = Resource(
    "enablements",
    "Enablements",
    "Whose work made whose work possible. A claim counts for nothing until somebody who did the helped work confirms it: the "
    "person asked, never the claimant, and never one who answered for the helping product.",
    {
        "claim_enablement": Example(
            "Claim that your product helped",
            "/enablements",
            201,
            {
                "product": "$internal",
                "feature": "$feature",
                "kind": "accelerated",
                "days_low": "4",
                "days_high": 9,
                "statement": "The rates came from our export instead of being typed.",
                "evidence": ["https://wiki.example.com/rates"],
            },
            (
                (
                    409,
                    "said-already",
                    "The same help of the same work is there, with other figures. Open it again instead.",
                ),
                (422, "bad-days", "Days are negative, reversed, or over the horizon of 90 working days."),
                (422, "release-not-live", "The release is not live, or was rolled back: nobody has it."),
                (422, "self-link", "A product does not enable itself."),
                (422, "may-not-answer", "Whoever is to be asked claims it, or answered for the helping product."),
                OUT_OF_REACH,
                UNKNOWN,
            ),
            "201 new; 200 for the same claim sent again, with the header Idempotent-Replayed: true.",
        ),
        "list_enablements": Example("List enablements", "/enablements?limit=1", refusals=(BAD_PARAMETER,)),
        "read_enablement": Example(
            "Read one enablement with its steps", "/enablements/$enablement", refusals=(UNKNOWN,)
        ),
        "answer_enablement": Example(
            "Answer what you are asked",
            "/enablements/$enablement/answer",
            200,
            {"verdict": "accelerated", "days_low": 2, "days_high": 3, "words": "It saved us the second review."},
            (
                (403, "not-asked", "Somebody else is asked. They can hand the question on to you on its page."),
                (409, "not-open", "It was answered, withdrawn, or not answered in time."),
                (422, "bad-days", "Days are negative, reversed, or over the horizon of 90 working days."),
                UNKNOWN,
            ),
            "A token of the person asked answers, whatever product it is for; “no” and “unknown” are answers, too.",
        ),
    },
)
CREDITED = Resource(
    "credit",
    "Credit",
    "Two figures that are never mixed. Credited: a share of measured effects, by a rule under which nothing is counted twice; within one KPI it "
    "may be added up. Assisted: the whole effects of releases that a product helped; they are never added up. The rule is an accounting "
    "convention: the causal part is the effect and its interval alone.",
    {
        "list_credit": Example(
            "List what products are credited with",
            "/credit?product=$product&limit=1",
            refusals=(BAD_PARAMETER,),
            note="Amounts are in the KPI’s own unit. “n” counts the product’s own releases with an effect; “own_effect” is null where it has none.",
        ),
        "list_credit_splits": Example(
            "List whose work releases were", "/credit/splits?product=$product&limit=1", refusals=(BAD_PARAMETER,)
        ),
        "list_credit_totals": Example(
            "Add credit up",
            "/credit/totals?team=$team&limit=1",
            refusals=(BAD_PARAMETER,),
            note="Each KPI and quarter by itself; without “team” the whole company, whose credit is all measured effects.",
        ),
        "list_assisted": Example(
            "List what a product assisted",
            "/assisted?product=$internal&limit=1",
            refusals=(BAD_PARAMETER,),
            note="Each effect is whole, and every helper sees the same one: never add them up.",
        ),
    },
)
