"""CloudFormation resource types, one file a service; `registry` finds the one that a template names."""
