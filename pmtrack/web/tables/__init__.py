"""Reads tables that people upload: bytes to text, text to rows, cells to words, days and numbers. No Django, no clock, no database."""
