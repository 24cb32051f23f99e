"""CloudFormation: stacks and change sets that create, update, roll back and delete resources."""
