"""The whole of pmtrack on real processes that are killed, frozen and emptied while clients write: for the tests and for B10."""
