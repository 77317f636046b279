"""Reads tables of days that people upload: bytes to text, text to rows, rows to days and numbers. No Django, no clock, no database."""
