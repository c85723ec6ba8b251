"""The store on DynamoDB, in the tables of the original service.

Layout: spec section 7.2.  What the original wrote can be read; what is written here keeps to the
same shape, so that both can work on the same tables while a team moves over.
"""

from workflow_manager.store.dynamodb.store import DynamoDBStore

__all__ = ["DynamoDBStore"]
