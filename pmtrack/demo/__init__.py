"""Halden, a freight-booking company with both types of products: a year and more of its work, made up and repeatable."""
