# --- where and what ---------------------------------------------------------------------------------------------------

variable "environment_name" {
  description = "Name of the environment: a part of the resource group's name and of the token in all other names."
  type        = string

  validation {
    condition     = length(var.environment_name) >= 1 && length(var.environment_name) <= 20
    error_message = "environment_name has 1 to 20 characters."
  }
}

variable "location" {
  description = "Region of all resources; must offer Flex Consumption with Python 3.13."
  type        = string
}

variable "connector_tenant_id" {
  description = "GUID of the tenant the connector belongs to."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", var.connector_tenant_id))
    error_message = "connector_tenant_id is a GUID."
  }
}

variable "connector_app_id" {
  description = "GUID of the app registration (its application or client ID) that the connector was created with."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", var.connector_app_id))
    error_message = "connector_app_id is a GUID."
  }
}

variable "connector_job_id" {
  description = "GUID of the connector's job, copied from its page in the Purview portal."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", var.connector_job_id))
    error_message = "connector_job_id is a GUID."
  }
}

variable "connector_cloud" {
  description = "Microsoft cloud the connector runs in."
  type        = string
  default     = "commercial"

  validation {
    condition     = contains(["commercial", "gcc", "gcc-high", "dod"], var.connector_cloud)
    error_message = "connector_cloud is one of: commercial, gcc, gcc-high, dod."
  }
}

variable "connector_url" {
  description = "Address to use instead of the cloud's connector; empty for the cloud's."
  type        = string
  default     = ""
}

variable "connector_scope" {
  description = "Audience to use instead of the connector's, ending in /.default; empty for the connector's."
  type        = string
  default     = ""
}

variable "entra_authority" {
  description = "Entra ID authority to use instead of the cloud's; empty for the cloud's."
  type        = string
  default     = ""
}

variable "app_secret_name" {
  description = "Name, not value, of the secret in the vault that holds the app registration's client secret."
  type        = string
  default     = "badging-app-secret"

  validation {
    condition     = length(var.app_secret_name) >= 1 && length(var.app_secret_name) <= 127
    error_message = "app_secret_name has 1 to 127 characters."
  }
}

# --- how it works -----------------------------------------------------------------------------------------------------

variable "upload_schedule" {
  description = "When the daily sweep runs: six-field NCRONTAB, in UTC."
  type        = string
  default     = "0 30 5 * * *"
}

variable "batch_max_records" {
  description = "Most records in one request."
  type        = number
  default     = 5000

  validation {
    condition     = var.batch_max_records >= 1 && var.batch_max_records <= 50000 && floor(var.batch_max_records) == var.batch_max_records
    error_message = "batch_max_records is a whole number from 1 to 50000."
  }
}

variable "batch_max_bytes" {
  description = "Most bytes in one request."
  type        = number
  default     = 10000000

  validation {
    condition     = var.batch_max_bytes >= 1000 && var.batch_max_bytes <= 100000000 && floor(var.batch_max_bytes) == var.batch_max_bytes
    error_message = "batch_max_bytes is a whole number from 1000 to 100000000."
  }
}

variable "connector_timeout_seconds" {
  description = "How long to wait for the connector's reply, in seconds."
  type        = number
  default     = 400

  validation {
    condition     = var.connector_timeout_seconds >= 1 && var.connector_timeout_seconds <= 3600 && floor(var.connector_timeout_seconds) == var.connector_timeout_seconds
    error_message = "connector_timeout_seconds is a whole number from 1 to 3600."
  }
}

variable "retry_max_seconds" {
  description = "How long to retry within one invocation, in seconds."
  type        = number
  default     = 300

  validation {
    condition     = var.retry_max_seconds >= 0 && var.retry_max_seconds <= 3600 && floor(var.retry_max_seconds) == var.retry_max_seconds
    error_message = "retry_max_seconds is a whole number from 0 to 3600."
  }
}

variable "invocation_seconds" {
  description = "After this many seconds an invocation begins no new request."
  type        = number
  default     = 1500

  validation {
    condition     = var.invocation_seconds >= 1 && var.invocation_seconds <= 2100 && floor(var.invocation_seconds) == var.invocation_seconds
    error_message = "invocation_seconds is a whole number from 1 to 2100."
  }
}

variable "retry_days" {
  description = "How long an export that fails is tried again, in days."
  type        = number
  default     = 60

  validation {
    condition     = var.retry_days >= 1 && var.retry_days <= 390 && floor(var.retry_days) == var.retry_days
    error_message = "retry_days is a whole number from 1 to 390."
  }
}

variable "max_invalid_percent" {
  description = "Above this share of invalid records, in percent, an export is rejected whole."
  type        = number
  default     = 50

  validation {
    condition     = var.max_invalid_percent >= 0 && var.max_invalid_percent <= 100 && floor(var.max_invalid_percent) == var.max_invalid_percent
    error_message = "max_invalid_percent is a whole number from 0 to 100."
  }
}

