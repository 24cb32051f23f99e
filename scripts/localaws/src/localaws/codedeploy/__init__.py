"""CodeDeploy for Lambda: shifts the traffic of aliases over time, awaits hooks, watches alarms, rolls back."""
