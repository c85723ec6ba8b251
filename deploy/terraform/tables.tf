# The same tables that `wfm tables create` makes; `wfm tables check` compares.

resource "aws_dynamodb_table" "versions" {
  name                        = "${var.prefix}-workflow-definitions"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "name"
  range_key                   = "version"
  deletion_protection_enabled = var.delete_protection
  tags                        = var.tags

  attribute {
    name = "name"
    type = "S"
  }
  attribute {
    name = "version"
    type = "N"
  }
  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table" "latest" {
  name                        = "${var.prefix}-latest-workflow-definitions"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "name"
  deletion_protection_enabled = var.delete_protection
  tags                        = var.tags

  attribute {
    name = "name"
    type = "S"
  }
}

resource "aws_dynamodb_table" "workflows" {
  name                        = "${var.prefix}-workflows"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = var.delete_protection
  tags                        = var.tags

  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "_gsi-wn"
    type = "S"
  }
  attribute {
    name = "_gsi-ca"
    type = "S"
  }
  attribute {
    name = "_gsi-st"
    type = "S"
  }
  global_secondary_index {
    name            = "workflowname-createdat"
    hash_key        = "_gsi-wn"
    range_key       = "_gsi-ca"
    projection_type = "ALL"
  }
  global_secondary_index {
    name            = "status-createdat"
    hash_key        = "_gsi-st"
    range_key       = "_gsi-ca"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = "_ttl"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table" "resources" {
  name         = "${var.prefix}-state-resources"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "name"
  range_key    = "namespace"
  tags         = var.tags

  attribute {
    name = "name"
    type = "S"
  }
  attribute {
    name = "namespace"
    type = "S"
  }
}

resource "aws_dynamodb_table" "agenda" {
  name                        = "${var.prefix}-agenda"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "kind"
  range_key                   = "id"
  deletion_protection_enabled = var.delete_protection
  tags                        = var.tags

  attribute {
    name = "kind"
    type = "S"
  }
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "due"
    type = "S"
  }
  global_secondary_index {
    name            = "kind-due"
    hash_key        = "kind"
    range_key       = "due"
    projection_type = "ALL"
  }
  point_in_time_recovery {
    enabled = true
  }
}
