"""What lets a new version of the API's code have traffic: requests before it has any, and a look at its canary after.

hook.py       CodeDeploy's lifecycle events, and the answer to each
checks.py     requests to a version that isn't served yet
check_key.py  the key that they have
traffic.py    requests and failures of a version during its canary, and how sure one can be of it
"""
