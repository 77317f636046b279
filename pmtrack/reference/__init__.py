"""The reference of the REST API: the page at /api/docs/, made from the schema and from examples that a test runs."""
