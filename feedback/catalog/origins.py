"""Where entries that pmtrack itself takes in say that they come from."""

# A reply to an announcement; the entry's id there is that of the copy.
ANNOUNCEMENT_REPLIES = "pmtrack announcement"
