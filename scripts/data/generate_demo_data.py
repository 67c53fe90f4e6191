"""Writes demo data: thousands of visitors see one of four headlines, and the winner emerges from what they do.

python scripts/data/generate_demo_data.py [--out DIR] [--seed N] [--mode earn] …    (all options: `vibevariant simulate --help`)

The counts go into matrix.csv, the truth, which nothing that counts is told, into metadata.json.
"""

import sys

from vibevariant.cli import main

if __name__ == "__main__":
    main(["simulate", "--scenario", "headline", *sys.argv[1:]], prog_name="generate_demo_data")
