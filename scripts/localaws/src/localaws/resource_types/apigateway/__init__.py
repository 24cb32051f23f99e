"""AWS::ApiGateway: REST APIs."""
