"""The benchmarks: requests a second of the appliance, beside a bare Sanic echo in the same run. `python -m bench`."""
