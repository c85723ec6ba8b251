"""Workflows in the Amazon States Language, run on a durable engine or on AWS Step Functions."""
