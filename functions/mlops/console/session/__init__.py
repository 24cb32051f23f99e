"""Who is signed in.

session.py  the session, and its form as a signed cookie
links.py    one-time links, which sign in without a key
tables.py   DynamoDB: the secret that signs, links, ended sessions; and the API's keys
gate.py     the session of a request, and what it may do
"""
