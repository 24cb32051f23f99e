"""Gates of every kind of model: as good as the champion, and small and fast enough.

champion.py           the model is as good as the champion and the best earlier version, and worse on no slice
footprint.py          the compiled model is small and fast enough
footprint_process.py  the process that measures that
"""
