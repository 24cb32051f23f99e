"""Clients that need an environment of their own: their dependencies don't go with those of this project.

environment.py  makes such an environment
kserve_v2.py    asks by KServe's client; run in its environment
generated.py    asks by a client that openapi-python-client generated; run in the generator's environment
"""
