"""IAM: whether a call is allowed, by the policies of who calls and of what is called.

guard.py         looks at each request, tells of missing permissions, denies
requests.py      HTTP request → actions on resources; resources.py and s3_requests.py service by service
credentials.py   whose an access key is
store.py         the policies, as moto keeps them
evaluation.py    the decision; policy.py, conditions.py, patterns.py, principals.py what it needs
denials.py       how each protocol says that access is denied
uses.py          which statements allowed which calls
report.py        what people read
"""
