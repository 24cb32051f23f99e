"""What users do with what a recommender recommends: a day's facts, whether there are too few clicks, and incidents.

look.py       a day's records → facts, and the test
day.py        recommendation records and events → tables, each record and event once
responses.py  the tables → shares of answers with a click, by version, position and basis
catalog.py    which items were recommended
feedback.py   what became of a day's events, and when they came
share.py      shares of answers, of which a user has several
click_test.py whether a day has fewer clicks than the days before
incidents.py  when an incident opens, and when it's over
messages.py   what people are told of it
headline.py   the day in one sentence, and what to do
charts.py     pictures
page.py       a day's report as a page
"""
