"""What template.yaml's policies allow, and the calls on record that need each of their statements.

template.py    the statements of the template, with the logical ids of its resources for their names
record.py      calls.json: what functions and services did in tests that ran the stack with permissions enforced
outcome.py     whether a test passed: only then what it did is checked or written
decision.py    whether the policies allow the calls on record, and if not, which statement did
"""
