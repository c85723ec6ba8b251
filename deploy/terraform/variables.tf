variable "prefix" {
  description = "Begins the names of the tables, the queue and the roles."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,32}$", var.prefix))
    error_message = "The prefix has 1 to 32 letters, digits, underscores, dots and dashes."
  }
}

variable "namespaces" {
  description = "The namespaces that workflows may have; state machines and activities are named after them."
  type        = list(string)
  default     = ["*"]
}

variable "machine_policy" {
  description = "Policy document (JSON) of what state machines may do, such as invoking functions; empty for activities only."
  type        = string
  default     = ""
}

variable "events_stream_arn" {
  description = "Kinesis stream for the executions' logs, where the queue is not enough; empty for none."
  type        = string
  default     = ""
}

variable "delete_protection" {
  description = "Whether the tables of definitions and workflows resist deletion."
  type        = bool
  default     = true
}

variable "tags" {
  description = "On everything."
  type        = map(string)
  default     = {}
}
