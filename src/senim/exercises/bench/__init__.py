"""Benchmarks: how fast the house is, measured from outside, with the aims it is held against.

They report; they never fail for being slow. The workload is fixed here and nowhere else.
"""
