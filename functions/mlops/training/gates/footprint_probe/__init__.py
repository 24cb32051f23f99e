"""What a compiled model takes of time and memory, measured in a process of its own.

measure.py  starts the process and reads what it found
probe.py    the process: no import but what serving has
"""
