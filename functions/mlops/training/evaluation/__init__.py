"""How good a model is: metrics, intervals, slices, and the comparison with the champion."""
