"""VibeVariant: experiments that assign, count and decide, in one process on your own machine."""

__version__ = "0.1.0"
