"""The API's documentation, and the metadata of its models.

routes.py    /openapi.json and /docs
document.py  the OpenAPI document
page.py      the interactive page and what it loads
answers.py   documents that are kept for a while, with their ETags
models.py    /models: model metadata from the registry
"""
