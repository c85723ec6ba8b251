# Status changes of executions, from EventBridge to the queue that `wfm consume` reads.

resource "aws_sqs_queue" "given_up" {
  name                      = "${var.prefix}-execution-events-given-up"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue" "events" {
  name                       = "${var.prefix}-execution-events"
  visibility_timeout_seconds = 120
  message_retention_seconds  = 345600
  sqs_managed_sse_enabled    = true
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.given_up.arn
    maxReceiveCount     = 20
  })
}

resource "aws_cloudwatch_event_rule" "status_changes" {
  name = "${var.prefix}-execution-events"
  tags = var.tags

  event_pattern = jsonencode({
    source        = ["aws.states"]
    "detail-type" = ["Step Functions Execution Status Change"]
    detail = {
      stateMachineArn = [for namespace in var.namespaces : { wildcard = "${local.states}:stateMachine:${namespace}--*" }]
    }
  })
}

resource "aws_cloudwatch_event_target" "queue" {
  rule = aws_cloudwatch_event_rule.status_changes.name
  arn  = aws_sqs_queue.events.arn
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy    = data.aws_iam_policy_document.to_queue.json
}

data "aws_iam_policy_document" "to_queue" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.events.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.status_changes.arn]
    }
  }
}
