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
  name   = "work"
  role   = aws_iam_role.machines.id
  policy = var.machine_policy
}
