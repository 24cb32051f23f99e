"""PartiQL for DynamoDB: statements become requests of the API, which run as such requests do.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
"""
