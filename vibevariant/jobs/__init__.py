"""What happens by itself: refreshing posteriors and allocations, loading the examples."""
