"""Answers and records of large batches, written as text."""
