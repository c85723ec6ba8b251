data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  states  = "arn:${data.aws_partition.current.partition}:states:${data.aws_region.current.name}:${local.account}"
  tables = [
    aws_dynamodb_table.versions.arn,
    aws_dynamodb_table.latest.arn,
    aws_dynamodb_table.workflows.arn,
    aws_dynamodb_table.resources.arn,
    aws_dynamodb_table.agenda.arn,
  ]
}

# What state machines run under: AWS_SFN_ROLE_ARN.

resource "aws_iam_role" "machines" {
  name               = "${var.prefix}-state-machines"
  assume_role_policy = data.aws_iam_policy_document.by_step_functions.json
  tags               = var.tags
}

data "aws_iam_policy_document" "by_step_functions" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role_policy" "machines" {
  count  = var.machine_policy == "" ? 0 : 1
  role   = aws_iam_role.machines.id
  policy = var.machine_policy
}

# For the server, `wfm consume` and workers; attach them to what these run as.

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
    sid       = "Readiness"
    resources = ["*"]
    actions   = ["states:ListStateMachines"]
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
    sid       = "Records"
    resources = concat(local.tables, [
      "${aws_dynamodb_table.workflows.arn}/index/*",
      "${aws_dynamodb_table.agenda.arn}/index/*",
    ])
    actions = [
      "dynamodb:DeleteItem",
      "dynamodb:DescribeTable",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ]
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
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
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
}
