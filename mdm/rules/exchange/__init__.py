"""Rules about how facts go out and are compared: jobs, retries, echoes, drift, event types."""
