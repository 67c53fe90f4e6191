"""What an experiment is and does: pure domain, no I/O, no `await`."""
