"""What a version of a recommender would have earned, by answers of other versions that explored.

replay.py   a version that answers as it would have when the request came
shown.py    the answers of a stretch and the clicks on them, and what users did before
compare.py  two versions' clicks by place, with intervals
"""
