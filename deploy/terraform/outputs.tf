output "environment" {
  description = "For the server, `wfm consume`, `wfm tables` and `wfm log-group`."
  value = merge(local.log_environment, {
    WFM_BACKEND                            = "aws"
    AWS_SFN_REGION                         = data.aws_region.current.name
    AWS_SFN_ACCOUNT_ID                     = local.account
    AWS_SFN_ROLE_ARN                       = aws_iam_role.machines.arn
    AWS_DYNAMO_PREFIX_WORKFLOW_DEFINITIONS = var.prefix
    AWS_DYNAMO_PREFIX_WORKFLOWS            = var.prefix
    AWS_DYNAMO_PREFIX_STATE_RESOURCES      = var.prefix
    WFM_EVENTS_QUEUE_URL                   = aws_sqs_queue.events.url
  })
}

output "policies" {
  description = "To attach to what the server, the consumer, the workers and their keepers run as."
  value = {
    server   = aws_iam_policy.server.arn
    consumer = aws_iam_policy.consumer.arn
    worker   = aws_iam_policy.worker.arn
    upkeep   = aws_iam_policy.upkeep.arn
  }
}
