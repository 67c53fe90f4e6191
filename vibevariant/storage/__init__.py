"""All SQL: rows in, domain types out."""
