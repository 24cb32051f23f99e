"""REST APIs of API Gateway: their API, and the server of each."""
