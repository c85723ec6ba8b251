"""What Step Functions tells of executions, brought to the records of workflows.

Events may come late, twice and in any order: a terminal status never moves, so it does not matter.
"""
