"""The API in a server of its own, as a container runs it, with limits that API Gateway and Lambda have on AWS.

command.py          the flags of `python serve.py`
settings.py         addresses and limits, typed, from the environment
server.py           Uvicorn with these limits, in one process or several
protocol.py         the limits of a connection: how many, and how long headers, body and answer may take
bytes_in_flight.py  the limit on the bytes of all requests that are being read
refusals.py         the answers to what is beyond a limit, their log lines and metrics
"""
