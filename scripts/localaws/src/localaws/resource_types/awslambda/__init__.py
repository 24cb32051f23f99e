"""AWS::Lambda."""
