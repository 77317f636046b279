"""A corpus of nasty requests: what broken, careless and hostile clients send. Data only."""

import json
from collections.abc import Iterator
from typing import Any

EVENT = {
    "source": "ci",
    "event_id": "e-1",
    "product": "checkout",
    "version": "1.0",
    "kind": "exposed",
    "occurred_at": "2026-06-01T09:30:00Z",
}
READINGS = {"source": "erp", "readings": [{"day": "2026-06-01", "value": 1}]}
USAGE_ROW = {"product": "switchyard", "team": "booking", "week": "2026-06-08", "active_users": 1, "eligible_users": 2}
USAGE = {"source": "logs", "rows": [USAGE_ROW]}
FEEDBACK = {
    "source": "desk",
    "source_id": "t-1",
    "text": "The wrong depot is offered.",
    "product": "checkout",
    "received_at": "2026-06-01T09:30:00Z",
}
# Where each body goes, the field to spoil in it, and how many levels deep it sits in a list.
CALLS: dict[str, dict[str, Any]] = {
    "release-events": EVENT,
    "release-events:batch": {"events": [EVENT]},
    "kpis/revenue/readings:batch": READINGS,
    "usage:batch": USAGE,
    "feedback": FEEDBACK,
    "feedback:batch": {"entries": [FEEDBACK]},
}
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b"   ",
    "not json": b"hello",
    "half an object": b'{"source": "ci"',
    "two documents": b"{} {}",
    "an array": b"[]",
    "null": b"null",
    "a number": b"7",
    "a text": b'"x"',
    "nan": b'{"source": NaN}',
    "infinity": b'{"source": -Infinity}',
    "a duplicate key": b'{"source": "a", "source": "b"}',
    "latin-1": '{"source": "Müller"}'.encode("latin-1"),
    "utf-16": '{"source": "x"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "raw nul": b'{"source": "a\x00b"}',
    "escaped nul": b'{"source": "a\\u0000b"}',
    "half a surrogate pair": b'{"source": "\\ud800"}',
    "the other half": b'{"source": "\\udc00x"}',
    "deep arrays": b"[" * 5000 + b"]" * 5000,
    "deep objects": b'{"a":' * 100 + b"1" + b"}" * 100,
    "a very long number": b'{"source": ' + b"9" * 5000 + b"}",
    "a huge exponent": b'{"source": 1e99999}',
    "a trailing comma": b'{"source": "a",}',
    "a comment": b'{"source": "a" /* x */}',
    "single quotes": b"{'source': 'a'}",
    "a form": b"source=ci&event_id=1",
}
# What to put where a sound value stood.
VALUES: dict[str, Any] = {
    "null": None,
    "an empty text": "",
    "blanks": "   ",
    "a long text": "x" * 100_000,
    "a negative number": -1,
    "a huge number": 10**30,
    "a fraction": 1.5,
    "true": True,
    "a list": [],
    "an object": {"a": 1},
    "control characters": "a\x01\x1f\x7fb",
    "a path": "../../etc/passwd",
    "sql": "'; DROP TABLE products_product; --",
    "script": "<script>alert(1)</script>",
    "an emoji": "🚀" * 50,
}
FIELDS = {
    "release-events": ("source", "event_id", "product", "version", "kind", "occurred_at"),
    "feedback": ("source_id", "text", "product", "received_at"),
}
QUERIES = (
    "releases?limit=0",
    "releases?limit=201",
    "releases?limit=abc",
    "releases?limit=1&limit=2",
    "releases?limit=%F0%9F%9A%80",
    "releases?cursor=AAAA",
    "releases?cursor=%00",
    "releases?cursor=WyJhIl0",
    "releases?cursor=" + "9" * 400,
    "releases?cursor=MTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw",
    "releases?since=yesterday",
    "releases?since=2026-06-01",
    "releases?since=9999-99-99T00:00:00Z",
    "releases?state=broken",
    "releases?colour=red",
    "releases/R-999999999999999999",
    "releases/R-0",
    "releases/1",
    "products?type=X",
    "products?cursor=MQ",
    "products/no-such-product",
    "products/%00",
    "kpis?cursor=MQ",
    "kpis/nothing",
    "kpis/revenue/readings?since=2026-13-01",
    "kpis/revenue/readings?until=%27",
    "kpis/revenue/readings?cursor=Ijk5OTk5OTk5Ig",
    "kpis/revenue/readings?cursor=OTk5OTk5OTk5OTk5OTk",
    "usage?cursor=MQ",
    "usage?since=2026-W99",
    "usage?product=checkout&before=x",
    "feedback?since=x",
    "feedback?cursor=bnVsbA",
    "feedback?state=lost",
    "feedback/FB-0",
    "feedback/FB-999999999999999999",
    "feedback/FB-9999999999999999999",
    "feedback/412",
    "feedback/FB-1/voices?cursor=Ijk5Ig",
    "feedback/FB-999999999999999999/voices",
    "diagnoses?state=%00",
    "diagnoses?since=2026-06-01",
    "diagnoses/D-999999999999999999",
    "diagnoses/D-x",
    "features?state=done",
    "features?limit=-1",
    "features?cursor=WyJhIl0",
    "features/W-999999999999999999",
    "features/w-1",
    "nowhere",
    "release-events",
    "..%2f..%2fadmin",
)


def spoiled() -> Iterator[tuple[str, str, bytes]]:
    """(name, path, body) of every nasty post."""
    for path in CALLS:
        for name, body in BODIES.items():
            yield f"{path}: {name}", path, body
    for path, fields in FIELDS.items():
        for field in fields:
            for name, value in VALUES.items():
                body = json.dumps({**CALLS[path], field: value}).encode()
                yield f"{path}.{field}: {name}", path, body
