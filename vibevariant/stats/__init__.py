"""Counts in, named results out: the statistics of an experiment, with no clock, no input and no output."""
