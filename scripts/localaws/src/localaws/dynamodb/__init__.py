"""DynamoDB: checks of requests that moto accepts, but DynamoDB refuses."""