variable "max_export_bytes" {
  description = "Largest export, packed or unpacked, in bytes."
  type        = number
  default     = 500000000

  validation {
    condition     = var.max_export_bytes >= 1 && var.max_export_bytes <= 5000000000 && floor(var.max_export_bytes) == var.max_export_bytes
    error_message = "max_export_bytes is a whole number from 1 to 5000000000."
  }
}

variable "maximum_instances" {
  description = "Most instances of the function app. Below 40 only some regions take it."
  type        = number
  default     = 40

  validation {
    condition     = var.maximum_instances >= 1 && var.maximum_instances <= 1000 && floor(var.maximum_instances) == var.maximum_instances
    error_message = "maximum_instances is a whole number from 1 to 1000."
  }
}

# --- how long things are kept -----------------------------------------------------------------------------------------

variable "export_retention_days" {
  description = "Days until an export is deleted; never less than retry_days + 7."
  type        = number
  default     = 90

  validation {
    condition     = var.export_retention_days >= 8 && var.export_retention_days <= 3650 && floor(var.export_retention_days) == var.export_retention_days
    error_message = "export_retention_days is a whole number from 8 to 3650."
  }
}

variable "rejected_retention_days" {
  description = "Days until the rejected records of an export are deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.rejected_retention_days >= 1 && var.rejected_retention_days <= 3650 && floor(var.rejected_retention_days) == var.rejected_retention_days
    error_message = "rejected_retention_days is a whole number from 1 to 3650."
  }
}

variable "outcome_retention_days" {
  description = "Days until outcomes and ledgers are deleted. A ledger that is gone no longer stops a repeat."
  type        = number
  default     = 400

  validation {
    condition     = var.outcome_retention_days >= 400 && var.outcome_retention_days <= 3650 && floor(var.outcome_retention_days) == var.outcome_retention_days
    error_message = "outcome_retention_days is a whole number from 400 to 3650."
  }
}

variable "log_retention_days" {
  description = "Days that logs and metrics are kept; of no effect on an existing workspace."
  type        = number
  default     = 90

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "log_retention_days is a whole number from 30 to 730."
  }
}

# --- who is told, and who may do what ---------------------------------------------------------------------------------

variable "alert_email" {
  description = "Address that alerts are mailed to; empty for none."
  type        = string
  default     = ""
}

variable "rejected_percent" {
  description = "Alert above this share of rejected and refused records over a day, in percent."
  type        = number
  default     = 5

  validation {
    condition     = var.rejected_percent >= 0 && var.rejected_percent <= 100 && floor(var.rejected_percent) == var.rejected_percent
    error_message = "rejected_percent is a whole number from 0 to 100."
  }
}

variable "no_records_hours" {
  description = "Alert when no record was sent for this many hours; 0 switches the alert off."
  type        = number
  default     = 26

  validation {
    condition     = var.no_records_hours >= 0 && var.no_records_hours <= 744 && floor(var.no_records_hours) == var.no_records_hours
    error_message = "no_records_hours is a whole number from 0 to 744."
  }
}

variable "exporter_object_id" {
  description = "Object ID of the badging system's identity: may create and write exports, not read them; empty for none."
  type        = string
  default     = ""
}

variable "readers_object_id" {
  description = "Object ID of a person or group that may read outcomes and rejected records; empty for none."
  type        = string
  default     = ""
}

variable "operators_object_id" {
  description = "Object ID of a person or group that looks after all of it: drops and reads exports, has them looked at again, empties the poison queue, sets the secret; empty for none."
  type        = string
  default     = ""
}

# --- the data account and the network ---------------------------------------------------------------------------------

variable "storage_sku" {
  description = "Redundancy of the data account."
  type        = string
  default     = "Standard_ZRS"

  validation {
    condition     = contains(["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_GZRS"], var.storage_sku)
    error_message = "storage_sku is one of: Standard_LRS, Standard_ZRS, Standard_GRS, Standard_GZRS."
  }
}

variable "sftp_enabled" {
  description = "Lets exports arrive by SFTP. Only for a new data account; such an account keeps no blob versions."
  type        = bool
  default     = false
}

variable "sftp_public_key" {
  description = "Public key of the SFTP user \"exporter\", as it stands in an .pub file; empty for no user."
  type        = string
  default     = ""
}

variable "private_networking" {
  description = "VNet, private endpoints, one fixed outbound address; no public access to storage and vault."
  type        = bool
  default     = false
}

variable "allowed_ip_addresses" {
  description = "Public IPv4 addresses or ranges, comma-separated, that still reach the data account and the vault when private_networking is on."
  type        = string
  default     = ""
}

# --- what is there already --------------------------------------------------------------------------------------------

variable "existing_workspace_id" {
  description = "Resource ID of a Log Analytics workspace to use; empty to make one."
  type        = string
  default     = ""
}

variable "existing_vault_id" {
  description = "Resource ID of a Key Vault to use, in RBAC mode; empty to make one."
  type        = string
  default     = ""
}

variable "existing_system_topic_name" {
  description = "Name of the system topic the data account has already, in the same resource group, with a system-assigned identity; empty to make one."
  type        = string
  default     = ""
}
