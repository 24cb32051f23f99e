"""Incidents: from facts to the next state, without input or output.

rules.py        an incident opens, is followed, and drift is announced
loss_alarm.py   which loss of a day counts
recovery.py     when a model is well again
transitions.py  the steps that an incident takes
champion.py     the version that served
messages.py     what people are told
"""
