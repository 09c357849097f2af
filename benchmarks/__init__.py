"""Speed and memory of the platform as ratios within one run: `python -m benchmarks`."""
