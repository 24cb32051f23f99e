"""AWS::ApiGatewayV2."""
