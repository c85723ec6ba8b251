"""The services that Task states call: AWS's own through boto3, and functions on this machine."""
