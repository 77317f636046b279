"""Examples of what was heard, understood and is being built."""

from pmtrack.reference.example import BAD_PARAMETER, KEY_REUSED, OUT_OF_REACH, UNKNOWN, Example, Resource

HEARD = (
    Resource(
        "feedback",
        "Feedback",
        "What somebody told you. A voice is a colleague by mail address or, for external products, an account via a "
        "colleague. Never send names, addresses or numbers of people outside the company.",
        {
            "log_feedback": Example(
                "Log one thing that was heard",
                "/feedback",
                201,
                {
                    "source": "helpdesk",
                    "source_id": "$product/$yesterday/981",
                    "product": "$product",
                    "channel": "ticket",
                    "received_at": "$instant",
                    "text": "The saved address offers the wrong depot.",
                    "voice": {"colleague": "$mail"},
                },
                (
                    (422, "bad-feedback", "A voice or an instant does not fit; the words say which."),
                    KEY_REUSED,
                    OUT_OF_REACH,
                ),
                "201 new; 200 for an entry that was sent before, with the header Idempotent-Replayed: true.",
            ),
            "log_feedback_entries": Example(
                "Log many at once",
                "/feedback:batch",
                200,
                {
                    "entries": [
                        {
                            "source": "helpdesk",
                            "source_id": "$product/$yesterday/982",
                            "product": "$product",
                            "received_at": "$instant",
                            "text": "Two cost centres on one shipment are not possible.",
                        }
                    ],
                    "atomic": True,
                },
                (KEY_REUSED, OUT_OF_REACH),
            ),
            "list_feedback": Example(
                "List feedback",
                "/feedback?product=$product&limit=1",
                refusals=(BAD_PARAMETER,),
                note="Voices are counted for everybody; accounts are named only to those who may see them.",
            ),
            "read_feedback": Example(
                "Read one entry",
                "/feedback/$entry",
                refusals=(UNKNOWN,),
                note="An entry that was merged or withdrawn stays and says so in “state”.",
            ),
            "list_voices": Example(
                "List the voices behind an entry",
                "/feedback/$entry/voices?limit=2",
                refusals=(UNKNOWN, BAD_PARAMETER),
                note="With those of entries merged into it. Customers are left out where the caller may not know them.",
            ),
        },
    ),
    Resource(
        "diagnoses",
        "Diagnoses",
        "What people were trying to do and what gets in the way, made of feedback, and what was decided about it.",
        {
            "list_diagnoses": Example(
                "List diagnoses", "/diagnoses?product=$product&limit=1", refusals=(BAD_PARAMETER,)
            ),
            "read_diagnosis": Example("Read one diagnosis", "/diagnoses/$diagnosis", refusals=(UNKNOWN,)),
        },
    ),
    Resource(
        "features",
        "Features",
        "What is built because of diagnoses: where it is, every move with its time, and how long answers to design "
        "questions took.",
        {
            "list_features": Example("List features", "/features?product=$product&limit=1", refusals=(BAD_PARAMETER,)),
            "read_feature": Example("Read one feature", "/features/$feature", refusals=(UNKNOWN,)),
        },
    ),
)
