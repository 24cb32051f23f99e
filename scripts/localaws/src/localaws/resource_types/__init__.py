"""CloudFormation resource types, one file per service; `registry` lists them."""
