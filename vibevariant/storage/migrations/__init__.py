"""Numbered migrations; one file, one transaction, one record. A released one is never edited."""
