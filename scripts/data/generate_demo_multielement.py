"""Writes demo data: 10,000 visitors see one of nine combinations of CTA button and hero copy.

python scripts/data/generate_demo_multielement.py [--out DIR] [--seed N] …    (all options: `vibevariant simulate --help`)

In truth CTA-B is the best button with Copy-Y, and the worst with any other copy. The counts go into matrix.csv, the true
rates, which nothing that counts is told, into metadata.json.
"""

import sys

from vibevariant.cli import main

if __name__ == "__main__":
    main(["simulate", "--scenario", "multi-element", *sys.argv[1:]], prog_name="generate_demo_multielement")
