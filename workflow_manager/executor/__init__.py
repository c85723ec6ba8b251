"""Workflows on a Step Functions client: define, start, cancel, resume, refresh.

Knows the client only as an object with boto3's methods; whether AWS or the embedded engine stands
behind it, it cannot tell.
"""
