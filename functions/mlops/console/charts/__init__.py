"""Small pictures of the console; the large ones are those of monitoring's report.

spark.py          a figure or a count over time, in a line's room
events.py         which version served, which were made, datasets and incidents, over time
distribution.py   a column's training rows
lineage.py        datasets, their versions, and what serves
intervals.py      a metric's intervals of two versions on one scale
contributions.py  what moved a prediction, a bar a column
"""
