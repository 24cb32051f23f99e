"""Whether a version has become worse than its margin allows, with few false alarms however often one looks.

sequential.py   the test: evidence that grows with each look
row_losses.py   a metric as a mean over single rows, where it is one
trained.py      a metric on the rows that were held out at training, and the margin
realised.py     the test on rows with truth
estimated.py    the test on estimates, where there's no truth

Both tests of a version together alarm falsely with a chance of at most 5 %; each has half of that.
"""
