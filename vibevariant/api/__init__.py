"""The HTTP doors: parse, authorise, one call into the rooms below, reply."""
