"""Measures what the issue promises: ratios in one run on this machine, medians of interleaved repeats."""
