"""Workflow definitions, workflows and jobs, and the names they have on Step Functions."""
