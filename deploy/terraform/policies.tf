# For the server, `wfm consume`, workers, and whoever runs `wfm tables` and `wfm log-group`: attach them to
# what these run as.

resource "aws_iam_policy" "server" {
  name   = "${var.prefix}-server"
  policy = data.aws_iam_policy_document.server.json
  tags   = var.tags
}

data "aws_iam_policy_document" "server" {
  statement {
    sid       = "Machines"
    resources = [for namespace in var.namespaces : "${local.states}:stateMachine:${namespace}--*"]
    actions = [
      "states:CreateStateMachine",
      "states:DescribeStateMachine",
      "states:ListTagsForResource",
      "states:StartExecution",
      "states:TagResource",
      "states:UpdateStateMachine",
    ]
  }
  statement {
    sid       = "Executions"
    resources = [for namespace in var.namespaces : "${local.states}:execution:${namespace}--*:*"]
    actions   = ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"]
  }
  statement {
    sid       = "Activities"
    resources = [for namespace in var.namespaces : "${local.states}:activity:${namespace}--*"]
    actions   = ["states:CreateActivity"]
  }
  statement {
    sid       = "Lists"
    resources = ["*"]
    actions   = ["states:ListActivities", "states:ListStateMachines"]
  }
  statement {
    sid       = "MachinesRunAs"
    resources = [aws_iam_role.machines.arn]
    actions   = ["iam:PassRole"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["states.amazonaws.com"]
    }
  }
  statement {
    sid       = "Versions"
    resources = [aws_dynamodb_table.versions.arn]
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
  }
  statement {
    sid       = "Latest"
    resources = [aws_dynamodb_table.latest.arn]
    actions   = ["dynamodb:PutItem", "dynamodb:Scan"]
  }
  statement {
    sid       = "Resources"
    resources = [aws_dynamodb_table.resources.arn]
    actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"]
  }
  statement {
    sid       = "Workflows"
    resources = [aws_dynamodb_table.workflows.arn]
    actions = [
      "dynamodb:DeleteItem",
      "dynamodb:DescribeTable",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
    ]
  }
  statement {
    sid       = "Agenda"
    resources = [aws_dynamodb_table.agenda.arn]
    actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
  }
  statement {
    sid       = "Listings"
    resources = ["${aws_dynamodb_table.workflows.arn}/index/*", "${aws_dynamodb_table.agenda.arn}/index/*"]
    actions   = ["dynamodb:Query"]
  }
}

resource "aws_iam_policy" "consumer" {
  name   = "${var.prefix}-consumer"
  policy = data.aws_iam_policy_document.consumer.json
  tags   = var.tags
}

data "aws_iam_policy_document" "consumer" {
  statement {
    sid       = "Queue"
    resources = [aws_sqs_queue.events.arn]
    actions   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
  }
  statement {
    sid       = "Executions"
    resources = [for namespace in var.namespaces : "${local.states}:execution:${namespace}--*:*"]
    actions   = ["states:DescribeExecution", "states:GetExecutionHistory"]
  }
  statement {
    sid       = "Records"
    resources = [aws_dynamodb_table.workflows.arn]
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
  }
  statement {
    sid       = "Webhooks"
    resources = [aws_dynamodb_table.agenda.arn]
    actions   = ["dynamodb:PutItem", "dynamodb:Query"]
  }
}

resource "aws_iam_policy" "worker" {
  name   = "${var.prefix}-worker"
  policy = data.aws_iam_policy_document.worker.json
  tags   = var.tags
}

data "aws_iam_policy_document" "worker" {
  statement {
    sid       = "Tasks"
    resources = [for namespace in var.namespaces : "${local.states}:activity:${namespace}--*"]
    actions   = ["states:CreateActivity", "states:GetActivityTask", "states:TagResource"]
  }
  # A task is named by its token alone.
  statement {
    sid       = "Results"
    resources = ["*"]
    actions   = ["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"]
  }
  # Only with --cloudwatch-region.
  statement {
    sid       = "Metric"
    resources = ["*"]
    actions   = ["cloudwatch:PutMetricData"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["StatesCustom"]
    }
  }
}

resource "aws_iam_policy" "upkeep" {
  name   = "${var.prefix}-upkeep"
  policy = data.aws_iam_policy_document.upkeep.json
  tags   = var.tags
}

data "aws_iam_policy_document" "upkeep" {
  statement {
    sid       = "Tables"
    resources = local.tables
    actions   = ["dynamodb:CreateTable", "dynamodb:DescribeTable"]
  }
  statement {
    sid       = "Workflows"
    resources = [aws_dynamodb_table.workflows.arn]
    actions = [
      "dynamodb:DescribeTimeToLive",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
      "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive",
    ]
  }
  statement {
    sid       = "Versions"
    resources = [aws_dynamodb_table.versions.arn]
    actions   = ["dynamodb:Scan"]
  }
  statement {
    sid       = "Latest"
    resources = [aws_dynamodb_table.latest.arn]
    actions   = ["dynamodb:PutItem"]
  }
  dynamic "statement" {
    for_each = local.log_groups

    content {
      sid       = "LogGroup"
      resources = ["${local.logs}:log-group:${statement.value}", "${local.logs}:log-group:${statement.value}:*"]
      actions = [
        "logs:CreateLogGroup",
        "logs:DescribeSubscriptionFilters",
        "logs:PutRetentionPolicy",
        "logs:PutSubscriptionFilter",
        "logs:TagResource",
      ]
    }
  }
  dynamic "statement" {
    for_each = local.log_groups

    content {
      sid       = "LogGroups"
      resources = ["${local.logs}:log-group:*"]
      actions   = ["logs:DescribeLogGroups"]
    }
  }
  dynamic "statement" {
    for_each = aws_iam_role.logs_to_stream

    content {
      sid       = "LogsGoAs"
      resources = [statement.value.arn]
      actions   = ["iam:PassRole"]

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["logs.amazonaws.com"]
      }
    }
  }
}
