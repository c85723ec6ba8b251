"""Takes tasks from a Step Functions client, runs them, keeps them alive and reports."""
