"""Amazon States Language: validation, JSONPath, JSONata, and the flow of data through a state.

https://states-language.net and https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""
