"""How good a model's answers are.

A metric prepared on rows is a function of row weights: all ones give the metric, a resample's counts give its
bootstrap replicate, and thousands of resamples are a few matrix products.
"""
