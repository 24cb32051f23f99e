"""CloudWatch metrics and alarms that answer truly, put into moto: what's stored is aggregated and watched."""
