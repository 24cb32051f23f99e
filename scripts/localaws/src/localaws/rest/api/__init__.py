"""The operations of API Gateway's REST API."""
