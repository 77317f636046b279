"""Who may do what, route by route: the table in table.txt and the checks that keep it true."""
