# The other way of hearing of ends: the log of all executions, which goes to a Kinesis stream.  Only with
# var.events_stream_arn; `wfm log-group check` compares.

locals {
  logs       = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${local.account}"
  log_groups = var.events_stream_arn == "" ? [] : ["/aws/vendedlogs/states/${var.prefix}"]
  log_environment = var.events_stream_arn == "" ? {} : {
    AWS_SFN_EXECUTION_EVENTS_STREAM_ARN = var.events_stream_arn
    AWS_IAM_CWLOGS_TO_KINESIS_ROLE_ARN  = aws_iam_role.logs_to_stream[0].arn
    WFM_EXECUTION_LOG_GROUP             = local.log_groups[0]
  }
}

resource "aws_cloudwatch_log_group" "executions" {
  count             = length(local.log_groups)
  name              = local.log_groups[count.index]
  retention_in_days = 7
  tags              = var.tags
}

resource "aws_cloudwatch_log_subscription_filter" "to_stream" {
  count           = length(local.log_groups)
  name            = "to-kinesis"
  log_group_name  = aws_cloudwatch_log_group.executions[count.index].name
  filter_pattern  = ""
  destination_arn = var.events_stream_arn
  role_arn        = aws_iam_role.logs_to_stream[count.index].arn
  distribution    = "ByLogStream"
}

resource "aws_iam_role" "logs_to_stream" {
  count              = length(local.log_groups)
  name               = "${var.prefix}-logs-to-stream"
  assume_role_policy = data.aws_iam_policy_document.by_logs.json
  tags               = var.tags
}

data "aws_iam_policy_document" "by_logs" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["logs.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role_policy" "logs_to_stream" {
  count  = length(local.log_groups)
  name   = "stream"
  role   = aws_iam_role.logs_to_stream[count.index].id
  policy = data.aws_iam_policy_document.to_stream.json
}

data "aws_iam_policy_document" "to_stream" {
  statement {
    actions   = ["kinesis:PutRecord", "kinesis:PutRecords"]
    resources = [var.events_stream_arn]
  }
}

# It is the state machines' role that sets up the delivery of their logs.

resource "aws_iam_role_policy" "machines_log" {
  count  = length(local.log_groups)
  name   = "log"
  role   = aws_iam_role.machines.id
  policy = data.aws_iam_policy_document.log.json
}

data "aws_iam_policy_document" "log" {
  statement {
    # AWS knows no narrower resource for these.
    resources = ["*"]
    actions = [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ]
  }
}
