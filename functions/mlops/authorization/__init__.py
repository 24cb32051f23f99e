"""Who may do what through the API: keys and tokens, their scopes, and the decision about a request.

check.py decides; table.py and jwks.py read what it needs from outside. Both AuthorizeFunction and the application use
it, and nothing here is slow to import.
"""
