"""The benchmarks: requests a second of the appliance, beside a bare Sanic echo in the same run. `python -m bench`."""

import os

# As the command line has it, and before anything loads numpy: small matrices are not for threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
