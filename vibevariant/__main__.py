"""`python -m vibevariant` is the same as `vibevariant`."""

from vibevariant.cli import main

if __name__ == "__main__":
    main(prog_name="vibevariant")
