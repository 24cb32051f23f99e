"""The console: pages that show what the registry, monitoring and metrics know, and forms that move aliases.

session/    who is signed in: one-time links, keys, the signed cookie, forms' tokens
readers/    what pages show, read from the buckets and CloudWatch, kept for seconds
pages/      one file a page, and the actions
templates/  the pages' HTML
navigation.py  the links between pages: a new page is an entry there
static/     style sheet and scripts, served from here: no page loads anything from another host
"""
